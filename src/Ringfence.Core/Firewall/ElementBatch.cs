using Ringfence.Core.Events;

namespace Ringfence.Core.Firewall;

internal enum ElementVerb : byte
{
    /// <summary>Adds; the kernel refuses (EEXIST) if it is there already.</summary>
    Add,

    /// <summary>Adds, or gives what is there the new end. Before Linux 6.12 the kernel silently kept the old end.</summary>
    Ensure,

    /// <summary>Deletes; the kernel refuses (ENOENT) if it is not there.</summary>
    Delete,
}

/// <summary>One change to one set.</summary>
/// <param name="Last">For hosts the same as <paramref name="First"/>.</param>
/// <param name="Milliseconds">How long the kernel keeps it; 0: for ever.</param>
internal readonly record struct ElementChange(BanSet Set, ElementVerb Verb, Address First, Address Last, ulong Milliseconds);

/// <summary>A transaction as netlink bytes: the kernel does all of it or nothing.</summary>
/// <remarks>Its last message asks for an acknowledgement and not the batch's end, which kernels before 6.10 leave unanswered.</remarks>
/// <param name="table">Whose sets they are; null: those of bans.</param>
internal sealed class ElementBatch(byte[]? table = null)
{
    /// <summary>The most that one change takes: headers 20, table 16, set 20, list 4, two IPv6 elements with end mark and timeout 84.</summary>
    public const int MaxChangeBytes = 144;

    // An attribute's length is 16 bits wide, and a v6 element with its timeout takes 40 bytes: 1,500 stay below.
    private const int MaxElementsPerMessage = 1500;

    private readonly NetlinkWriter _writer = new();
    private uint _next;
    private BanSet _openSet;
    private int _openElements;
    private int _list;
    private bool _isOpen;

    public ReadOnlyMemory<byte> Bytes => _writer.Written;

    public int Length => _writer.Length;

    /// <summary>The number of the batch's opening message: errors about the whole carry it.</summary>
    public uint FirstSequence { get; private set; }

    /// <summary>The number of the last change's message, which the kernel acknowledges.</summary>
    public uint LastSequence { get; private set; }

    public void Begin(uint firstSequence)
    {
        _writer.Clear();
        FirstSequence = firstSequence;
        _next = firstSequence;
        _writer.BeginMessage(NftProtocol.BatchBegin, NftProtocol.FlagRequest, _next++, family: 0, resource: NftProtocol.Subsystem);
        _writer.EndMessage();
    }

    /// <summary>One change as one message, so that the kernel's refusal names it: change i has number first + 1 + i.</summary>
    /// <param name="isLast">The batch's last: asks for the acknowledgement.</param>
    public void Write(ElementChange change, bool isLast)
    {
        OpenMessage(change.Set, change.Verb, isLast);
        WriteElements(change.Set, change.Verb, change.First, change.Last, change.Milliseconds);
        CloseMessage();
    }

    /// <summary>Ensures a host, many to a message: a refusal does not tell which.</summary>
    public void EnsureHost(BanSet set, Address host, ulong milliseconds)
    {
        if (_isOpen && (_openSet != set || _openElements >= MaxElementsPerMessage))
        {
            CloseMessage();
        }

        if (!_isOpen)
        {
            // Each asks for an acknowledgement: which one will be the last is not known yet.
            OpenMessage(set, ElementVerb.Ensure, acknowledge: true);
        }

        WriteElements(set, ElementVerb.Ensure, host, host, milliseconds);
        _openElements++;
    }

    public void End()
    {
        if (_isOpen)
        {
            CloseMessage();
        }

        _writer.BeginMessage(NftProtocol.BatchEnd, NftProtocol.FlagRequest, _next, family: 0, resource: NftProtocol.Subsystem);
        _writer.EndMessage();
    }

    private void OpenMessage(BanSet set, ElementVerb verb, bool acknowledge)
    {
        var (type, flags) = verb switch
        {
            ElementVerb.Add => (NftProtocol.NewElement, (ushort)(NftProtocol.FlagCreate | NftProtocol.FlagExclusive)),
            ElementVerb.Ensure => (NftProtocol.NewElement, NftProtocol.FlagCreate),
            ElementVerb.Delete => (NftProtocol.DeleteElement, (ushort)0),
            _ => throw new ArgumentOutOfRangeException(nameof(verb)),
        };
        flags |= NftProtocol.FlagRequest;
        LastSequence = _next++;
        _writer.BeginMessage(type, acknowledge ? (ushort)(flags | NftProtocol.FlagAck) : flags, LastSequence);
        _writer.Text(NftProtocol.ListTable, table ?? RulesetText.TableName);
        _writer.Text(NftProtocol.ListSet, set.Name);
        _list = _writer.BeginNest(NftProtocol.ListElements);
        _openSet = set;
        _openElements = 0;
        _isOpen = true;
    }

    private void CloseMessage()
    {
        _writer.EndNest(_list);
        _writer.EndMessage();
        _isOpen = false;
    }

    private void WriteElements(BanSet set, ElementVerb verb, Address first, Address last, ulong milliseconds)
    {
        WriteElement(set, first, isEnd: false, verb == ElementVerb.Delete ? 0 : milliseconds);
        if (!set.HoldsIntervals)
        {
            return;
        }

        // An interval is two elements: its first address, and the first address behind it, marked as an end. One that reaches the
        // last address there is has no end. The kernel refuses a timeout on an end.
        var top = set.IsIPv4 ? Address.FromIPv4(uint.MaxValue) : Address.Highest;
        if (last != top)
        {
            WriteElement(set, last.Next, isEnd: true, 0);
        }
    }

    private void WriteElement(BanSet set, Address key, bool isEnd, ulong milliseconds)
    {
        Span<byte> bytes = stackalloc byte[16];
        key.CopyTo(bytes);
        var item = _writer.BeginNest(NftProtocol.ListItem);
        if (isEnd)
        {
            _writer.Number(NftProtocol.ElementFlags, NftProtocol.ElementIsEnd);
        }

        var data = _writer.BeginNest(NftProtocol.ElementKey);
        _writer.Bytes(NftProtocol.DataValue, bytes[(16 - set.KeyBytes)..]);
        _writer.EndNest(data);
        if (milliseconds > 0)
        {
            _writer.Number(NftProtocol.ElementTimeout, milliseconds);
        }

        _writer.EndNest(item);
    }
}

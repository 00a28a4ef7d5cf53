using Ringfence.Core.Events;

namespace Ringfence.Core.Firewall;

/// <summary>Elements for one set of any table, as one transaction after the other: many thousands of keys, each perhaps with the counter that it leads to.</summary>
internal sealed class SetFill(string table, string set, bool isIPv4)
{
    // An attribute's length is 16 bits wide.
    private const int MaxListBytes = 60_000;

    private readonly byte[] _table = System.Text.Encoding.ASCII.GetBytes(table);
    private readonly byte[] _set = System.Text.Encoding.ASCII.GetBytes(set);
    private readonly NetlinkWriter _writer = new();
    private readonly byte[] _key = new byte[isIPv4 ? 4 : 16];
    private uint _next;
    private int _list;
    private int _listAt;
    private bool _isOpen;

    public int Length => _writer.Length;

    public bool IsEmpty => _writer.Length == 0;

    public ReadOnlyMemory<byte> Bytes => _writer.Written;

    /// <summary>The first and last numbers of the transaction that <see cref="End"/> ended.</summary>
    public uint FirstSequence { get; private set; }

    /// <inheritdoc cref="FirstSequence"/>
    public uint LastSequence { get; private set; }

    /// <param name="counter">The name of a counter of the table; empty: none.</param>
    public void Add(Address key, ReadOnlySpan<byte> counter)
    {
        if (IsEmpty)
        {
            // Numbered from 1 in each transaction: answers to an earlier one have been read.
            FirstSequence = 1;
            _next = 1;
            _writer.BeginMessage(NftProtocol.BatchBegin, NftProtocol.FlagRequest, _next++, family: 0, resource: NftProtocol.Subsystem);
            _writer.EndMessage();
        }

        if (_isOpen && _writer.Length - _listAt > MaxListBytes)
        {
            Close();
        }

        if (!_isOpen)
        {
            LastSequence = _next++;
            _writer.BeginMessage(NftProtocol.NewElement, NftProtocol.FlagRequest | NftProtocol.FlagCreate | NftProtocol.FlagAck, LastSequence);
            _writer.Text(NftProtocol.ListTable, _table);
            _writer.Text(NftProtocol.ListSet, _set);
            _listAt = _writer.Length;
            _list = _writer.BeginNest(NftProtocol.ListElements);
            _isOpen = true;
        }

        key.CopyTo(_key);
        var item = _writer.BeginNest(NftProtocol.ListItem);
        var data = _writer.BeginNest(NftProtocol.ElementKey);
        _writer.Bytes(NftProtocol.DataValue, _key);
        _writer.EndNest(data);
        if (!counter.IsEmpty)
        {
            _writer.Text(NftProtocol.ElementObject, counter);
        }

        _writer.EndNest(item);
    }

    /// <summary>Ends the transaction; <see cref="Clear"/> begins the next.</summary>
    public void End()
    {
        Close();
        _writer.BeginMessage(NftProtocol.BatchEnd, NftProtocol.FlagRequest, _next, family: 0, resource: NftProtocol.Subsystem);
        _writer.EndMessage();
    }

    public void Clear() => _writer.Clear();

    private void Close()
    {
        _writer.EndNest(_list);
        _writer.EndMessage();
        _isOpen = false;
    }
}

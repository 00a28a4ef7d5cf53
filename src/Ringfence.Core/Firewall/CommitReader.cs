using System.Text;
using Ringfence.Core.Events;

namespace Ringfence.Core.Firewall;

/// <summary>One transaction of anybody, as far as it touched our table.</summary>
/// <param name="Generation">The kernel's number for the state behind it; it wraps.</param>
/// <param name="Port">The netlink socket that sent it.</param>
/// <param name="Process">Who sent it, for people: "nft (pid 4711)"; the name made safe to show.</param>
internal sealed record Commit(uint Generation, uint Port, string Process)
{
    /// <summary>The table, a set, a chain, a rule or the counter was made, changed or deleted.</summary>
    public bool Structure { get; init; }

    /// <summary>Elements are gone with their set, or too many were touched to name them.</summary>
    public bool AllElements { get; init; }

    /// <summary>An interval set, or one of those that throttle, was touched: they are few, and looked at as a whole.</summary>
    public bool Networks { get; init; }

    /// <summary>Hosts that were added, changed or deleted one by one.</summary>
    public IReadOnlyCollection<Network> Hosts { get; init; } = [];

    public bool ConcernsUs => Structure || AllElements || Networks || Hosts.Count > 0;
}

/// <summary>Puts the kernel's notifications together into commits: each is told message by message and closed by its generation.</summary>
/// <param name="isOurs">Whether a socket's number is one of ours: such commits are told without details.</param>
internal sealed class CommitReader(Predicate<uint> isOurs)
{
    /// <summary>More hosts than this in one foreign commit are "all": reading on would only take memory.</summary>
    private const int MaxHosts = 100_000;

    private readonly List<KernelElement> _elements = [];
    private HashSet<Network> _hosts = [];
    private bool _structure;
    private bool _allElements;
    private bool _networks;

    /// <summary>Forgets a commit that was told in part: notifications were lost.</summary>
    public void Reset()
    {
        _hosts = [];
        _structure = _allElements = _networks = false;
    }

    /// <returns>The commits that this datagram closed; mostly none or one.</returns>
    public IReadOnlyList<Commit> Read(ReadOnlySpan<byte> datagram)
    {
        List<Commit>? closed = null;
        foreach (var message in new NetlinkMessages(datagram))
        {
            if (message.Type == NftProtocol.NewGeneration)
            {
                (closed ??= []).Add(Close(message));
            }
            else if (!isOurs(message.Port))
            {
                See(message);
            }
        }

        return closed ?? (IReadOnlyList<Commit>)[];
    }

    private void See(NetlinkMessage message)
    {
        if (message.Family != NftProtocol.FamilyInet || !message.Attributes.Find(NftProtocol.OfTable).Text.SequenceEqual(RulesetText.TableName))
        {
            return;
        }

        switch (message.Type)
        {
            case NftProtocol.DeleteTable:
            case NftProtocol.DeleteSet when BanSets.Named(message.Attributes.Find(NftProtocol.SetName).Text) is not null:
                _structure = _allElements = true;
                break;
            case NftProtocol.NewTable or NftProtocol.NewChain or NftProtocol.DeleteChain or NftProtocol.NewRule or NftProtocol.DeleteRule
                or NftProtocol.NewSet or NftProtocol.NewObject or NftProtocol.DeleteObject:
                _structure = true;
                break;
            case NftProtocol.NewElement or NftProtocol.DeleteElement when BanSets.Named(message.Attributes.Find(NftProtocol.ListSet).Text) is { } set:
                SeeElements(message, set);
                break;
        }
    }

    private void SeeElements(NetlinkMessage message, BanSet set)
    {
        if (set.HoldsIntervals || set.IsThrottle)
        {
            _networks = true;
            return;
        }

        if (_allElements)
        {
            return;
        }

        _elements.Clear();
        KernelElement.Read(message, set, _elements);
        foreach (var element in _elements)
        {
            _hosts.Add(element.Key.Subject);
        }

        if (_hosts.Count > MaxHosts)
        {
            _allElements = true;
            _hosts = [];
        }
    }

    private Commit Close(NetlinkMessage message)
    {
        var attributes = message.Attributes;
        var commit = new Commit(attributes.Find(NftProtocol.GenerationId).UInt32 ?? 0, message.Port, ProcessOf(attributes))
        {
            Structure = _structure,
            AllElements = _allElements,
            Networks = _networks,
            Hosts = _hosts,
        };
        Reset();
        return commit;
    }

    private static string ProcessOf(NetlinkAttributes attributes)
    {
        var name = new StringBuilder();

        // A process names itself as it likes (prctl PR_SET_NAME): at most 15 bytes, any bytes.
        foreach (var character in attributes.Find(NftProtocol.GenerationProcessName).Text)
        {
            name.Append(character is > 0x20 and < 0x7f ? (char)character : '?');
        }

        return $"{(name.Length == 0 ? "?" : name.ToString(0, Math.Min(name.Length, 15)))} (pid {attributes.Find(NftProtocol.GenerationProcess).UInt32 ?? 0})";
    }
}

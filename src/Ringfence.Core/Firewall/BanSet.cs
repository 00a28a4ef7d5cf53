using Ringfence.Core.Events;

namespace Ringfence.Core.Firewall;

/// <summary>The sets that the daemon fills. Banned hosts are hashed: adding one to 100,000 costs microseconds; in an interval set it costs
/// 12 to 14 ms (measured, kernel 6.18), so only what is wider or narrower than a host goes there.</summary>
internal enum BanSet : byte
{
    Hosts4,

    /// <summary>/64 prefixes: the rule masks the source before it looks.</summary>
    Hosts6,

    Networks4,
    Networks6,

    /// <summary>Who meets no limit; only in a table with limits. Hosts and networks alike: it changes when a phone registers, not with each attacker.</summary>
    Trusted4,
    Trusted6,

    /// <summary>Whose SIP over UDP comes through in drops; only in a table with limits. Hosts alone.</summary>
    Throttled4,

    /// <inheritdoc cref="Hosts6"/>
    Throttled6,
}

internal static class BanSets
{
    /// <summary>The sets of bans.</summary>
    public static readonly BanSet[] All = [BanSet.Hosts4, BanSet.Hosts6, BanSet.Networks4, BanSet.Networks6];

    public static readonly BanSet[] Trusted = [BanSet.Trusted4, BanSet.Trusted6];

    public static readonly BanSet[] Throttled = [BanSet.Throttled4, BanSet.Throttled6];

    private static readonly BanSet[] Any = [.. All, .. Trusted, .. Throttled];

    public static BanSet For(Network subject) => (subject.IsHost, subject.IsIPv4) switch
    {
        (true, true) => BanSet.Hosts4,
        (true, false) => BanSet.Hosts6,
        (false, true) => BanSet.Networks4,
        (false, false) => BanSet.Networks6,
    };

    /// <summary>The interval set of the subject's family: a piece of a range that is no network stands there even if it is a host.</summary>
    public static BanSet IntervalsOf(Network subject) => subject.IsIPv4 ? BanSet.Networks4 : BanSet.Networks6;

    public static BanSet? Named(ReadOnlySpan<byte> name)
    {
        foreach (var set in Any)
        {
            if (name.SequenceEqual(set.Name))
            {
                return set;
            }
        }

        return null;
    }

    extension(BanSet set)
    {
        public ReadOnlySpan<byte> Name => set switch
        {
            BanSet.Hosts4 => "banned4"u8,
            BanSet.Hosts6 => "banned6"u8,
            BanSet.Networks4 => "banned_nets4"u8,
            BanSet.Networks6 => "banned_nets6"u8,
            BanSet.Trusted4 => "trusted4"u8,
            BanSet.Trusted6 => "trusted6"u8,
            BanSet.Throttled4 => "throttled4"u8,
            BanSet.Throttled6 => "throttled6"u8,
            _ => throw new ArgumentOutOfRangeException(nameof(set)),
        };

        public bool IsIPv4 => set is BanSet.Hosts4 or BanSet.Networks4 or BanSet.Trusted4 or BanSet.Throttled4;

        public bool HoldsIntervals => set is not (BanSet.Hosts4 or BanSet.Hosts6) && !set.IsThrottle;

        public bool IsTrust => set is BanSet.Trusted4 or BanSet.Trusted6;

        public bool IsThrottle => set is BanSet.Throttled4 or BanSet.Throttled6;

        public int KeyBytes => set.IsIPv4 ? 4 : 16;
    }
}

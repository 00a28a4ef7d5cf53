namespace Ringfence.Core.Firewall;

/// <summary>A set that the kernel fills by itself, from the packets that come.</summary>
/// <param name="Entries">Where it is full the kernel leaves newcomers out, and only the limit for all together holds for them.</param>
internal sealed record LimitSet(string Name, bool IsIPv4, int Entries, TimeSpan Timeout)
{
    /// <summary>Elements that are left after so long say nothing more.</summary>
    /// <remarks>A bucket of the default size is full again after 2 s, and SIP repeats an unanswered request after 0.5, 1, 2 and then every 4 s (RFC 3261, 17.1.2.2).</remarks>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(5);

    // How long an address is counted among those that were limited: as long as nobody is told again.
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(15);

    /// <summary>Who went beyond the limit for one address, with a counter of what was dropped.</summary>
    public static readonly LimitSet Limited4 = new("limited4", IsIPv4: true, 16_384, Long);

    /// <inheritdoc cref="Limited4"/>
    public static readonly LimitSet Limited6 = new("limited6", IsIPv4: false, 16_384, Long);

    // 131,072 hold the forged addresses of 26,000 packets a second.
    public static readonly IReadOnlyList<LimitSet> All =
    [
        new("seen4", IsIPv4: true, 131_072, Moment),
        new("seen6", IsIPv4: false, 131_072, Moment),
        new("rated4", IsIPv4: true, 65_536, Moment),
        new("rated6", IsIPv4: false, 65_536, Moment),
        Limited4,
        Limited6,

        // One in 10 s and four at once: a bucket that is full again, after 40 s, says nothing more.
        new("trickle4", IsIPv4: true, 65_536, TimeSpan.FromSeconds(45)),
        new("trickle6", IsIPv4: false, 65_536, TimeSpan.FromSeconds(45)),
    ];
}

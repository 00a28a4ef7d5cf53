namespace Ringfence.Blocks;

/// <summary>Where others on this machine keep whom they block; tests have their own places.</summary>
internal sealed record BlockPlaces
{
    public string XtRecent { get; init; } = "/proc/net/xt_recent";

    public string HostsDeny { get; init; } = "/etc/hosts.deny";

    /// <summary>Asked before <see cref="HostsDeny"/>.</summary>
    public string HostsAllow { get; init; } = "/etc/hosts.allow";

    /// <summary>The kernel's clock, by which xt_recent tells its times.</summary>
    public string TimerList { get; init; } = "/proc/timer_list";

    /// <summary>Asterisk's configuration; null: it is not asked.</summary>
    public string? AsteriskDirectory { get; init; }

    /// <summary>Also the bans in Ringfence's own table of the kernel: nobody else tells of them while no daemon runs.</summary>
    public bool WithOwn { get; init; }
}

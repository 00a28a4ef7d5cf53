namespace Ringfence.Bench.Logs;

/// <summary>What a generated log holds. Equal recipes give equal bytes.</summary>
internal sealed record LogRecipe
{
    public int Lines { get; init; } = 1_000_000;

    /// <value>At most 130,000: their addresses come from 198.18.0.0/15 (RFC 2544), those on IPv6 from 2001:db8:a::/48 (RFC 3849).</value>
    public int Attackers { get; init; } = 20_000;

    /// <summary>Phones that log in as they should, in 192.0.2.0/24 (RFC 5737).</summary>
    /// <value>1 to 254.</value>
    public int Phones { get; init; } = 200;

    public ulong Seed { get; init; } = 42;

    public required DateTimeOffset Start { get; init; }

    public TimeSpan Span { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Share of the lines that are refusals of attackers; a quarter of the rest are challenges to them.</summary>
    public double AttackShare { get; init; } = 0.6;

    public double IPv6Share { get; init; } = 0.02;

    /// <summary>Share of the refusals that are lines of the notice level.</summary>
    public double NoticeShare { get; init; } = 0.15;
}

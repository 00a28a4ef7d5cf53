namespace Ringfence.Bench.Reporting;

/// <summary>The table of bench/compare.</summary>
internal static class Rows
{
    public static readonly IReadOnlyList<Row> All =
    [
        new() { Part = "replay", What = "replay, {lines} lines", Figure = "lines_per_s", Unit = "lines/s", Peer = "rg", TargetRatio = 1.3 },
        new() { Part = "replay", What = "the same by processor time", Figure = "lines_per_cpu_s", Unit = "lines/CPU s", Peer = "rg", TargetRatio = 1.3 },
        new() { Part = "replay", What = "the same", Figure = "lines_per_s", Unit = "lines/s", Peer = "grep -E" },
        new() { Part = "replay", What = "the same", Figure = "lines_per_s", Unit = "lines/s", Peer = "fail2ban-regex", TargetRatio = 40 },
        new() { Part = "replay", What = "the same by processor time", Figure = "lines_per_cpu_s", Unit = "lines/CPU s", Peer = "fail2ban-regex", TargetRatio = 40 },
        new() { Part = "replay", What = "the same, each decision printed", Program = "ringfence, printing", Figure = "lines_per_s", Unit = "lines/s", Peer = "rg" },
        new() { Part = "replay", What = "peak memory of replay", Figure = "peak_rss_mb", Unit = "MB", Peer = "fail2ban-regex", IsLessBetter = true, Target = 100 },
        new() { Part = "latency", What = "line written to address in the kernel, median", Figure = "median_ms", Unit = "ms", Peer = "fail2ban", IsLessBetter = true, Target = 1 },
        new() { Part = "latency", What = "the same, 99 of 100", Figure = "p99_ms", Unit = "ms", Peer = "fail2ban", IsLessBetter = true, Target = 10 },
        new() { Part = "latency", What = "the same, the first after the start", Figure = "first_ms", Unit = "ms", Peer = "fail2ban", IsLessBetter = true },
        new() { Part = "ingest", What = "lines a second while {lines} are appended", Figure = "appended_lines_per_s", Unit = "lines/s", Peer = "fail2ban", Target = 99_000 },
        new() { Part = "ingest", What = "lag behind the last of them", Figure = "lag_at_end_ms", Unit = "ms", Peer = "fail2ban", IsLessBetter = true, Target = 100 },
        new() { Part = "ingest", What = "lag meanwhile, worst", Figure = "lag_max_ms", Unit = "ms", Peer = "fail2ban", IsLessBetter = true, Target = 100 },
        new() { Part = "ingest-count", What = "lines lost", Figure = "lost", Unit = "", IsLessBetter = true, Target = 0 },
        new() { Part = "ingest", What = "processor time for them", Figure = "cpu_s", Unit = "s", Peer = "fail2ban", ScaleBy = "lines", IsLessBetter = true },
        new() { Part = "ingest", What = "peak memory meanwhile", Figure = "peak_rss_mb", Unit = "MB", Peer = "fail2ban", IsLessBetter = true },
        new() { Part = "hep", What = "SIP messages a second over HEP", Figure = "messages_per_s", Unit = "messages/s", Target = 49_500 },
        new() { Part = "hep-count", What = "messages lost", Figure = "lost", Unit = "", IsLessBetter = true, Target = 0 },
        new() { Part = "hep", What = "fifth refusal over HEP to address in the kernel meanwhile, median", Figure = "lag_median_ms", Unit = "ms", IsLessBetter = true },
        new() { Part = "hep", What = "the same, worst", Figure = "lag_max_ms", Unit = "ms", IsLessBetter = true, Target = 100 },
        new() { Part = "hep", What = "processor meanwhile, share of one core", Figure = "cpu_percent", Unit = "%", IsLessBetter = true, Target = 100 },
        new() { Part = "hep", What = "peak memory meanwhile", Figure = "peak_rss_mb", Unit = "MB", IsLessBetter = true, Target = 100 },
        new() { Part = "wire", What = "SIP messages a second on the wire", Figure = "messages_per_s", Unit = "messages/s", Target = 49_500 },
        new() { Part = "wire-count", What = "messages lost", Figure = "lost", Unit = "", IsLessBetter = true, Target = 0 },
        new() { Part = "wire", What = "fifth refusal on the wire to address in the kernel meanwhile, median", Figure = "lag_median_ms", Unit = "ms", IsLessBetter = true },
        new() { Part = "wire", What = "the same, worst", Figure = "lag_max_ms", Unit = "ms", IsLessBetter = true, Target = 100 },
        new() { Part = "wire", What = "processor meanwhile, share of one core", Figure = "cpu_percent", Unit = "%", IsLessBetter = true, Target = 100 },
        new() { Part = "wire", What = "peak memory meanwhile", Figure = "peak_rss_mb", Unit = "MB", IsLessBetter = true, Target = 100 },
        new() { Part = "bans", What = "bans a second, {bans} attackers at once", Figure = "bans_per_s", Unit = "bans/s", Peer = "fail2ban", Target = 2_000 },
        new() { Part = "bans", What = "peak memory meanwhile", Figure = "peak_rss_mb", Unit = "MB", Peer = "fail2ban", IsLessBetter = true },
        new() { Part = "restore", What = "start to the last of {bans} bans restored", Figure = "wall_s", Unit = "s", Peer = "fail2ban", ScaleBy = "bans", IsLessBetter = true, Target = 0.5 },
        new() { Part = "idle", What = "idle, share of one core", Figure = "cpu_percent", Unit = "%", Peer = "fail2ban", IsLessBetter = true, Target = 0.2 },
        new() { Part = "idle", What = "idle, memory", Figure = "rss_mb", Unit = "MB", Peer = "fail2ban", IsLessBetter = true, Target = 60 },
    ];
}

using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>Several banned addresses of one network.</summary>
internal static class NeighbourBans
{
    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2011",
        Name = "neighbours",
        Severity = Severity.High,
        Why = "Several addresses of one network were banned in a day on evidence that proves them: by default 3 of an IPv4 /24, or in IPv6 3 /64s of a /56 or 3 /56s of a /48 (a home has a /56 as a rule: one customer costs his neighbours nothing). Whoever rents it will come from the next one. The network is banned, unless a trusted address is in it, or somebody logged in from it that day.",
        Fix = "Nothing, if nobody of yours is there. ringfence unban NETWORK lifts it; ringfence trust ADDRESS frees one address of it and keeps the network from being banned again.",
        Bad = """
            sip 2026-11-20 12:00:00.000 TCP 198.51.100.9:5060 OPTIONS 100 401 agent=friendly-scanner
            sip 2026-11-20 14:00:00.000 TCP 198.51.100.8:5060 OPTIONS 100 401 agent=friendly-scanner
            sip 2026-11-20 14:30:00.000 TCP 198.51.100.8:5060 OPTIONS 100 401 agent=friendly-scanner
            sip 2026-11-20 16:00:00.000 TCP 198.51.100.7:5060 OPTIONS 100 401 agent=friendly-scanner
            # here
            """,
        Good = """
            sip 2026-11-20 12:00:00.000 TCP 198.51.100.9:5060 OPTIONS 100 401 agent=friendly-scanner
            sip 2026-11-20 13:00:00.000 TCP 198.51.100.20:5060 REGISTER 1001 200 auth
            sip 2026-11-20 14:00:00.000 TCP 198.51.100.8:5060 OPTIONS 100 401 agent=friendly-scanner
            sip 2026-11-20 16:00:00.000 TCP 198.51.100.7:5060 OPTIONS 100 401 agent=friendly-scanner
            """,
        Reference = new Uri("https://www.ripe.net/publications/docs/ripe-690/"),
        Kinds = [],
        Check = null,
    };
}

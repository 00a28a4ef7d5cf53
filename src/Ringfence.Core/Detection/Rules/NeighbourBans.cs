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
        Why = "Several addresses of one network (by default 3 of an IPv4 /24 or IPv6 /48 in a day) were banned on evidence that proves them: whoever rents it will come from the next one. The network is banned, unless a trusted address is in it, or somebody logged in from it that day.",
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
        Reference = new Uri("https://www.rfc-editor.org/rfc/rfc6177"),
        Kinds = [],
        Check = null,
    };
}

using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>More SIP than strangers may send.</summary>
internal static class Flood
{
    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2017",
        Name = "flood",
        Severity = Severity.Medium,
        Why = "Addresses that are neither trusted nor registered send more SIP than [firewall] rate or global_rate allows, and the kernel drops what is too much. A phone that is not registered yet may have to ask more than once.",
        Fix = "Nothing, if they are strangers: the PBX, registered phones and trunks do not feel it. If it is an office of yours whose phones start together: ringfence trust ADDRESS, or raise rate and burst.",
        Bad = """
            limits 2026-11-20 12:00:00.000 alone=0 together=0
            limits 2026-11-20 12:00:01.000 alone=200 together=0 198.51.100.7=200
            limits 2026-11-20 12:00:02.000 alone=8185 together=0 198.51.100.7=8185
            # here
            """,
        Good = """
            limits 2026-11-20 12:00:00.000 alone=0 together=0
            limits 2026-11-20 12:00:01.000 alone=200 together=0 198.51.100.7=200
            limits 2026-11-20 12:01:02.000 alone=600 together=0 198.51.100.7=600
            """,
        Reference = new Uri("https://www.rfc-editor.org/rfc/rfc3261#section-17.1.2.2"),
        Kinds = [],
        Check = null,
    };
}

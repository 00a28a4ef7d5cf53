using Ringfence.Core.Events;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>Requests with the marks of tools that attackers use.</summary>
internal static class ScannerTool
{
    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2012",
        Name = "scanner-tool",
        Severity = Severity.High,
        Why = "The requests bear the name or the habits of a tool that attackers use (SIPVicious, sippts, sipcli...), or, over UDP, want their answers sent to another address (maddr in the Via), as no phone does and whoever forges addresses or hides his guesses must: one over TCP or TLS is enough, over UDP, where one packet may be forged, one throttles (unproven = throttle), and as many as refusals ban where unproven is short or ban.",
        Fix = "Nothing, if it is a stranger. If you test your own PBX: trust the address that you test from.",
        Bad = """
            sip 2026-11-20 12:00:00.000 UDP 198.51.100.7:5060 OPTIONS 100 401 agent=friendly-scanner
            # here
            """,
        Good = """
            sip 2026-11-20 12:00:02.000 TCP 198.51.100.7:5060 OPTIONS 100 401 agent=sipsak
            sip 2026-11-20 12:00:03.000 TCP 198.51.100.7:5060 OPTIONS 100 401 agent=Yealink
            """,
        Reference = new Uri("https://github.com/EnableSecurity/sipvicious"),
        Kinds = [EventKind.ScannerSeen],
        Check = Check,
    };

    private static Claim? Check(in PbxEvent seen, Refusals refusals, Configuration.DetectionSettings settings)
    {
        var count = refusals.Count(seen, settings.Window);
        // Over UDP one packet may be forged: it throttles, which hurts nobody who lives at the address.
        // Under another name the request itself does not say whose it is.
        var tool = seen.Detail.IsEmpty ? "" : $" ({SafeText.From(seen.Detail)})";
        return new Claim(count, $"{(count == 1 ? "a request" : "requests")} of a scanning tool{tool}") { ThrottleOnly = seen.Proof != Proof.Proven && count < settings.Refusals };
    }
}

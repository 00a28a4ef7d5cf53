using Ringfence.Core.Events;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>Line ends in an account's name or in a host's brackets: somebody writes lines, headers or events of his own for whoever reads them.</summary>
internal static class InjectedText
{
    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2020",
        Name = "injected-text",
        Severity = Severity.High,
        Why = "The account's name holds a line end (%0d%0a in the From user), or a host in brackets does ([...] in Via, From or To). No phone does that: it is an attempt to forge log lines, or events of the manager interface, in another's name, or to hide what the PBX answers. One try over TCP or TLS is enough; over UDP, where one packet may be forged, one throttles (unproven = throttle), and as many as refusals ban where unproven is short or ban.",
        Fix = "Nothing: Ringfence reads it as the text that it is. Other programs that read Asterisk's manager interface or logs (a dashboard, a call recorder, fail2ban) may be fooled by it.",
        Bad = """
            {"hostname":"","timestamp":"2026-11-21 00:00:32.106","identifiers":{"lwp":2297,"callid":""},"logmsg":{"location":{"filename":"res_security_log.c","function":"security_event_stasis_cb","line":114},"level":"SECURITY","message":"SecurityEvent=\"InvalidAccountID\",EventTV=\"2026-11-21T00:00:32.105+0000\",Severity=\"Error\",Service=\"PJSIP\",EventVersion=\"1\",AccountID=\"\r\nRemoteAddress: IPV4/UDP/8.8.8.8/1\",SessionID=\"edb676c352b152f9@lab\",LocalAddress=\"IPV4/TCP/10.99.0.1/5060\",RemoteAddress=\"IPV4/TCP/198.51.100.7/59276\""}}
            # here
            """,
        Good = """
            {"hostname":"","timestamp":"2026-11-21 00:00:32.106","identifiers":{"lwp":2297,"callid":""},"logmsg":{"location":{"filename":"res_security_log.c","function":"security_event_stasis_cb","line":114},"level":"SECURITY","message":"SecurityEvent=\"InvalidAccountID\",EventTV=\"2026-11-21T00:00:32.105+0000\",Severity=\"Error\",Service=\"PJSIP\",EventVersion=\"1\",AccountID=\"RemoteAddress: IPV4/UDP/8.8.8.8/1\",SessionID=\"edb676c352b152f9@lab\",LocalAddress=\"IPV4/TCP/10.99.0.1/5060\",RemoteAddress=\"IPV4/TCP/198.51.100.7/59276\""}}
            """,
        Reference = new Uri("https://owasp.org/www-community/attacks/Log_Injection"),
        Kinds = [EventKind.Injection],
        Check = Check,
    };

    // One forged packet would else ban the address that stands on it.
    private static Claim? Check(in PbxEvent seen, Refusals refusals, Configuration.DetectionSettings settings)
    {
        var count = refusals.Count(seen, settings.Window);
        // Over UDP one packet may be forged: it throttles, which hurts nobody who lives at the address.
        return new Claim(count, count == 1 ? "a line end in a name" : "line ends in names") { ThrottleOnly = seen.Proof != Proof.Proven && count < settings.Refusals };
    }
}

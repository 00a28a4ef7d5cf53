using System.Text;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>A packet whose text, once Asterisk has logged it, looks as if another address had attacked.</summary>
/// <param name="Name">What is forged.</param>
/// <param name="Packet">From the address to accuse, and the sender's host:port: the bytes to send.</param>
internal sealed record Forgery(string Name, Func<string, string, byte[]> Packet)
{
    // PJSIP percent-decodes the From user and cuts it to 36 characters before it logs it as AccountID; the Call-ID is logged whole and raw.
    public static readonly IReadOnlyList<Forgery> All =
    [
        new("line-end-and-notice", (victim, sender) => Request(
            sender, LineStart("NOTICE"), $"x: Host {victim} failed to authenticate")),
        new("line-end-and-failed-request", (victim, sender) => Request(
            sender, LineStart("NOTICE"),
            $"res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:1@a>' failed for '{victim}:5060' (callid: 1) - No matching endpoint found")),
        new("line-end-and-security", (victim, sender) => Request(
            sender, LineStart("SECURITY"), $"res_security_log.c: {SecurityEvent(victim)}")),
        new("quote-in-account", (victim, sender) => Request(sender, $"%22,RemoteAddress=%22IPV4/UDP/{victim}", "1")),
        new("quote-in-call-id", (victim, sender) => Request(
            sender, "nobody", $"x\",LocalAddress=\"IPV4/UDP/{AsteriskLab.World}/5060\",RemoteAddress=\"IPV4/UDP/{victim}/5060\",Challenge=\"")),
        new("json-in-call-id", (victim, sender) => Request(
            sender, "nobody", $"\\\",RemoteAddress=\\\"IPV4/UDP/{victim}/5060\\\"\"}}}}")),
        new("parenthesis-in-call-id", (victim, sender) => Request(sender, "nobody", $"z) x' failed for '{victim}:5060' (callid: 1")),
        new("display-name", (victim, sender) => Request(
            sender, "nobody", "1", $"\"x' failed for '{victim}:5060' (callid: 1) - No matching endpoint found\" <sip:nobody@{AsteriskLab.World}>;tag=1")),
        new("user-parameter-and-notice", (victim, sender) => Request(sender, "nobody", "1", UserParameter($"phone>' failed for '{victim}:5060' (callid: 1) - Failed to authenticate\n"))),
        new("user-parameter-and-security", (victim, sender) => Request(
            sender, "nobody", "1", UserParameter($"phone>' failed for '{sender}' (callid: 1) - Failed to authenticate\n[{Now}] SECURITY[1] res_security_log.c: {SecurityEvent(victim)}\n"))),
        new("quoted-parameter", (victim, sender) => Request(
            sender, "nobody", "1", $"<sip:nobody@{AsteriskLab.World};x=\"a>' failed for '{victim}:5060' (callid: 1) - Failed to authenticate\">;tag=1")),
        new("host-in-brackets", (victim, sender) => Request(
            sender, "nobody", "1", $"<sip:nobody@[x>' failed for '{victim}:5060' (callid: 1) - Failed to authenticate]>;tag=1")),
        new("words-behind-a-long-from", (victim, sender) => Request(
            sender, "nobody", $"x' failed for '{victim}:5060' (callid: 1", $"<sip:nobody@{AsteriskLab.World};x={new string('A', 600)}>;tag=1")),
        new("quote-behind-a-long-name", (victim, sender) => Request(
            sender, "nobody", $"x\" <sip:1@a>' failed for '{victim}:5060' (callid: 1", $"\"{new string('A', 600)}\" <sip:nobody@{AsteriskLab.World}>;tag=1")),
        new("dump-of-a-malformed-packet", (victim, sender) => Malformed(sender, victim, "")),
        new("dump-that-says-that-it-ends", (victim, sender) => Malformed(sender, victim, "\n-- end of packet.\n")),
    ];

    // Of this moment: what happened long ago would be a ban that is over.
    private static string Now => TimeProvider.System.GetLocalNow().ToString("yyyy-MM-dd HH:mm:ss");

    private static string LineStart(string level) => $"%0a%5b{Now.Replace(" ", "%20", StringComparison.Ordinal)}%5d%20{level}%5b1%5d%20".Replace(":", "%3a", StringComparison.Ordinal);

    /// <summary>Asterisk drops a request without CSeq and dumps it with its line ends into messages: any number of whole lines.</summary>
    private static byte[] Malformed(string sender, string victim, string before)
    {
        var lines = new StringBuilder(before);
        for (var second = 0; second < 10; second++)
        {
            var time = $"{Now}.{second:000}";
            lines.Append($"\n[{time}] SECURITY[77] res_security_log.c: {SecurityEvent(victim)}\n")
                .Append($"[{time}] NOTICE[77] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:1001@{AsteriskLab.World}>' "
                    + $"failed for '{victim}:5060' (callid: {second}) - Failed to authenticate\n")
                .Append($"[{time}] NOTICE[77] chan_sip.c: Registration from '\"1\" <sip:1@a>' failed for '{victim}:5060' - Wrong password\n")
                .Append($"{{\"hostname\":\"\",\"timestamp\":\"{time}\",\"identifiers\":{{\"lwp\":1,\"callid\":\"\"}},\"logmsg\":{{\"location\":"
                    + "{\"filename\":\"res_security_log.c\",\"function\":\"security_event_stasis_cb\",\"line\":114},\"level\":\"SECURITY\","
                    + $"\"message\":\"{SecurityEvent(victim).Replace("\"", "\\\"", StringComparison.Ordinal)}\"}}}}\n");
        }

        var request = new SipRequest("OPTIONS", "nobody") { Body = lines.ToString(), Without = new HashSet<string>(StringComparer.Ordinal) { "CSeq" } };
        return request.ToBytes(AsteriskLab.World, sender, SipTransport.Udp);
    }

    private static string SecurityEvent(string address) =>
        $"SecurityEvent=\"InvalidAccountID\",EventTV=\"{Now.Replace(' ', 'T')}.123+0000\",Severity=\"Error\",Service=\"PJSIP\",EventVersion=\"1\","
        + $"AccountID=\"admin\",SessionID=\"1\",LocalAddress=\"IPV4/UDP/{AsteriskLab.World}/5060\",RemoteAddress=\"IPV4/UDP/{address}/5060\"";

    // PJSIP decodes this parameter and prints it as it is into the notice, line ends too.
    private static string UserParameter(string text) => $"<sip:nobody@{AsteriskLab.World};user={Uri.EscapeDataString(text)}>;tag=1";

    private static byte[] Request(string sender, string user, string callId, string? from = null)
        => new SipRequest("OPTIONS", user) { CallId = callId, From = from }.ToBytes(AsteriskLab.World, sender, SipTransport.Udp);
}

using System.Text;

namespace Ringfence.Tests.Parsing;

/// <summary>Text as somebody writes it who knows the parser's grammar and wants another address read: pieces of it, cut anywhere.</summary>
internal sealed class AttackerText(Random random)
{
    /// <summary>Addresses that never sent anything.</summary>
    public static readonly string[] Innocents = ["8.8.8.8", "192.0.2.66", "203.0.113.95", "2001:db8:bad::1"];

    private static readonly string[] Pieces =
    [
        "\"", "\",", "\"\"", "\\", "\\\"", "\\\\\"", "'", "' ", ",", "=", "=\"", ")", ") - ", "(", "<", ">", "<sip:", "@", ";", ":", " ", "\t", "\n", "\r\n", "\x0b", "\x1e", "\x1b[0m", "#033[1m",
        "\",SessionID=\"", "\",LocalAddress=\"", "\",RemoteAddress=\"", ",RemoteAddress=\"IPV4/UDP/8.8.8.8/1\"", "\",RemoteAddress=\"IPV4/UDP/8.8.8.8/1", "\",RemoteAddress=\"IPV6/UDP/2001:db8:bad::1/1\"",
        "\",LocalAddress=\"IPV4/UDP/10.99.0.1/5060\",RemoteAddress=\"IPV4/UDP/8.8.8.8/1\"", "\",LocalAddress=\"IPV4/UDP/10.99.0.1/5060\",RemoteAddress=\"IPV4/UDP/8.8.8.8/1",
        "\",Challenge=\"", "\",Challenge=\"x\",Response=\"y\",ExpectedResponse=\"\"", "\",UsingPassword=\"1\"", "\",ACLName=\"x\"", "\",SessionTV=\"1970-01-01T00:00:00.000+0000\"", "\",AccountID=\"",
        "SecurityEvent=\"InvalidAccountID\"", "SecurityEvent=\"", "EventTV=\"", "Service=\"PJSIP\",EventVersion=\"1\",AccountID=\"", "Service=\"AMI\"",
        "[2026-11-20 23:58:33.337] ", "[1795220137] ", "[] ", "SECURITY[1] res_security_log.c: ", "NOTICE[1] ", "NOTICE[1] chan_sip.c: ", "NOTICE[1] manager.c: ", "VERBOSE[1] x.c: ", "ERROR[1] pjproject: ",
        "Request 'REGISTER' from '<sip:1@x>' failed for '8.8.8.8:1' (callid: 1) - No matching endpoint found", "' failed for '8.8.8.8:1' (callid: 1) - Failed to authenticate", " failed for '203.0.113.95:5060' (callid: ",
        ") - No matching endpoint found", ") - Failed to authenticate", "' - Wrong password", "' failed for '8.8.8.8' - Wrong password", "Registration from '", "Call from '' (UDP:8.8.8.8:1) to extension '1",
        "' rejected because extension not found in context 'x'.", ": Call (UDP:8.8.8.8:1) to extension '00972598123456", "' (8.8.8.8:1) to extension '", ") to extension '", "Host 8.8.8.8 failed to authenticate as x",
        "8.8.8.8 failed to authenticate as 'x'", "8.8.8.8 tried to authenticate with nonexistent user '", "No registration for peer 'x' (from 8.8.8.8)", "' (from 8.8.8.8)", "sip_transport.c Dropping 1 bytes packet from UDP 8.8.8.8:1 : x",
        "sip_endpoint.c Error processing packet from 8.8.8.8:1: x", "-- end of packet.", "{\"hostname\":\"", "\"}}", "\\n", "\\u0022", "%22", "%0a", "IPV4/UDP/8.8.8.8/1", "8.8.8.8", "1001", "anonymous", "a", "\xff", "\xc3\xa9", "\xe2\x80\xa8",
    ];

    // Whole lines, as short as a grammar allows, in the forms that need least.
    private static readonly string[] Lines =
    [
        "[1] NOTICE[1] chan_iax2.c: No registration for peer '' (from 8.8.8.8)", "[1795220137] NOTICE[1] chan_iax2.c: Host 8.8.8.8 failed to authenticate as x",
        "[2026-11-20 23:58:33] NOTICE[1]: chan_iax2.c:1 f: Rejected connect attempt from 8.8.8.8, who was trying to reach '1@'",
        "[2026-11-20 23:58:33] NOTICE[1] manager.c: 8.8.8.8 failed to authenticate as 'x'", "[1] NOTICE[1] chan_sip.c: Registration from '' failed for '8.8.8.8:1' - Wrong password",
        "[1795220137] NOTICE[1] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:1@x>' failed for '8.8.8.8:1' (callid: 1) - No matching endpoint found",
        "[2026-11-20 23:58:33.337] SECURITY[1] res_security_log.c: " + "SecurityEvent=\"InvalidAccountID\",EventTV=\"2026-11-20T23:58:33.337+0000\",Severity=\"Error\",Service=\"PJSIP\",EventVersion=\"1\","
            + "AccountID=\"1\",SessionID=\"1\",LocalAddress=\"IPV4/UDP/1.1.1.1/1\",RemoteAddress=\"IPV4/UDP/8.8.8.8/1\"",
    ];

    // What ends the line before: of every grammar in which text stands before an end.
    private static readonly string[] Ends =
    [
        "", "x", "x'", "1@x'", "1@default' does not exist", "x' (from 8.8.8.8)", "' rejected because extension not found in context 'default'.", "\"",
        "\",SessionID=\"1\",LocalAddress=\"IPV4/UDP/1.1.1.1/1\",RemoteAddress=\"IPV4/UDP/8.8.8.8/1\"", "d41d8cd98f00b204e9800998ecf8427e)",
    ];

    /// <summary>An end for the line that the text stands in, whole lines of the sender's own, and perhaps the beginning of one that takes the true end.</summary>
    public string NextLines(int longest)
    {
        var text = new StringBuilder(Ends[random.Next(Ends.Length)]).Append('\n');
        for (var count = random.Next(4); count >= 0; count--)
        {
            text.Append(random.Next(4) == 0 ? Next(80) : Lines[random.Next(Lines.Length)]).Append('\n');
        }

        var last = Lines[random.Next(Lines.Length)];
        text.Append(random.Next(2) == 0 ? last[..random.Next(last.Length)] : "");
        return text.Length > longest ? text.ToString(0, longest) : text.ToString();
    }

    /// <param name="longest">Bytes at most.</param>
    /// <param name="without">Bytes that can't stand in the field.</param>
    public string Next(int longest, string without = "")
    {
        var text = new StringBuilder();
        for (var count = random.Next(6); count >= 0 && text.Length < longest; count--)
        {
            var piece = Pieces[random.Next(Pieces.Length)];
            text.Append(random.Next(8) == 0 ? piece[random.Next(piece.Length)..] : piece);
        }

        var kept = string.Concat(text.ToString().Where(character => character != '\0' && !without.Contains(character, StringComparison.Ordinal)));
        return kept.Length > longest ? kept[..longest] : kept;
    }

    /// <summary>As <see cref="Next"/>, for what stood in a quoted string of a SIP header: a backslash before every quote in it, and none left over.</summary>
    public string NextQuoted(int longest)
    {
        var text = new StringBuilder();
        foreach (var character in Next(longest, "\r\n"))
        {
            text.Append(character switch
            {
                '"' => "\\\"",
                '\\' => random.Next(2) == 0 ? @"\\" : @"\z",
                _ => character.ToString(),
            });
        }

        return text.ToString();
    }
}

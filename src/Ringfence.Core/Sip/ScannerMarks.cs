using System.Text;

namespace Ringfence.Core.Sip;

/// <summary>Tools that attackers use, by what they write into every request: names they give themselves, and habits that stay when the name is changed.</summary>
/// <remarks>
/// A mark is no proof of bad intent by itself, and a User-Agent is easily forged: see the rule for what it takes. Tools that administrators use as often
/// (sipsak, SIPp, nmap) are not in here. Sources: SIPVicious 0.3.3's own packets (svwar, svmap, svcrack against a socket that listens), Emerging Threats
/// sid 2011716, the lists of Kamailio's default configuration and of public honeypots.
/// </remarks>
internal static class ScannerMarks
{
    // In lower case: how the User-Agent begins.
    private static readonly (byte[] Agent, byte[] Name)[] Agents =
    [
        Of("friendly-scanner", "SIPVicious"),
        Of("friendly-request", "SIPVicious"),
        Of("sipvicious", "SIPVicious"),
        Of("sundayddr", "SIPVicious (sundayddr)"),
        Of("sip-scan", "sip-scan"),
        Of("smap", "smap"),
        Of("sipcli", "sipcli"),
        Of("pplsip", "sippts (pplsip)"),
        Of("sippts", "sippts"),
        Of("mr.sip", "Mr.SIP"),
        Of("iwar", "iWar"),
        Of("siparmyknife", "SipArmyKnife"),
        Of("vaxsipuseragent", "VaxSIPUserAgent"),
        Of("voipbuster-scanner", "voipbuster-scanner"),
        Of("gulp", "gulp"),
    ];

    /// <returns>The tool's name, ASCII; empty: the request has no mark.</returns>
    public static ReadOnlySpan<byte> Find(scoped in SipMessage request)
    {
        foreach (var (agent, name) in Agents)
        {
            if (request.UserAgent.Length >= agent.Length && Ascii.EqualsIgnoreCase(request.UserAgent[..agent.Length], agent))
            {
                return name;
            }
        }

        return HasSipViciousHabits(request) ? "SIPVicious under another name"u8 : default;
    }

    // A branch and a Call-ID of digits alone and a Contact without brackets, in every request of svmap, svwar and svcrack. No phone has all three.
    private static bool HasSipViciousHabits(in SipMessage request)
    {
        var branch = SipParameter.First(request.Via, "branch="u8);
        return branch.StartsWith("z9hG4bK-"u8) && IsNumber(branch[8..]) && IsNumber(request.CallId)
            && request.Contact.StartsWith("sip:"u8) && request.From.StartsWith("\""u8);
    }

    private static bool IsNumber(ReadOnlySpan<byte> text) => text.Length >= 6 && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;

    private static (byte[] Agent, byte[] Name) Of(string agent, string name) => (Encoding.ASCII.GetBytes(agent), Encoding.ASCII.GetBytes(name));
}

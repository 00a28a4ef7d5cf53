using System.Globalization;
using System.Text;

namespace Ringfence.Core.Firewall;

/// <summary>Datagrams that a scanner's name stands in, dropped by what iptables can search and nftables can't (xt_string): a chain of our own, and one rule that leads to it.</summary>
/// <remarks>
/// In INPUT and not before: what bans and limits dropped costs no search, and a flood costs no more searches than the limits let in. A search takes a microsecond for each name
/// (bench/results/strings.md).
/// </remarks>
internal static class ScannerRules
{
    public const string Chain = "RINGFENCE-SCANNERS";

    /// <summary>Where it is led from: iptables -I INPUT, -C INPUT, -D INPUT.</summary>
    /// <param name="ports">15 at most are one rule's (xt_multiport).</param>
    public static IReadOnlyList<string> Jump(IReadOnlyList<ushort> ports) =>
        ["INPUT", "-p", "udp", "-m", "multiport", "--dports", string.Join(',', ports.Take(15)), "-j", Chain];

    /// <summary>The chain as a script of iptables-restore --noflush, which leaves all others as they are.</summary>
    /// <param name="names">With what a User-Agent begins; what is no plain word is left out.</param>
    public static string Fill(IEnumerable<string> names)
    {
        var script = new StringBuilder($"*filter\n:{Chain} - [0:0]\n");
        foreach (var name in names.Where(IsPlain).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            script.Append(CultureInfo.InvariantCulture, $"-A {Chain} -m string --algo bm --icase --string \"User-Agent: {name}\" -j DROP\n");
        }

        return script.Append("COMMIT\n").ToString();
    }

    /// <returns>What its rules dropped, of iptables -nvxL.</returns>
    public static long Dropped(string listing) => listing.Split('\n')
        .Select(static line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        .Sum(static words => words is [var packets, _, "DROP", ..] && long.TryParse(packets, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0);

    // Nothing that iptables-restore could take for more than a name; XT_STRING_MAX_PATTERN_SIZE is 128.
    private static bool IsPlain(string name) => name.Length is >= 4 and <= 60 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ' ' or '/');
}

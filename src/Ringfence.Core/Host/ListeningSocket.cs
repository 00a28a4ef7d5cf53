using System.Globalization;
using System.Net;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Host;

/// <summary>A port that a program listens on.</summary>
/// <param name="Protocol">"tcp" or "udp".</param>
/// <param name="Address">0.0.0.0 or :: for all addresses.</param>
/// <param name="IsDual">It takes IPv4 and IPv6.</param>
/// <param name="Program">null: ss may not say.</param>
internal sealed record ListeningSocket(string Protocol, IPAddress Address, bool IsDual, int Port, string? Program, Place Place)
{
    // A PBX has some twenty; a stranger's archive may say anything.
    private const int MostSockets = 1_000;

    /// <summary>Other machines can send to it.</summary>
    public bool IsOnNetwork => !IPAddress.IsLoopback(Address) && !Address.IsIPv6LinkLocal;

    public bool IsAll => Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any);

    public string Shown => $"{Protocol} {(IsDual ? "*" : Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{Address}]" : Address.ToString())}:{Port}";

    /// <remarks>ss -H -l -n -t -u -p of iproute2: "tcp LISTEN 0 10 *:5038 *:* users:((...". A star is an IPv6 socket that takes IPv4 too.</remarks>
    public static IReadOnlyList<ListeningSocket> All(PbxSnapshot pbx) =>
        [.. FactLines.Of(pbx, HostFact.Sockets).Select(static line => Parse(line.Text, line.Place)).OfType<ListeningSocket>().Take(MostSockets)];

    private static ListeningSocket? Parse(string line, Place place)
    {
        var words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 5 || words[0] is not ("tcp" or "udp") || words[4].LastIndexOf(':') is not (> 0 and var colon)
            || !int.TryParse(words[4].AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65_535)
        {
            return null;
        }

        // "192.0.2.1%eth0", "[::]%eth0"
        var text = words[4][..colon].Split('%')[0].Trim('[', ']');
        var address = text == "*" ? IPAddress.IPv6Any : IPAddress.TryParse(text, out var parsed) ? parsed : null;
        return address is null ? null : new ListeningSocket(words[0], address, text == "*", port, ProgramIn(line), place);
    }

    private static string? ProgramIn(string line)
    {
        const string Begin = "users:((\"";
        var from = line.IndexOf(Begin, StringComparison.Ordinal);
        var to = from < 0 ? -1 : line.IndexOf('"', from + Begin.Length);
        return to < 0 ? null : Pbx.Shown.Text(line[(from + Begin.Length)..to], 40);
    }
}

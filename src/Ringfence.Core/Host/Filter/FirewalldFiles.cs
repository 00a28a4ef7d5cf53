using System.Text;
using System.Xml;
using System.Xml.Linq;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Host.Filter;

/// <summary>What firewalld's files say of the zone that strangers come in by, for a copy of a machine that nobody asked for what its kernel holds.</summary>
/// <remarks>firewalld.zone(5), firewalld.service(5), firewalld.richlanguage(5). What a zone refuses stands before what it accepts.</remarks>
internal static class FirewalldFiles
{
    /// <summary>Where the default zone is named.</summary>
    public const string Settings = "/etc/firewalld/firewalld.conf";

    private const long LongestBytes = 1 << 20;

    // Of firewalld's own services those that are met on PBXs; a copy of /etc alone lacks their files.
    private static readonly Dictionary<string, string[]> Known = new(StringComparer.Ordinal)
    {
        ["ssh"] = ["22/tcp"],
        ["http"] = ["80/tcp"],
        ["https"] = ["443/tcp"],
        ["sip"] = ["5060/tcp", "5060/udp"],
        ["sips"] = ["5061/tcp", "5061/udp"],
        ["tftp"] = ["69/udp"],
        ["ftp"] = ["21/tcp"],
        ["mysql"] = ["3306/tcp"],
        ["postgresql"] = ["5432/tcp"],
        ["redis"] = ["6379/tcp"],
        ["ntp"] = ["123/udp"],
        ["dns"] = ["53/tcp", "53/udp"],
        ["snmp"] = ["161/tcp", "161/udp"],
        ["cockpit"] = ["9090/tcp"],
        ["openvpn"] = ["1194/udp"],
        ["wireguard"] = ["51820/udp"],
        ["dhcpv6-client"] = ["546/udp"],
    };

    /// <returns>As iptables-save and ip6tables-save would have it; null: it is not there, or it can't be told which zone a stranger comes in by.</returns>
    public static (string IPv4, string IPv6)? Read(IConfigFiles files)
    {
        if (files.Read(Settings) is not { } settings)
        {
            return null;
        }

        var name = Encoding.UTF8.GetString(settings).Split('\n').Select(static line => line.Trim()).Where(static line => line.StartsWith("DefaultZone=", StringComparison.Ordinal)).Select(static line => line["DefaultZone=".Length..]).LastOrDefault() ?? "public";
        if (name.Any(static c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')) || Zone(files, name) is not { } zone)
        {
            return null;
        }

        // By another zone the interface or the network of strangers may come in.
        var others = files.Match("/etc/firewalld/zones/*.xml").Where(path => !path.EndsWith($"/{name}.xml", StringComparison.Ordinal)).Select(path => Document(files, path));
        return others.Any(static other => other is null || other.Elements("interface").Any() || other.Elements("source").Any(static source => source.Attribute("address")?.Value.EndsWith("/0", StringComparison.Ordinal) is not false))
            ? null
            : (Saved(files, zone, isIPv6: false), Saved(files, zone, isIPv6: true));
    }

    private static XElement? Zone(IConfigFiles files, string name) => Document(files, $"/etc/firewalld/zones/{name}.xml") ?? Document(files, $"/usr/lib/firewalld/zones/{name}.xml");

    private static string Saved(IConfigFiles files, XElement zone, bool isIPv6)
    {
        var rich = zone.Elements("rule").Where(rule => rule.Attribute("family")?.Value is not { } family || family == (isIPv6 ? "ipv6" : "ipv4")).ToList();
        var text = new StringBuilder($"*filter\n:INPUT {(zone.Attribute("target")?.Value == "ACCEPT" ? "ACCEPT" : "DROP")} [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n");
        foreach (var rule in rich.OrderBy(static rule => rule.Element("accept") is null ? 0 : 1))
        {
            Append(text, RichMatches(files, rule), rule.Element("accept") is not null ? "ACCEPT" : "DROP");
        }

        Append(text, zone.Elements("service").SelectMany(service => Service(files, service)), "ACCEPT");
        Append(text, zone.Elements("port").Select(static port => Port(port, "--dport")), "ACCEPT");
        Append(text, zone.Elements("source-port").Select(static port => Port(port, "--sport")), "ACCEPT");
        Append(text, zone.Elements("protocol").Select(static protocol => $"-p {Word(protocol.Attribute("value"))}"), "ACCEPT");
        return text.Append("COMMIT\n").ToString();
    }

    private static void Append(StringBuilder text, IEnumerable<string> matches, string verdict)
    {
        foreach (var match in matches)
        {
            text.Append($"-A INPUT {match} -j {verdict}\n");
        }
    }

    // A rule of another form than these may let in or shut out whatever it likes.
    private static IEnumerable<string> RichMatches(IConfigFiles files, XElement rule)
    {
        var source = rule.Element("source");
        var isPlain = rule.Elements().All(static part => part.Name.LocalName is "source" or "service" or "port" or "accept" or "drop" or "reject" or "log" or "audit") && rule.Attribute("priority") is null
            && rule.Elements().All(static part => !part.Elements("limit").Any() || part.Name.LocalName is "log" or "audit")
            && (source is null || (source.Attribute("address") is not null && source.Attribute("invert") is null));
        var from = source is null ? "" : $"-s {Word(source.Attribute("address"))} ";
        var matches = rule.Elements("service").SelectMany(service => Service(files, service)).Concat(rule.Elements("port").Select(static port => Port(port, "--dport"))).ToList();
        return !isPlain ? [Unknown] : matches.Count == 0 ? [from.TrimEnd()] : matches.Select(match => from + match);
    }

    private static IEnumerable<string> Service(IConfigFiles files, XElement service)
    {
        var name = Word(service.Attribute("name"));
        var written = Document(files, $"/etc/firewalld/services/{name}.xml") ?? Document(files, $"/usr/lib/firewalld/services/{name}.xml");
        return written is not null
            ? written.Element("destination") is not null || written.Elements("include").Any() ? [Unknown] : written.Elements("port").Select(static port => Port(port, "--dport")).Concat(written.Elements("protocol").Select(static protocol => $"-p {Word(protocol.Attribute("value"))}"))
            : Known.TryGetValue(name, out var ports) ? ports.Select(static port => port.Split('/')).Select(static parts => $"-p {parts[1]} --dport {parts[0]}")
            : [Unknown];
    }

    private static string Port(XElement port, string which) => $"-p {Word(port.Attribute("protocol"))} {which} {Word(port.Attribute("port")).Replace('-', ':')}";

    /// <summary>A match that the reader does not understand, so that nothing is sure of what it might fit.</summary>
    private const string Unknown = "-m firewalld --not-read";

    // What stands in a stranger's file must not add to the rule.
    private static string Word(XAttribute? attribute) =>
        attribute is { Value.Length: > 0 } && attribute.Value.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or ':' or '/' or '-' or '_') && !attribute.Value.StartsWith('-') ? attribute.Value : "not-read";

    private static XElement? Document(IConfigFiles files, string path)
    {
        if (files.Read(path) is not { } content || content.Length > LongestBytes)
        {
            return null;
        }

        try
        {
            using var reader = XmlReader.Create(new MemoryStream(content), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            return XDocument.Load(reader).Root;
        }
        catch (XmlException)
        {
            return null;
        }
    }
}

using System.Net;
using System.Net.Sockets;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Host.Filter;

/// <summary>What this machine's own rules let in from the internet, as far as that is sure.</summary>
internal sealed class MachineFirewall
{
    // Together: what the ports of one machine take is some thousand, and two million with all networks of a country.
    private const int MaxSteps = 2_000_000;

    private readonly PacketFilter _filter;
    private readonly Dictionary<(string Protocol, int Port, bool IsIPv6, bool IsOverLimit), (Outcomes, IReadOnlyList<FilterRule>)> _known = [];
    private readonly Lazy<IPAddress?> _stranger4;
    private readonly Lazy<IPAddress?> _stranger6;
    private int _steps;
    private readonly string? _interface;
    private readonly string? _interface6;

    private readonly PbxSnapshot _pbx;

    private MachineFirewall(PbxSnapshot pbx, PacketFilter filter, string? @interface, string? interface6)
    {
        (_pbx, _filter, _interface, _interface6) = (pbx, filter, @interface, interface6);
        _stranger4 = new(() => Strangers.Find(isIPv6: false, filter.Named), isThreadSafe: false);
        _stranger6 = new(() => Strangers.Find(isIPv6: true, filter.Named), isThreadSafe: false);
    }

    /// <summary>Its rules, to follow other packets through than those of strangers.</summary>
    public PacketFilter Filter => _filter;

    /// <summary>By which interface strangers come in; null: not known.</summary>
    public string? Interface4 => _interface;

    /// <summary>Where its rules were read: what the kernel printed, or a file.</summary>
    public Place Place { get; private init; }

    public IReadOnlyList<string> EmptyBlocklists => _filter.EmptyBlocklists;

    /// <summary>There is a rule, or a policy, that can stop a packet.</summary>
    public bool CanStop(bool isIPv6) => _filter.CanStop(isIPv6);

    /// <summary>The machine has an address that packets from the internet can be sent to; null: nobody said.</summary>
    public bool? HasPublicAddress { get; private init; }

    public bool HasPublicIPv6 { get; private init; }

    /// <returns>null: the machine was not asked, or not everything that can stop a packet was shown.</returns>
    public static MachineFirewall? Read(PbxSnapshot pbx) => pbx.Once(ReadNow);

    private static MachineFirewall? ReadNow(PbxSnapshot pbx)
    {
        var iptables = pbx.Fact(HostFact.Iptables);
        var ip6tables = pbx.Fact(HostFact.Ip6tables);
        var nft = pbx.Fact(HostFact.Nft);

        // Rules of the old kind that were not shown, or that a tool could not say.
        var isHidden = !string.IsNullOrWhiteSpace(pbx.Fact(HostFact.LegacyTables)) && iptables?.Contains("(nf_tables)", StringComparison.Ordinal) is not false;
        if (nft is null && iptables is null && OfFiles(pbx.Files) is { } written)
        {
            return Of(pbx, [IptablesRuleset.Read(written.IPv4, isIPv6: false, IpsetSave.Read(null)), IptablesRuleset.Read(written.IPv6, isIPv6: true, IpsetSave.Read(null))], new Place(written.File, 0));
        }

        if (nft is null || isHidden || (iptables is null) != (ip6tables is null) || (iptables + ip6tables).Contains("legacy tables present", StringComparison.Ordinal))
        {
            return null;
        }

        var sets = IpsetSave.Read(pbx.Fact(HostFact.Ipset));
        var native = NftRuleset.Read(nft, (family, table) => (family switch { "ip" => iptables, "ip6" => ip6tables, _ => null }) is { } shown
            && shown.Contains("(nf_tables)", StringComparison.Ordinal) && shown.Contains($"\n*{table}\n", StringComparison.Ordinal));
        if (native is null)
        {
            return null;
        }

        return Of(pbx, iptables is null ? [native] : (PacketFilter[])[native, IptablesRuleset.Read(iptables, isIPv6: false, sets), IptablesRuleset.Read(ip6tables!, isIPv6: true, sets)], new Place(HostFact.Nft.Name, 0));
    }

    private static (string IPv4, string IPv6, string File)? OfFiles(IConfigFiles files) =>
        UfwFiles.Read(files) is { } ufw ? (ufw.IPv4, ufw.IPv6, UfwFiles.Switch)
            : FirewalldFiles.Read(files) is { } firewalld ? (firewalld.IPv4, firewalld.IPv6, FirewalldFiles.Settings)
            : null;

    private static MachineFirewall Of(PbxSnapshot pbx, IReadOnlyList<PacketFilter> filters, Place place)
    {
        var addresses = OwnAddresses(pbx);
        return new MachineFirewall(pbx, PacketFilter.Join(filters), Interface(pbx.Fact(HostFact.DefaultRoute)), Interface(pbx.Fact(HostFact.DefaultRoute6)))
        {
            Place = place,
            HasPublicAddress = addresses is null ? null : addresses.Exists(static address => !PrivateNetworks.Contains(address)),
            HasPublicIPv6 = addresses?.Exists(static address => address.AddressFamily == AddressFamily.InterNetworkV6 && !PrivateNetworks.Contains(address)) ?? false,
        };
    }

    /// <returns><see cref="Outcomes.Accept"/> or <see cref="Outcomes.Drop"/> where it is sure; else several flags.</returns>
    public Outcomes For(string protocol, int port, bool isIPv6, bool isOverLimit = false) => Walk(protocol, port, isIPv6, isOverLimit).Outcome;

    /// <summary>Rules with a limit that such packets come by.</summary>
    public (Outcomes Outcome, IReadOnlyList<FilterRule> Limits) Walk(string protocol, int port, bool isIPv6, bool isOverLimit)
    {
        if (_known.TryGetValue((protocol, port, isIPv6, isOverLimit), out var known))
        {
            return known;
        }

        if (_steps > MaxSteps)
        {
            _pbx.LeaveOut("the firewall has so many rules and networks that not every port was followed through them: of the others nothing is concluded");
            return (Outcomes.Accept | Outcomes.Drop, []);
        }

        if ((isIPv6 ? _stranger6 : _stranger4).Value is not { } source)
        {
            return (Outcomes.Accept | Outcomes.Drop, []);
        }

        var walk = new FilterWalk(_filter.Chains, new Probe(isIPv6, protocol, port, source, isIPv6 ? _interface6 : _interface, isOverLimit), MaxSteps - _steps);
        var end = walk.Enter();
        _steps += walk.Steps;
        return _known[(protocol, port, isIPv6, isOverLimit)] = (end, walk.Limits);
    }

    // "default via 192.0.2.1 dev eth0 proto dhcp". With two of them nobody knows which way a stranger comes.
    private static string? Interface(string? routes)
    {
        var devices = (routes ?? "").Split('\n').Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(static words => words is ["default", ..])
            .Select(static words => Array.IndexOf(words, "dev") is >= 0 and var at && at + 1 < words.Length ? words[at + 1] : "").Distinct().ToList();
        return devices is [{ Length: > 0 } only] ? only : null;
    }

    // "2: eth0    inet 192.0.2.1/24 brd 192.0.2.255 scope global eth0\       valid_lft ..."
    private static List<IPAddress>? OwnAddresses(PbxSnapshot pbx) => pbx.Fact(HostFact.Addresses) is not { } text ? null :
        [.. text.Split('\n').Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(static words => words.Length > 3 && words[2] is "inet" or "inet6")
            .Select(static words => IPAddress.TryParse(words[3].Split('/')[0], out var address) ? address : null).OfType<IPAddress>()];
}

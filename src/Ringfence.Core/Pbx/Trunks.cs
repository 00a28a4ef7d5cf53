using Ringfence.Core.Configuration;
using Ringfence.Core.Events;

namespace Ringfence.Core.Pbx;

/// <summary>A host that the PBX's configuration names for a trunk: an address or network, or a DNS name that the caller resolves.</summary>
/// <param name="Network">null if it is a name.</param>
/// <param name="Name">null if it is an address or a network. Resolve A and AAAA; Asterisk asks SRV too.</param>
/// <param name="Origin">For people: "trunk trunk-ip in pjsip.conf:251".</param>
internal sealed record TrunkHost(Network? Network, string? Name, string Origin)
{
    /// <summary>A name without a port: Asterisk takes its NAPTR and SRV records first (RFC 3263), of which Ringfence asks none.</summary>
    public bool HasSrv { get; init; }
}

/// <param name="Problems">What is named for a trunk and can't be trusted (0.0.0.0/0), and what is wrong with the files.</param>
internal sealed record TrunkReading(IReadOnlyList<TrunkHost> Hosts, IReadOnlyList<ConfigProblem> Problems);

/// <summary>Whom the administrator told Asterisk to talk to by address: those must never be banned, whatever is said in their name over UDP.</summary>
/// <remarks>docs.asterisk.org, "PJSIP Configuration Sections and Relationships"; pjsip_wizard.conf.sample, iax.conf.sample of Asterisk 22, sip.conf.sample of 16.</remarks>
internal static class Trunks
{
    private static readonly string[] OldPeerTypes = ["peer", "friend", "user"];

    /// <param name="directory">Asterisk's configuration directory.</param>
    public static TrunkReading Read(string directory, IConfigFiles files)
    {
        var found = new Found();
        var pjsip = AsteriskConfig.Read("pjsip.conf", directory, files);
        found.Problems.AddRange(pjsip.Problems);
        foreach (var section in pjsip.Sections)
        {
            ReadPjsip(section, found);
        }

        foreach (var section in AsteriskConfig.Read("pjsip_wizard.conf", directory, files).Sections)
        {
            ReadWizard(section, found);
        }

        foreach (var file in (string[])["iax.conf", "sip.conf"])
        {
            foreach (var section in AsteriskConfig.Read(file, directory, files).Sections)
            {
                ReadOldPeer(section, found);
            }
        }

        return new TrunkReading([.. found.Hosts.DistinctBy(host => (host.Network, host.Name))], found.Problems);
    }

    private static void ReadPjsip(ConfigSection section, Found found)
    {
        // from_domain is what the From header says, not where anything is sent: no address.
        switch (section["type"]?.ToLowerInvariant())
        {
            case "identify":
                found.AddMatches(section.Name, section.All("match"));
                break;
            case "aor":
                found.AddUris(section.Name, section.All("contact"));
                found.AddUris(section.Name, section.All("outbound_proxy"));
                break;
            case "registration":
                found.AddUris(section.Name, section.All("server_uri"));
                found.AddUris(section.Name, section.All("client_uri"));
                found.AddUris(section.Name, section.All("outbound_proxy"));
                break;
            case "endpoint":
                found.AddUris(section.Name, section.All("outbound_proxy"));
                break;
            default:
                break;
        }
    }

    private static void ReadWizard(ConfigSection section, Found found)
    {
        if (!string.Equals(section["type"], "wizard", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        found.AddHosts(section.Name, section.All("remote_hosts"));
        found.AddMatches(section.Name, section.All("identify/match"));
        foreach (var name in (string[])["aor/contact", "registration/server_uri", "registration/client_uri", "registration/outbound_proxy", "endpoint/outbound_proxy", "outbound_proxy"])
        {
            found.AddUris(section.Name, section.All(name));
        }
    }

    private static void ReadOldPeer(ConfigSection section, Found found)
    {
        if (section.Name == "general")
        {
            foreach (var setting in section.All("register"))
            {
                // user[:secret[:authuser]]@host[:port][/extension]: the secret may hold anything, the host can't hold an @.
                if (RegisterHost(setting.Value) is { } host)
                {
                    found.Add(host, "registration", "register", setting);
                }
            }

            return;
        }

        if (!OldPeerTypes.Contains(section["type"]?.ToLowerInvariant()))
        {
            return;
        }

        foreach (var name in (string[])["host", "defaultip", "outboundproxy"])
        {
            found.AddHosts(section.Name, section.All(name).Where(setting => !string.Equals(setting.Value, "dynamic", StringComparison.OrdinalIgnoreCase)));
        }
    }

    // Without an @ there is nothing that is surely no secret.
    private static string? RegisterHost(string value)
    {
        var at = value.LastIndexOf('@');
        if (at < 0)
        {
            return null;
        }

        var host = value[(at + 1)..];
        var slash = host.IndexOf('/', StringComparison.Ordinal);
        return SipHost.WithoutPort(slash < 0 ? host : host[..slash]);
    }

    private sealed class Found
    {
        public List<TrunkHost> Hosts { get; } = [];

        public List<ConfigProblem> Problems { get; } = [];

        public void AddMatches(string trunk, IEnumerable<ConfigSetting> settings)
        {
            foreach (var (setting, element) in Elements(settings))
            {
                // "!" takes an address out of the match (main/acl.c, ast_append_acl): nobody to trust.
                if (!element.StartsWith('!'))
                {
                    Add(SipHost.OfMatch(element), "trunk " + trunk, "match", setting);
                }
            }
        }

        public void AddUris(string trunk, IEnumerable<ConfigSetting> settings)
        {
            foreach (var (setting, element) in Elements(settings))
            {
                if (SipHost.OfUri(element) is { } host)
                {
                    Add(host, "trunk " + trunk, setting.Name, setting, hasPort: element.Contains($"{host}:", StringComparison.Ordinal));
                }
            }
        }

        public void AddHosts(string trunk, IEnumerable<ConfigSetting> settings)
        {
            foreach (var (setting, element) in Elements(settings))
            {
                Add(SipHost.OfUri(element) ?? SipHost.WithoutPort(element), "trunk " + trunk, setting.Name, setting);
            }
        }

        public void Add(string host, string who, string key, ConfigSetting setting, bool hasPort = true)
        {
            var text = TrustedAddressText.Parse(host, allowHostBits: true);
            if (text.Expected is { } expected)
            {
                Problems.Add(new ConfigProblem(setting.Place, $"{key} of {Shown.Text(who)} names \"{Shown.Text(host)}\", which is not trusted: expected {expected}"));
            }
            else if (text.Network is not { } network || !IsNowhere(network))
            {
                Hosts.Add(new TrunkHost(text.Network, text.Name, $"{Shown.Text(who)} in {setting.Place}") { HasSrv = text.Name is not null && !hasPort });
            }
        }

        // 0.0.0.0 and :: as placeholders.
        private static bool IsNowhere(Network network) => network.First == Address.FromIPv4(0) || network.First == default;

        private static IEnumerable<(ConfigSetting Setting, string Element)> Elements(IEnumerable<ConfigSetting> settings) =>
            settings.SelectMany(setting => setting.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(element => (setting, element)));
    }
}

using System.Globalization;
using Ringfence.Core.Configuration;

namespace Ringfence.Core.Pbx;

/// <summary>Where the PBX speaks SIP, by its configuration.</summary>
/// <param name="Clear">UDP and TCP.</param>
/// <param name="Opaque">TLS, and WebSocket with and without it. What is said there a packet does not show, except on ports that are <see cref="Web"/> too.</param>
/// <remarks>Asterisk 22: res/res_pjsip/config_transport.c (a bind without a port has 5060, with TLS 5061), http.conf.sample; sip.conf.sample of Asterisk 16.</remarks>
internal sealed record SipPorts(IReadOnlyList<ushort> Clear, IReadOnlyList<ushort> Opaque)
{
    /// <summary>http.conf.sample of Asterisk 22.</summary>
    public const ushort UsualWeb = 8088;

    /// <summary>manager.conf.sample of Asterisk 22.</summary>
    public const ushort UsualManager = 5038;

    private const ushort Usual = 5060;
    private const ushort UsualTls = 5061;
    private const ushort UsualSecureWeb = 8089;

    /// <summary>Where the PBX's HTTP server is in clear: the ARI, the manager over HTTP, and SIP in its WebSockets if it is one of Opaque.</summary>
    public IReadOnlyList<ushort> Web { get; init; } = [];

    /// <summary>Where the ARI can be reached over HTTPS from elsewhere: who guesses there nobody sees, for Asterisk logs none of it.</summary>
    public IReadOnlyList<ushort> SecureAri { get; init; } = [];

    /// <summary>Where its manager interface is in clear and can be reached from elsewhere.</summary>
    public IReadOnlyList<ushort> Manager { get; init; } = [];

    /// <summary>As the configuration of Ringfence says, or of the PBX where that says nothing.</summary>
    public static SipPorts Of(WireSettings wire, string directory, IConfigFiles files)
    {
        var found = Read(directory, files);
        return found with { Clear = wire.Ports.Count > 0 ? wire.Ports : found.Clear, Opaque = wire.TlsPorts.Count > 0 ? wire.TlsPorts : found.Opaque };
    }

    /// <param name="directory">Asterisk's configuration directory.</param>
    /// <returns>5060, and 5061 as opaque, where nothing says anything else.</returns>
    public static SipPorts Read(string directory, IConfigFiles files)
    {
        var clear = new SortedSet<ushort>();
        var opaque = new SortedSet<ushort>();
        foreach (var transport in AsteriskConfig.Read("pjsip.conf", directory, files).Sections.Where(section => Is(section["type"], "transport")))
        {
            switch (transport["protocol"]?.ToLowerInvariant())
            {
                case null or "udp" or "tcp":
                    clear.Add(PortOf(transport["bind"]) ?? Usual);
                    break;
                case "tls":
                    opaque.Add(PortOf(transport["bind"]) ?? UsualTls);
                    break;
                case "ws" or "wss":
                    AddWeb(opaque, directory, files);
                    break;
                default:
                    break;
            }
        }

        foreach (var general in AsteriskConfig.Read("sip.conf", directory, files).Named("general"))
        {
            clear.Add(PortOf(general["udpbindaddr"]) ?? Number(general["bindport"]) ?? Usual);
            if (AsteriskBool.IsTrue(general["tcpenable"]))
            {
                clear.Add(PortOf(general["tcpbindaddr"]) ?? Usual);
            }

            if (AsteriskBool.IsTrue(general["tlsenable"]))
            {
                opaque.Add(PortOf(general["tlsbindaddr"]) ?? UsualTls);
            }
        }

        var web = WebPorts(directory, files);
        var manager = ManagerPorts(directory, files);
        var ari = SecureAriPorts(directory, files);
        return clear.Count + opaque.Count == 0
            ? new SipPorts([Usual], [UsualTls]) { Web = web, Manager = manager, SecureAri = ari }
            : new SipPorts([.. clear], [.. opaque.Except(clear)]) { Web = [.. web.Except(clear)], Manager = [.. manager.Except(clear).Except(web)], SecureAri = ari };
    }

    // Who can reach it through loopback alone is this machine.
    private static List<ushort> ManagerPorts(string directory, IConfigFiles files) =>
        [.. AsteriskConfig.Read("manager.conf", directory, files).Named("general")
            .Where(general => AsteriskBool.IsTrue(general["enabled"]) && !PrivateNetworks.IsLoopback(general["bindaddr"])).Select(general => Number(general["port"]) ?? UsualManager).Distinct()];

    // ari.conf.sample: enabled unless it says otherwise.
    private static List<ushort> SecureAriPorts(string directory, IConfigFiles files) =>
        !AsteriskConfig.Read("ari.conf", directory, files).Named("general").Any(static general => general["enabled"] is null || AsteriskBool.IsTrue(general["enabled"])) ? []
            : [.. AsteriskConfig.Read("http.conf", directory, files).Named("general")
                .Where(static general => AsteriskBool.IsTrue(general["enabled"]) && AsteriskBool.IsTrue(general["tlsenable"]))
                .Where(static general => !PrivateNetworks.IsLoopback(general["tlsbindaddr"] ?? general["bindaddr"]))
                .Select(static general => PortOf(general["tlsbindaddr"]) ?? UsualSecureWeb).Distinct()];

    private static List<ushort> WebPorts(string directory, IConfigFiles files) =>
        [.. AsteriskConfig.Read("http.conf", directory, files).Named("general").Where(general => AsteriskBool.IsTrue(general["enabled"])).Select(general => Number(general["bindport"]) ?? UsualWeb).Distinct()];

    private static void AddWeb(SortedSet<ushort> ports, string directory, IConfigFiles files)
    {
        ports.UnionWith(WebPorts(directory, files));
        foreach (var general in AsteriskConfig.Read("http.conf", directory, files).Named("general"))
        {
            if (AsteriskBool.IsTrue(general["tlsenable"]))
            {
                ports.Add(PortOf(general["tlsbindaddr"]) ?? UsualSecureWeb);
            }
        }
    }

    private static bool Is(string? value, string wanted) => string.Equals(value, wanted, StringComparison.OrdinalIgnoreCase);

    // "0.0.0.0:5060", "[::]:5060", "::", "pbx.example.com".
    internal static ushort? PortOf(string? bind)
    {
        var host = bind is null ? "" : SipHost.WithoutPort(bind);
        var at = bind is null ? -1 : bind.LastIndexOf(':');
        return at < 0 || bind == host ? null : Number(bind![(at + 1)..]);
    }

    private static ushort? Number(string? text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? port : null;
}

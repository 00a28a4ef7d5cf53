using System.Net;
using Ringfence.Core.Configuration;

namespace Ringfence.Core.Pbx;

/// <summary>Which sources must tell of a request that comes from this machine, by what the PBX's configuration says; what is not known here is judged by what it has
/// told before (<see cref="Detection.CanaryBook"/>).</summary>
/// <param name="Logs">Paths as the guard watches them.</param>
internal sealed record CanaryWitnesses(IReadOnlyList<string> Logs, bool Hep, bool Ami, bool Wire)
{
    /// <param name="watched">The logs that the guard reads.</param>
    /// <param name="hostName">For appendhostname=yes.</param>
    public static CanaryWitnesses Read(RingfenceConfig config, IReadOnlyList<string> watched, IPEndPoint target, IConfigFiles files, string hostName)
    {
        var written = LoggerConf.Read(config.AsteriskDirectory, files, hostName).Files;
        var isNoticed = !IsSilentAtFirst(config.AsteriskDirectory, files);
        return new CanaryWitnesses(
            [.. watched.Where(log => Of(log, written) is { } file && (Has(file, "security") || (isNoticed && Has(file, "notice"))))],
            config.Hep.Listen is { } listen && TellsHep(listen, HepConf.Read(config.AsteriskDirectory, files)),
            config.Ami.User is not null && IPAddress.IsLoopback(config.Ami.Manager.Address),
            // What the machine sends to itself passes loopback alone, whichever of its addresses it is sent to.
            (config.Wire.IsAll || config.Wire.Interfaces.Contains("lo")) && SipPorts.Of(config.Wire, config.AsteriskDirectory, files).Clear.Contains((ushort)target.Port));
    }

    // With it the first four unknown requests of an address in five seconds give no NOTICE (pjsip_distributor.c, check_endpoint; measured on 22.10.1).
    private static bool IsSilentAtFirst(string directory, IConfigFiles files) =>
        AsteriskConfig.Read("pjsip.conf", directory, files).Sections.Any(section =>
            string.Equals(section["type"], "global", StringComparison.OrdinalIgnoreCase)
            && section["endpoint_identifier_order"]?.Contains("auth_username", StringComparison.OrdinalIgnoreCase) == true);

    // An Asterisk in a container writes /var/log/asterisk/security, which this machine sees elsewhere, by the same name.
    private static ConfiguredLog? Of(string log, IReadOnlyList<ConfiguredLog> written) =>
        written.FirstOrDefault(file => file.Path == log)
        ?? (written.Where(file => NameOf(file.Path) == NameOf(log)).ToList() is [var same] ? same : null);

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static bool Has(ConfiguredLog file, string level) => file.Levels.Contains(level) || file.Levels.Contains("*");

    private static bool TellsHep(IPEndPoint listen, HepConf conf) =>
        conf is { State: HepState.Own or HepState.Other, Forbidden: null, Unloaded.Count: 0 } && IPEndPoint.TryParse(conf.CaptureAddress ?? "", out var told)
        && told.Port == listen.Port && (told.Address.Equals(listen.Address) || listen.Address.Equals(IPAddress.Any) || listen.Address.Equals(IPAddress.IPv6Any));
}

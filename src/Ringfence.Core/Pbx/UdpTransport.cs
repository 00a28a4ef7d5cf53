using System.Net;

namespace Ringfence.Core.Pbx;

/// <summary>Where the PBX can be asked over UDP from its own machine, by pjsip.conf.</summary>
/// <remarks>Asterisk 22: res/res_pjsip/config_transport.c; a bind without a port has 5060.</remarks>
internal static class UdpTransport
{
    private const int UsualPort = 5060;

    /// <param name="directory">Asterisk's configuration directory.</param>
    /// <returns>The first transport over UDP whose bind is an address: on loopback where it is bound to all addresses, else at its own; null: there is none.</returns>
    public static IPEndPoint? Find(string directory, IConfigFiles files) =>
        AsteriskConfig.Read("pjsip.conf", directory, files).Sections
            .Where(section => Is(section["type"], "transport") && (section["protocol"] is null || Is(section["protocol"], "udp")))
            .Select(transport => Reachable(transport["bind"])).FirstOrDefault(place => place is not null);

    private static IPEndPoint? Reachable(string? bind)
    {
        if (!IPEndPoint.TryParse(bind ?? "", out var bound))
        {
            return null;
        }

        var address = bound.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : bound.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : bound.Address;
        return new IPEndPoint(address, bound.Port == 0 ? UsualPort : bound.Port);
    }

    private static bool Is(string? value, string wanted) => string.Equals(value, wanted, StringComparison.OrdinalIgnoreCase);
}

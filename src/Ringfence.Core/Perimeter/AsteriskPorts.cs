using System.Globalization;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Perimeter;

/// <summary>Where this machine's Asterisk listens, by its own files.</summary>
internal static class AsteriskPorts
{
    // Without rtp.conf: DEFAULT_RTP_START and DEFAULT_RTP_END of res_rtp_asterisk.c.
    private const ushort FirstWithoutFile = 5000;
    private const ushort LastWithoutFile = 31000;

    /// <param name="directory">Asterisk's configuration directory.</param>
    /// <param name="ssh">What sshd listens on.</param>
    /// <returns><see cref="MachinePorts.Usual"/> where there is no Asterisk.</returns>
    public static MachinePorts Read(string directory, IConfigFiles files, IEnumerable<ushort> ssh)
    {
        var sip = SipPorts.Read(directory, files);
        var wss = AsteriskConfig.Read("http.conf", directory, files).First("general") is { } http && AsteriskBool.IsTrue(http["enabled"]) && AsteriskBool.IsTrue(http["tlsenable"])
            ? SipPorts.PortOf(http["tlsbindaddr"]) ?? MachinePorts.Usual.Wss[0]
            : MachinePorts.Usual.Wss[0];
        return new MachinePorts(
            sip.Clear.Count > 0 ? sip.Clear : MachinePorts.Usual.Sip,
            sip.Opaque.Where(port => port != wss && !sip.Web.Contains(port)).ToList() is { Count: > 0 } sips ? sips : MachinePorts.Usual.Sips,
            [wss],
            Rtp(directory, files),
            [.. ssh]);
    }

    private static (ushort First, ushort Last) Rtp(string directory, IConfigFiles files)
    {
        var config = AsteriskConfig.Read("rtp.conf", directory, files);
        if (!config.Exists)
        {
            return AsteriskConfig.Read("asterisk.conf", directory, files).Exists ? (FirstWithoutFile, LastWithoutFile) : MachinePorts.Usual.Rtp;
        }

        var first = Number(config.First("general")?["rtpstart"]) ?? FirstWithoutFile;
        var last = Number(config.First("general")?["rtpend"]) ?? LastWithoutFile;

        // res_rtp_asterisk.c: an end before the start means that neither counts.
        return first <= last ? (first, last) : (FirstWithoutFile, LastWithoutFile);
    }

    private static ushort? Number(string? text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? port : null;
}

using System.Globalization;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>A range of RTP ports that does not fit.</summary>
internal static class RtpPorts
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1558",
        Name = "rtp-ports",
        Severity = Severity.Low,
        Why = "Each leg of a call takes two ports. Too few, and calls fail when it is busy or when somebody holds some; the default, 5000 to 31000, makes the firewall open ports that belong to other services.",
        Fix = "Set rtpstart and rtpend for four ports per call, such as 10000 to 20000, and open the same range in the firewall.",
        ExampleFile = "rtp.conf",
        Bad = """
            [general]
            rtpstart = 10000
            rtpend = 10010 ; here
            """,
        Good = """
            [general]
            rtpstart = 10000
            rtpend = 20000
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var general = pbx.Config("rtp.conf").First("general");
        return general?.Find("rtpstart") is { } start && general.Find("rtpend") is { } end
            && int.TryParse(start.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var first) && int.TryParse(end.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            && last - first < 40
            ? [new Fault(end.Place, "rtp.conf", last <= first ? "ends before it begins, and Asterisk takes 5000 to 31000" : $"{last - first + 1} ports are enough for {(last - first + 1) / 4} calls between two phones")]
            : [];
    }
}

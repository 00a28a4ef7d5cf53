using Ringfence.Core.Host;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Host;

/// <summary>Asterisk runs as root.</summary>
internal static class AsteriskIsRoot
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1600",
        Name = "asterisk-is-root",
        Severity = Severity.High,
        Why = "A hole in Asterisk, a manager user with a shell or an extension that runs programs is then the whole machine.",
        Fix = "Start it as a user of its own: runuser = asterisk and rungroup = asterisk in asterisk.conf, or -U and -G, with its directories owned by that user.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact processes
            root                                 812 /usr/sbin/asterisk -f -C /etc/asterisk/asterisk.conf ; here
            asterisk                             990 /usr/sbin/asterisk -r
            """,
        Good = """
            ;;; fact processes
            asterisk                             812 /usr/sbin/asterisk -f -U asterisk
            root                                 990 /usr/sbin/asterisk -rvvv
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.Host,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from line in FactLines.Of(pbx, HostFact.Processes)
        let words = line.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        where words.Length > 2 && words[0] is "root" or "0"
        // A console that is connected (-r, -R, -x, -rvvv) is no server.
        where words[2].EndsWith("asterisk", StringComparison.Ordinal) && !words.Skip(3).Any(static word => word.StartsWith('-') && !word.StartsWith("--", StringComparison.Ordinal) && word.AsSpan().IndexOfAny("rRx") > 0)
        select new Fault(line.Place, "process asterisk", $"process {Shown.Text(words[1], 10)} is Asterisk with every right on this machine");
}

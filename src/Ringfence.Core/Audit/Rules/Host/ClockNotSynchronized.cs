using Ringfence.Core.Host;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Host;

/// <summary>Nobody sets the clock.</summary>
internal static class ClockNotSynchronized
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1606",
        Name = "clock-not-synchronized",
        Severity = Severity.Low,
        Why = "Certificates, one-time passwords, call records and logs all hang on the time: evidence with a wrong clock proves nothing, and fail2ban ignores lines that seem old.",
        Fix = "timedatectl set-ntp true (systemd-timesyncd), or install chrony.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact time
            Timezone=Etc/UTC
            NTP=no ; here
            NTPSynchronized=no
            """,
        Good = """
            ;;; fact time
            Timezone=Etc/UTC
            NTP=no
            NTPSynchronized=yes
            """,
        Reference = new Uri("https://www.freedesktop.org/software/systemd/man/latest/timedatectl.html"),
        Topic = AuditTopic.Host,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var lines = FactLines.Of(pbx, HostFact.Time).ToList();
        return from line in lines
               // Set by a program that systemd does not know (ntpd, a host around a container) the clock is synchronized all the same, and the kernel says so.
               where line.Text == "NTP=no" && lines.Exists(static other => other.Text == "NTPSynchronized=no")
               select new Fault(line.Place, "clock", "no program sets it, and the kernel says that it is not synchronized");
    }
}

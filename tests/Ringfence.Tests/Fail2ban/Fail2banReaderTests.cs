using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fail2ban;
using Ringfence.Tests.Parsing;
using Ringfence.Tests.Pbx;
using Xunit;

namespace Ringfence.Tests.Fail2ban;

public sealed class Fail2banReaderTests
{
    private static MemoryFiles Stock() => new MemoryFiles()
        .With("/f/jail.conf", """
            [INCLUDES]
            before = paths.conf
            [DEFAULT]
            ignoreip = 127.0.0.1/8 ::1
            bantime  = 10m
            findtime  = 10m
            maxretry = 5
            enabled = false
            mode = normal
            filter = %(__name__)s[mode=%(mode)s]
            [sshd]
            port    = ssh
            logpath = %(sshd_log)s
            [asterisk]
            maxretry = 10
            logpath  = /var/log/asterisk/messages
            [recidive]
            logpath  = /var/log/fail2ban.log
            bantime  = 1w
            findtime = 1d
            [ftp]
            logpath = /var/log/ftp.log
            """)
        .With("/f/paths.conf", "[DEFAULT]\nsyslog_authpriv = /var/log/auth.log\nsshd_log = %(syslog_authpriv)s\n")
        .With("/var/log/auth.log", "").With("/var/log/ftp.log", "");

    private static (Fail2banTakeover Taken, RingfenceConfig Config) Read(MemoryFiles files)
    {
        var taken = Fail2banReader.Read(files, "/f");
        Assert.NotNull(taken);
        var reading = ConfigReader.Parse("ringfence.conf", taken.Settings);
        Assert.True(reading.Config is not null, string.Join('\n', reading.Mistakes) + "\n" + taken.Settings);
        return (taken, reading.Config);
    }

    private static string Notes(Fail2banTakeover taken, string subject) => string.Join('\n', taken.Items.Where(item => item.Subject.Contains(subject, StringComparison.Ordinal)).SelectMany(item => item.Notes));

    [Fact]
    public void Jails_times_and_ignored_addresses_are_taken_over()
    {
        var (taken, config) = Read(Stock().With("/f/jail.local", """
            [DEFAULT]
            ignoreip = 127.0.0.1/8 ::1 203.0.113.5/24, office.example.com
                       2001:db8::/32   # the office
            bantime = 1d 12h
            bantime.increment = true
            bantime.factor = 2
            bantime.maxtime = 5w
            bantime.rndtime = 3h
            [sshd]
            enabled = true
            maxretry = 3
            [asterisk]
            enabled = yes
            maxretry = 4
            [recidive]
            enabled = 1
            """));

        Assert.Equal(4, config.Detection.Refusals);
        Assert.Equal(TimeSpan.FromHours(36), config.Bans.FirstBan);
        Assert.Equal((2d, TimeSpan.FromDays(35), 0.08), (config.Bans.Growth, config.Bans.MaxBan, config.Bans.RandomPart));
        Assert.Equal((5, TimeSpan.FromDays(1), TimeSpan.FromDays(7)), (config.Bans.RepeatBans, config.Bans.RepeatWindow, config.Bans.RepeatBan));
        Assert.Equal(["203.0.113.0/24", "2001:db8::/32"], config.Trust.Networks.Select(network => network.ToString()));
        Assert.Equal(["office.example.com"], config.Trust.Names);
        var door = Assert.Single(config.Doors);
        Assert.Equal((DoorKind.Sshd, 3, "/var/log/auth.log"), (door.Kind, door.Refusals, door.Logs[0]));
        Assert.Contains("# is not taken over", Notes(taken, "DEFAULT"), StringComparison.Ordinal);
        Assert.Contains("not logpath", Notes(taken, "asterisk"), StringComparison.Ordinal);
    }

    [Fact]
    public void FreePBX_s_jails_are_taken_over()
    {
        var (taken, config) = Read(Stock()
            .With("/f/jail.local", """
                [DEFAULT]
                ignoreip = 127.0.0.1
                bantime = 1800
                findtime = 600
                maxretry = 5
                backend = auto
                [asterisk-iptables]
                enabled = true
                filter = asterisk-security
                action = iptables-allports[name=SIP, protocol=all]
                         sendmail[name=SIP, dest=none@yourpbx.com, sender=none@yourpbx.com]
                logpath = /var/log/asterisk/fail2ban
                [pbx-gui]
                enabled = true
                filter = freepbx
                action = iptables-allports[name=PBX-GUI, protocol=all]
                logpath = /var/log/asterisk/freepbx_security.log
                [ssh-iptables]
                enabled = true
                filter = sshd
                logpath = /var/log/secure
                [vsftpd-iptables]
                enabled = true
                filter = vsftpd
                logpath = /var/log/vsftpd.log
                """)
            .With("/var/log/asterisk/freepbx_security.log", "").With("/var/log/secure", "").With("/var/log/vsftpd.log", "")
            .With("/f/filter.d/vsftpd.conf", """
                [INCLUDES]
                before = common.conf
                [Definition]
                _daemon = vsftpd
                failregex = ^%(__prefix_line)spam_unix\(vsftpd:auth\): authentication failure; rhost=<HOST>(?:\s+user=.*)?\s*$
                            ^ \[pid \d+\] \[[^\]]+\] FAIL LOGIN: Client "<HOST>"(?:\s*$|,)
                ignoreregex =
                """)
            .With("/f/filter.d/common.conf", "[DEFAULT]\n_daemon = \\S*\n__prefix_line = \\s*\\S+ %(_daemon)s\n"));

        Assert.Equal(TimeSpan.FromMinutes(30), config.Bans.FirstBan);
        Assert.Equal(["pbx-gui", "ssh-iptables", "vsftpd-iptables"], config.Doors.Select(door => door.Name));
        Assert.Equal([DoorKind.FreePbx, DoorKind.Sshd, DoorKind.Pattern], config.Doors.Select(door => door.Kind));
        Assert.Null(config.Doors[2].Tag);
        Assert.Equal(["^\\[pid \\d+\\] \\[[^\\]]+\\] FAIL LOGIN: Client \"<HOST>\"\\s*$"], config.Doors[2].Patterns.Select(pattern => pattern.Text));
        Assert.Contains("may stand in somebody's own text", Notes(taken, "vsftpd"), StringComparison.Ordinal); // [name] FAIL LOGIN: Client "8.8.8.8",
        Assert.Contains("what its action does to block is not taken over", Notes(taken, "pbx-gui"), StringComparison.Ordinal);
        Assert.DoesNotContain("[notify", Notes(taken, "pbx-gui"), StringComparison.Ordinal);
        Assert.Contains("\n;[notify fail2ban]\n;kind = mail\n;server = localhost\n;to = none@yourpbx.com\n", taken.Settings, StringComparison.Ordinal);
        var told = ConfigReader.Parse("r", taken.Settings.Replace("\n;[", "\n[", StringComparison.Ordinal).Replace("\n;kind", "\nkind", StringComparison.Ordinal).Replace("\n;to", "\nto", StringComparison.Ordinal)).Config!;
        Assert.Equal(["none@yourpbx.com"], Assert.Single(told.Notify.Notifiers).To);
    }

    [Theory]
    [InlineData("%(action_mw)s", "boss@example.com")]
    [InlineData("sendmail[dest=\"x y\", name=a]", "x")]
    [InlineData("iptables[name=mail]", null)]
    [InlineData("sendmail[dest=]", null)]
    [InlineData("sendmail[dest=-oX@example.com]", null)]
    [InlineData("sendmail[dest=a\\nb", null)]
    public void Who_was_mailed_is_proposed_as_a_receiver(string action, string? to)
    {
        var (taken, _) = Read(Stock().With("/f/jail.local", $"""
            [DEFAULT]
            destemail = boss@example.com
            action_mw = iptables[name=%(__name__)s]
                        sendmail-whois[name=%(__name__)s, sender="root@x", dest="%(destemail)s", protocol="tcp"]
            [sshd]
            enabled = true
            action = {action}
            """));

        Assert.Equal(to is null ? [] : [$";to = {to}"], taken.Settings.Split('\n').Where(line => line.StartsWith(";to = ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Sat Nov 21 20:00:00 2026 [pid 123] [bob] FAIL LOGIN: Client \"198.51.100.7\"", "vsftpd.log")]
    [InlineData("Nov 21 20:00:00 pbx vsftpd[123]: pam_unix(vsftpd:auth): authentication failure; rhost=198.51.100.7  user=bob", "auth.log")]
    [InlineData("Nov 21 20:00:00 pbx vsftpd[123]: pam_unix(vsftpd:auth): authentication failure; rhost=198.51.100.7  user=bob", "vsftpd.log")]
    public void A_jail_whose_filter_reads_two_kinds_of_logs_finds_what_stands_in_its_own(string line, string log)
    {
        var (taken, config) = Read(Stock()
            .With("/f/jail.local", $"[vsftpd]\nenabled = true\nlogpath = /var/log/{log}\n[sshd]\nlogpath = /var/log/secure\n")
            .With($"/var/log/{log}", line + "\n")
            .With("/f/filter.d/vsftpd.conf", """
                [INCLUDES]
                before = common.conf
                [Definition]
                _daemon = vsftpd
                failregex = ^%(__prefix_line)spam_unix\(vsftpd:auth\): authentication failure; rhost=<HOST>(?:\s+user=.*)?\s*$
                            ^ \[pid \d+\] \[[^\]]+\] FAIL LOGIN: Client "<HOST>"\s*$
                """)
            .With("/f/filter.d/common.conf", "[DEFAULT]\n_daemon = \\S*\n__prefix_line = \\s*\\S+ %(_daemon)s\n"));

        var found = Recorder.Read(Encoding.Latin1.GetBytes(line + "\n"), door: config.Doors[0].NewLog());

        Assert.Equal(["198.51.100.7"], found.Events.Select(seen => seen.Source));
        Assert.Contains("it is [door vsftpd] with 1 of 2 expressions", Notes(taken, "vsftpd"), StringComparison.Ordinal);
        Assert.Contains("1 of its expressions not taken over", Notes(taken, "vsftpd"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("failregex = ^a .* from <HOST>", "may stand in somebody's own text")]
    [InlineData("failregex = ^a(?=x) <HOST>$", "look ahead")]
    [InlineData("failregex = ^a <HOST>$\nignoreregex = (?<!x)y", "ignoreregex")]
    [InlineData("failregex = ^a <F-ID>x</F-ID> <HOST>$", "bans by another key")]
    [InlineData("failregex = ^a <HOST>$\nmaxlines = 3", "reads 3 lines together")]
    [InlineData("failregex = ^%(x)s <HOST>$\nx = %(y)s\ny = %(x)s", "circle")]
    [InlineData("failregex = ^<x> <HOST>$\nx = <y>\ny = <x>", "circle")]
    [InlineData("failregex = ^%(nothing)s <HOST>$", "%(nothing)s is no option")]
    [InlineData("failregex = ^100% <HOST>$", "a % that is neither")]
    [InlineData("failregex = ^%(__prefix_line)sa <HOST>$\n_daemon = \\S+", "several programs")]
    [InlineData("failregex =", "it has no failregex")]
    public void What_can_t_be_taken_over_is_said_with_the_reason(string filter, string reason)
    {
        var (taken, config) = Read(Stock().With("/f/jail.local", "[ftp]\nenabled = true\n").With("/f/filter.d/ftp.conf", "[Definition]\n" + filter + "\n"));

        Assert.Empty(config.Doors);
        var item = taken.Items.First(item => item.Subject == "ftp");
        Assert.False(item.IsTaken);
        Assert.Contains(reason, string.Join('\n', item.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "/x", "journal = yes in place of logpath: no log that it names is there")]
    [InlineData(true, "/var/log/auth.log\nbackend = systemd", "journal = yes in place of logpath: backend is systemd")]
    [InlineData(false, "/var/log/auth.log\nbackend = systemd", "it is [door sshd]")]
    [InlineData(false, "/x", "not taken over: none of its logs is there")]
    public void Sshd_is_read_from_the_journal_where_there_is_one_and_it_is_said(bool hasJournal, string logpath, string note)
    {
        var files = Stock().With("/f/jail.local", $"[sshd]\nenabled = true\nlogpath = {logpath}\n");
        files = hasJournal ? files.With("/usr/bin/journalctl", "").With("/run/log/journal/1/system.journal", "") : files;

        var (taken, config) = Read(files);

        Assert.Contains(note, Notes(taken, "sshd"), StringComparison.Ordinal);
        Assert.Equal(hasJournal, config.Doors is [{ Journal: "yes" }]);
    }

    [Fact]
    public void Files_that_include_themselves_are_read_once()
    {
        var (taken, _) = Read(Stock().With("/f/paths.conf", "[INCLUDES]\nbefore = paths.conf\n[DEFAULT]\nsshd_log = /x\n"));

        Assert.Contains(taken.Items, item => item.Subject == "files" && item.Notes[0].Contains("includes itself", StringComparison.Ordinal));
    }

    [Fact]
    public void A_prefregex_is_put_before_each_expression()
    {
        var (_, config) = Read(Stock().With("/f/jail.local", "[ftp]\nenabled = true\nfilter = ftp[mode=more]\n").With("/f/filter.d/ftp.conf", """
            [Definition]
            prefregex = ^\[client <HOST>\] <F-CONTENT>.+</F-CONTENT>$
            mdre-normal = ^never
            mdre-more = ^user <F-USER>\S+</F-USER> not found\b
            failregex = <mdre-<mode>>
            mode = normal
            """));

        Assert.Equal(["^\\[client <HOST>\\] user (?:\\S+) not found"], config.Doors[0].Patterns.Select(pattern => pattern.Text));
    }

    [Theory]
    [InlineData("600", 600)]
    [InlineData("10m", 600)]
    [InlineData("1d 12h", 129_600)]
    [InlineData("1d12h", 129_600)]
    [InlineData("1hour+30min", 5_400)]
    [InlineData("60*60", 3_600)]
    [InlineData("1w", 604_800)]
    [InlineData("1mo", 2_629_800)]
    [InlineData("1y-6mo", 15_778_800)]
    [InlineData("2 weeks", 1_209_600)]
    public void Durations_are_those_of_fail2ban(string text, double seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Fail2banTime.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("10x")]
    [InlineData("(1+2)*3")]
    [InlineData("1d,2h")]
    public void What_is_no_duration_is_none(string text) => Assert.Null(Fail2banTime.Parse(text));

    [Fact]
    public void For_ever_is_the_longest_ban_that_there_is()
    {
        var (taken, config) = Read(Stock().With("/f/jail.local", "[DEFAULT]\nbantime = -1\n"));

        Assert.Equal(TimeSpan.FromDays(365), config.Bans.FirstBan);
        Assert.Contains("the longest that there is", Notes(taken, "DEFAULT"), StringComparison.Ordinal);
    }

    [Fact]
    public void No_file_throws()
    {
        var random = new Random(31);
        string[] pieces = ["[DEFAULT]\n", "[ftp]\n", "enabled = true\n", "filter = ftp[a=%(b)s]\n", " x\n", "b = <a>%(b)s%%\n", "[INCLUDES]\nbefore = jail.conf a/b\n", "bantime = 1d*\n", "ignoreip = x/y 1.2.3.4/99\n", "%(", ")s", "[", "]", "=", "<F-USER>", "</F-USER>", "failregex = ^<HOST>(\n", "\u0001", "maxretry = 99999999999\n"];
        for (var round = 0; round < 3_000; round++)
        {
            string Text() => string.Concat(Enumerable.Range(0, random.Next(25)).Select(_ => pieces[random.Next(pieces.Length)]));
            var taken = Fail2banReader.Read(Stock().With("/f/jail.local", Text()).With("/f/filter.d/ftp.conf", "[Definition]\n" + Text()), "/f");

            Assert.NotNull(taken);
            Assert.Empty(ConfigReader.Parse("ringfence.conf", taken.Settings).Mistakes);
        }
    }
}

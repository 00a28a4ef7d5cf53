using Ringfence.Core.Configuration;
using Xunit;

namespace Ringfence.Tests.Configuration;

public sealed class DoorKeysTests
{
    [Fact]
    public void Doors_are_read_with_all_that_they_say()
    {
        var reading = ConfigReader.Parse("ringfence.conf", """
            [door sshd]
            kind = sshd
            log = /var/log/auth.log
            refusals = 4
            within = 1h
            [door ftp]
            kind = pattern
            log = /var/log/vsftpd.log, /var/log/syslog
            tag = vsftpd
            pattern = ^FAIL LOGIN: Client "<HOST>"$
            pattern = ^a{1,3}\; <HOST>
            ignore = ^monitor
            [door proxy]
            kind = kamailio
            journal = kamailio.service
            """);

        Assert.Empty(reading.Mistakes);
        Assert.Equal(["sshd", "ftp", "proxy"], reading.Config!.Doors.Select(door => door.Name));
        Assert.Equal((4, TimeSpan.FromHours(1)), (reading.Config.Doors[0].Refusals, reading.Config.Doors[0].Window));
        Assert.Equal(["/var/log/vsftpd.log", "/var/log/syslog"], reading.Config.Doors[1].Logs);
        Assert.Equal(["^FAIL LOGIN: Client \"<HOST>\"$", "^a{1,3}; <HOST>"], reading.Config.Doors[1].Patterns.Select(pattern => pattern.Text));
        Assert.Equal(2, reading.Config.Doors[2].Over(new DetectionSettings()).Refusals);
    }

    [Theory]
    [InlineData("[door x]\nlog = /x", "ringfence.conf:1: [door x] has no kind: expected kind = sshd, freepbx, web, kamailio, opensips or pattern")]
    [InlineData("[door x]\nkind = sshd", "ringfence.conf:1: [door x] has nothing to read: expected log = PATH or journal = UNIT")]
    [InlineData("[door x]\nkind = sshd\nlog = /x\njournal = yes", "ringfence.conf:1: [door x] has both log and journal: expected one, for each failure would count twice")]
    [InlineData("[door x]\nkind = ssh\nlog = /x", "ringfence.conf:2: kind is \"ssh\": expected sshd, freepbx, web, kamailio, opensips or pattern")]
    [InlineData("[door x]\nkind = sshd\nlog = x", "ringfence.conf:3: log is \"x\": expected an absolute path, beginning with /")]
    [InlineData("[door x]\nkind = pattern\nlog = /x", "ringfence.conf:1: [door x] has no pattern: expected pattern = ... with <HOST>")]
    [InlineData("[door x]\nkind = pattern\nlog = /x\npattern = a(", "ringfence.conf:4: pattern is \"a(\": at character 2: ( without its )")]
    [InlineData("[door x]\nkind = sshd\nlog = /x\ntag = sshd", "ringfence.conf:1: [door x] has pattern, ignore or tag: expected kind = pattern with them")]
    [InlineData("[door x]\nkind = web\njournal = yes", "ringfence.conf:1: [door x] has journal = yes: expected the name of a unit; yes is for kind = sshd")]
    [InlineData("[door x y]\nkind = sshd\nlog = /x", "ringfence.conf:1: [door x y] has no name that can be one: expected letters, digits, - _ . such as [door sshd]")]
    [InlineData("[door x]\nkind = sshd\nlog = /x\n[door x]\nkind = sshd\nlog = /y", "ringfence.conf:4: [door x] is there twice: expected one section for each door")]
    [InlineData("[door x]\nkind = sshd\nlog = /x\n[door y]\nkind = sshd\nlog = /x", "ringfence.conf:4: [door y] names /x, which another door reads: expected each file at one door")]
    [InlineData("[door x]\nkind = sshd\nlog = /x\npatern = y", "ringfence.conf:4: patern is no key of [door NAME]: did you mean pattern?")]
    [InlineData("[door x]\nkind = sshd\njournal = a b", "ringfence.conf:3: journal is \"a b\": expected a unit such as ssh.service, or yes")]
    public void Each_mistake_of_a_door_is_told_with_its_place(string text, string mistake) =>
        Assert.Equal([mistake], ConfigReader.Parse("ringfence.conf", text).Mistakes.Select(told => told.ToString()));
}

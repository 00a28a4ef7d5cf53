using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Xunit;

namespace Ringfence.Tests.Parsing;

public sealed class PatternLogTests
{
    private static readonly LinePattern Fail = LinePattern.Read("^(?:\\[pid \\d+\\] )?FAIL LOGIN: Client \"<HOST>\"").Pattern!;
    private static readonly LinePattern Apache = LinePattern.Read("^<HOST> \\S+ \\S+ \\[[^\\]]*\\] \"POST /wp-login").Pattern!;

    [Theory]
    [InlineData("Nov 20 23:58:10 pbx vsftpd[1]: FAIL LOGIN: Client \"198.51.100.7\"", "2026-11-20 23:58:10")]
    [InlineData("2026-11-20T23:58:10.5+01:00 pbx vsftpd[1]: FAIL LOGIN: Client \"198.51.100.7\"", "2026-11-20 22:58:10")]
    [InlineData("[2026-11-20 23:58:10] FAIL LOGIN: Client \"198.51.100.7\"", "2026-11-20 23:58:10")]
    [InlineData("[Fri Nov 20 23:58:10.123456 2026] FAIL LOGIN: Client \"198.51.100.7\"", "2026-11-20 23:58:10")]
    [InlineData("Fri Nov 20 23:58:10 2026 [pid 12] FAIL LOGIN: Client \"198.51.100.7\"", "2026-11-20 23:58:10")]
    [InlineData("2026-11-20 23:58:10,123 FAIL LOGIN: Client \"198.51.100.7\"", "2026-11-20 23:58:10")]
    [InlineData("2026-11-20T23:58:10Z FAIL LOGIN: Client \"198.51.100.7\"", "2026-11-20 23:58:10")]
    [InlineData("FAIL LOGIN: Client \"198.51.100.7\"", "2026-11-22 00:00:00")] // no date: of now
    [InlineData("198.51.100.7 - - [20/Nov/2026:23:58:10 +0100] \"POST /wp-login.php HTTP/1.1\" 200 1", "2026-11-20 22:58:10")]
    [InlineData("{\"__REALTIME_TIMESTAMP\":\"1795219090000000\",\"SYSLOG_IDENTIFIER\":\"vsftpd\",\"MESSAGE\":\"FAIL LOGIN: Client \\\"198.51.100.7\\\"\"}", "2026-11-20 23:58:10")]
    public void A_line_in_any_form_is_read_with_its_time(string line, string time)
    {
        var log = Recorder.Read(Encoding.Latin1.GetBytes(line + "\n"), door: new PatternLog([Fail, Apache], [], null));

        var seen = Assert.Single(log.Events);
        Assert.Equal(("198.51.100.7", EventKind.DoorFailed, Service.Door, Proof.Proven), (seen.Source, seen.Kind, seen.Service, seen.Proof));
        Assert.StartsWith(time, seen.Time, StringComparison.Ordinal);
    }

    [Fact]
    public void With_a_tag_other_programs_say_nothing()
    {
        var log = Recorder.Read(Encoding.Latin1.GetBytes("""
            Nov 20 23:58:10 pbx logger[1]: FAIL LOGIN: Client "198.51.100.7"
            FAIL LOGIN: Client "198.51.100.7"
            {"__REALTIME_TIMESTAMP":"1795219090000000","SYSLOG_IDENTIFIER":"logger","MESSAGE":"FAIL LOGIN: Client \"198.51.100.7\""}
            Nov 20 23:58:10 pbx vsftpd[1]: FAIL LOGIN: Client "198.51.100.8"

            """), door: new PatternLog([Fail], [], "vsftpd"u8.ToArray()));

        Assert.Equal(["198.51.100.8"], log.Events.Select(seen => seen.Source));
    }

    [Fact]
    public void What_is_ignored_is_no_failure_and_an_ambiguous_line_is_shown_and_never_counted()
    {
        var either = LinePattern.Read("^refused (?:\\S+ )?<HOST>").Pattern!;
        var log = Recorder.Read(Encoding.Latin1.GetBytes("""
            2026-11-20 23:58:10 refused 198.51.100.7 8.8.8.8
            2026-11-20 23:58:10 refused 198.51.100.7 monitor

            """), door: new PatternLog([either], [LinePattern.Read(" monitor$", needsHost: false).Pattern!], null));

        Assert.False(Assert.Single(log.Events).Counts);
    }

    [Fact]
    public void No_line_throws()
    {
        var random = new Random(22);
        byte[][] samples = [.. ((string[])["Nov 20 23:58:10 pbx vsftpd[1]: FAIL LOGIN: Client \"198.51.100.7\"", "[2026-11-20 23:58:10] FAIL LOGIN: Client \"2001:db8::7\"", "198.51.100.7 - - [20/Nov/2026:23:58:10 +0100] \"POST /wp-login.php HTTP/1.1\" 200 1", "{\"__REALTIME_TIMESTAMP\":\"1795219090000000\",\"SYSLOG_IDENTIFIER\":\"vsftpd\",\"MESSAGE\":[70,65]}"]).Select(Encoding.Latin1.GetBytes)];
        var reader = new PatternLog([Fail, Apache], [], null);
        for (var fed = 0; fed < 500_000;)
        {
            var line = DoorSampleTests.Mutated(random, samples);
            fed += line.Length + 1;
            _ = reader.Read(line);
        }
    }
}

using System.Net;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Xunit;

namespace Ringfence.Tests.Parsing;

public sealed class LoginSessionsTests
{
    [Fact]
    public void Utmp_gives_the_far_ends_of_living_sessions_and_no_others()
    {
        byte[] utmp =
        [
            .. Record(7, 100, "198.51.100.7"), .. Record(7, 100, "198.51.100.7"), .. Record(7, 101, "2001:db8::7"), .. Record(8, 100, "198.51.100.8"),
            .. Record(7, 999, "198.51.100.9"), .. Record(7, 100, "0.0.0.0"), 1, 2, 3,
        ];

        var peers = LoginSessions.FromUtmp(utmp, pid => pid < 200);

        Assert.Equal([Address.Parse("198.51.100.7")!.Value, Address.Parse("2001:db8::7")!.Value], peers);
    }

    [Theory]
    [InlineData("STATE=active\nREMOTE=1\nSERVICE=sshd\nREMOTE_HOST=198.51.100.7\n", "198.51.100.7")]
    [InlineData("STATE=closing\nREMOTE=1\nSERVICE=sshd\nREMOTE_HOST=198.51.100.7\n", null)]
    [InlineData("STATE=active\nREMOTE=0\nSERVICE=login\n", null)]
    [InlineData("STATE=active\nREMOTE=1\nSERVICE=vsftpd\nREMOTE_HOST=198.51.100.7\n", null)]
    [InlineData("STATE=active\nREMOTE=1\nSERVICE=sshd\nREMOTE_HOST=home.example.com\n", null)]
    [InlineData("", null)]
    public void A_session_of_logind_gives_its_far_end(string text, string? peer) => Assert.Equal(peer, LoginSessions.FromSystemdSession(text)?.ToString());

    [Fact]
    public void Random_bytes_are_read_without_an_exception()
    {
        var random = new Random(4);
        for (var round = 0; round < 1_000; round++)
        {
            var bytes = new byte[random.Next(2_000)];
            random.NextBytes(bytes);

            LoginSessions.FromUtmp(bytes, _ => true);
            LoginSessions.FromSystemdSession(System.Text.Encoding.Latin1.GetString(bytes));
        }
    }

    // utmp(5), 64-bit: type at 0, pid at 4, ut_addr_v6 at 348.
    private static byte[] Record(short type, int pid, string address)
    {
        var record = new byte[LoginSessions.UtmpRecordBytes];
        BitConverter.GetBytes(type).CopyTo(record, 0);
        BitConverter.GetBytes(pid).CopyTo(record, 4);
        IPAddress.Parse(address).GetAddressBytes().CopyTo(record, 348);
        return record;
    }
}

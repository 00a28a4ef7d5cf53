using System.Net;
using System.Net.Sockets;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class TcpConnectionsTests
{
    // struct nlmsghdr, then struct inet_diag_msg: 192.0.2.1:22 <- 198.51.100.7:54321, established.
    private const string FromAdministrator =
        "58000000 1400 0200 01000000 00000000" + "02 01 00 00 0016 D431 C0000201 000000000000000000000000 C6336407 000000000000000000000000 00000000 0000000000000000"
        + "00000000 00000000 00000000 00000000 00000000";

    private const string Done = "14000000 0300 0200 01000000 00000000 00000000";

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task The_kernel_tells_of_a_connection_that_there_is(string loopback)
    {
        using var listener = new TcpListener(IPAddress.Parse(loopback), 0);
        listener.Start();
        using var client = new TcpClient(listener.LocalEndpoint.AddressFamily);
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, TestContext.Current.CancellationToken);
        using var accepted = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);

        var connections = TcpConnections.Ask();

        Assert.SkipWhen(connections is null, "this kernel has no sock_diag");
        var address = Address.Parse(loopback)!.Value;
        var (server, peer) = (((IPEndPoint)listener.LocalEndpoint).Port, ((IPEndPoint)client.Client.LocalEndPoint!).Port);
        Assert.Contains(new TcpSocket(address, (ushort)server, address, (ushort)peer, ProcNetTcp.Established), connections);
        Assert.DoesNotContain(connections, socket => socket.State != ProcNetTcp.Established);
    }

    [Fact]
    public void An_answer_in_several_parts_is_read_to_its_end()
    {
        var found = new List<TcpSocket>();

        Assert.False(TcpConnections.Take(Bytes(FromAdministrator + FromAdministrator), found));
        Assert.True(TcpConnections.Take(Bytes(FromAdministrator + Done), found));

        Assert.Equal(3, found.Count);
        Assert.Equal(new TcpSocket(Address.Parse("192.0.2.1")!.Value, 22, Address.Parse("198.51.100.7")!.Value, 54321, ProcNetTcp.Established), found[0]);
    }

    [Theory]
    [InlineData("14000000 0200 0000 01000000 00000000 FEFFFFFF")]
    [InlineData("00000000 1400 0200 01000000 00000000")]
    [InlineData("FFFFFF7F 1400 0200 01000000 00000000")]
    [InlineData("F0FFFFFF 1400 0200 01000000 00000000")]
    public void A_refusal_and_a_broken_length_are_no_answer(string answer) => Assert.Null(TcpConnections.Take(Bytes(answer), []));

    [Fact]
    public void Any_bytes_end_without_an_exception()
    {
        var random = new Random(20261121);
        var good = Bytes(FromAdministrator + FromAdministrator + Done);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = good[..random.Next(good.Length + 1)];
            for (var changes = random.Next(6); changes > 0 && bytes.Length > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var found = new List<TcpSocket>();
            TcpConnections.Take(bytes, found);
            Assert.True(found.Count <= 2);
        }
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", string.Empty, StringComparison.Ordinal));
}

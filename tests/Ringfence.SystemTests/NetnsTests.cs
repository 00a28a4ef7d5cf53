using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Ringfence.SystemTests;

public sealed class NetnsTests
{
    [Theory]
    [InlineData("198.51.100.1", "198.51.100.2", 24)]
    [InlineData("2001:db8:1::1", "2001:db8:1::2", 64)]
    public void Two_connected_namespaces_exchange_packets_and_leave_nothing(string server, string client, int prefix)
    {
        Requires.Root();
        Requires.Tool("ip");
        string name;
        using (var pbx = Netns.Create("netns"))
        using (var phone = Netns.Create("netns"))
        {
            name = pbx.Name;
            pbx.Connect(phone, [$"{server}/{prefix}"], [$"{client}/{prefix}"]);
            using var listening = pbx.Run(() => Udp(server, 5060));
            using var sending = phone.Run(() => Udp(client, 5060));

            sending.SendTo("OPTIONS"u8, new IPEndPoint(IPAddress.Parse(server), 5060));

            Assert.True(listening.Poll(TimeSpan.FromSeconds(20), SelectMode.SelectRead));
        }

        Assert.False(File.Exists($"/run/netns/{name}"));
    }

    private static Socket Udp(string address, int port)
    {
        var local = new IPEndPoint(IPAddress.Parse(address), port);
        var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(local);
        return socket;
    }
}

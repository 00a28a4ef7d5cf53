using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Notices;

namespace Ringfence.Notifiers;

/// <summary>Tells a syslog server.</summary>
/// <remarks>RFC 5424 over UDP (RFC 5426), TCP (RFC 6587 section 3.4.1) or TLS (RFC 5425).</remarks>
internal sealed class SyslogServer(NotifierSettings settings, TimeProvider clock) : INotifier
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    // RFC 5426 section 3.2 wants what fits into one packet; an Ethernet's 1,500 less the headers of IPv6 and UDP.
    private const int UdpBytes = 1400;

    // RFC 5425 section 4.3.1: every receiver takes 2,048, and should take 8,192.
    private const int StreamBytes = 8192;

    public Task<Answer> SendAsync(NoticeMessage message, CancellationToken stop)
    {
        var server = settings.Server!;
        var port = server.Port ?? (settings.Transport == SyslogTransport.Tls ? 6514 : 514);
        var text = SyslogText.Of(message, Environment.ProcessId, settings.Transport == SyslogTransport.Udp ? UdpBytes : StreamBytes);
        var where = $"{server.Host}:{port}";
        return Attempt.RunAsync(where, Limit, clock, token => settings.Transport == SyslogTransport.Udp ? UdpAsync(where, server.Host, port, text, token) : StreamAsync(where, server.Host, port, text, token), stop);
    }

    private static async Task<Answer> UdpAsync(string where, string host, int port, byte[] text, CancellationToken stop)
    {
        using var socket = new UdpClient();
        socket.Connect(host, port);
        await socket.SendAsync(text, stop);
        return Answer.Taken($"{where}: sent by UDP, which nobody confirms");
    }

    private async Task<Answer> StreamAsync(string where, string host, int port, byte[] text, CancellationToken stop)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(host, port, stop);
        Stream stream = client.GetStream();
        if (settings.Transport == SyslogTransport.Tls)
        {
            var encrypted = new SslStream(stream);
            stream = encrypted;
            await encrypted.AuthenticateAsClientAsync(ServerTrust.Of(host, settings.CaFile), stop);
        }

        await using (stream)
        {
            await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes($"{text.Length} "), .. text], stop);
            await stream.FlushAsync(stop);

            // Syslog has no answer. But a server that was there reads to our end and closes too; one that was gone resets the connection.
            if (stream is SslStream tls)
            {
                await tls.ShutdownAsync();
            }

            client.Client.Shutdown(SocketShutdown.Send);
            var drained = new byte[256];
            while (await stream.ReadAsync(drained, stop) > 0)
            {
            }
        }

        return Answer.Taken($"{where}: sent by {(settings.Transport == SyslogTransport.Tls ? "TLS" : "TCP")}, and the server read to the end");
    }
}

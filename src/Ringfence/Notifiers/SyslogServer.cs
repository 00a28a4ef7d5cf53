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

    // For the server to close after us. rsyslog and syslog-ng do at once; balancers and appliances hold half a connection for minutes.
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(3);

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

            if (stream is SslStream tls)
            {
                await tls.ShutdownAsync();
            }

            // Syslog has no answer. But a server that was there reads to our end and closes too; one that was gone resets the connection.
            client.Client.Shutdown(SocketShutdown.Send);
            return await IsClosedAsync(stream, stop)
                ? Answer.Taken($"{where}: sent by {Way}, and the server read to the end")
                : IsAcknowledged(client.Client)
                    ? Answer.Taken($"{where}: sent by {Way}; its kernel has all of it, and the server keeps the connection open")
                    : Answer.TryAgain($"{where}: its kernel has not acknowledged all of it");
        }
    }

    private string Way => settings.Transport == SyslogTransport.Tls ? "TLS" : "TCP";

    /// <exception cref="IOException">The connection was reset.</exception>
    private async Task<bool> IsClosedAsync(Stream stream, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(Goodbye, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        var drained = new byte[256];
        try
        {
            while (await stream.ReadAsync(drained, either.Token) > 0)
            {
            }

            return true;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return false;
        }
    }

    // tcp(7), TCP_INFO: the first octet is the state. FIN_WAIT2 comes when our end, and so all before it, was acknowledged.
    private static bool IsAcknowledged(Socket socket)
    {
        const int Tcp = 6;
        const int Info = 11;
        const byte FinWait2 = 5;
        Span<byte> info = stackalloc byte[8];
        return socket.GetRawSocketOption(Tcp, Info, info) > 0 && info[0] == FinWait2;
    }
}

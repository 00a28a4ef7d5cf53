using System.Net;
using System.Net.Sockets;
using System.Text;
using Ringfence.Core.Sip;

namespace Ringfence.Sources;

/// <summary>One REGISTER to the PBX of this machine, for an account that nobody has, and its answer.</summary>
/// <remarks>Without a Contact it asks and registers nothing (RFC 3261 section 10.2.3), whatever the PBX thinks of the account.</remarks>
internal static class CanaryCall
{
    // T1, 2*T1, 4*T1 of RFC 3261 section 17.1.2.2. Over loopback nothing is lost, but a PBX that starts reads what came before it was ready as nothing.
    private static readonly TimeSpan[] Waits = [TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)];

    /// <returns>The status of the final answer; null: there was none.</returns>
    public static async Task<int?> AskAsync(IPEndPoint pbx, string callId, string account, TimeProvider clock, CancellationToken stop)
    {
        using var socket = new Socket(pbx.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            await socket.ConnectAsync(pbx, stop);
            var request = Encoding.ASCII.GetBytes(Text(pbx, (IPEndPoint)socket.LocalEndPoint!, callId, account));
            foreach (var wait in Waits)
            {
                await socket.SendAsync(request, stop);
                if (await AnswerAsync(socket, callId, wait, clock, stop) is { } status)
                {
                    return status;
                }
            }
        }
        catch (SocketException)
        {
            // Nobody listens (ICMP), or the address is not to be reached: no answer either way.
        }

        return null;
    }

    /// <summary>The request as it is sent.</summary>
    public static string Text(IPEndPoint pbx, IPEndPoint local, string callId, string account)
    {
        var host = pbx.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{pbx.Address}]" : $"{pbx.Address}";
        var random = SystemRandom.Hex(16);
        return $"REGISTER sip:{pbx} SIP/2.0\r\n"
            + $"Via: SIP/2.0/UDP {local};branch=z9hG4bK{random};rport\r\n"
            + "Max-Forwards: 70\r\n"
            + $"From: <sip:{account}@{host}>;tag={random[..16]}\r\n"
            + $"To: <sip:{account}@{host}>\r\n"
            + $"Call-ID: {callId}\r\n"
            + "CSeq: 1 REGISTER\r\n"
            + "User-Agent: Ringfence\r\n"
            + "Content-Length: 0\r\n\r\n";
    }

    private static async Task<int?> AnswerAsync(Socket socket, string callId, TimeSpan wait, TimeProvider clock, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(wait, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, SocketFlags.None, either.Token);
                if (StatusIn(buffer.AsSpan(0, length), callId) is >= 200 and var status)
                {
                    return status;
                }
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private static int StatusIn(ReadOnlySpan<byte> message, string callId)
    {
        var sip = SipMessage.Parse(message);
        return sip.IsValid && Ascii.Equals(sip.CallId, callId) ? sip.Status : 0;
    }
}

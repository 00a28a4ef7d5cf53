using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Ringfence.Core.Events;
using Ringfence.Core.Knock;

namespace Ringfence.Sources;

/// <summary>The client's side of a knock: one datagram to each address of the host. There is no answer to wait for.</summary>
internal static class KnockSender
{
    private const int MostAddresses = 8;

    /// <param name="host">A name or an address.</param>
    /// <returns>Where it was sent.</returns>
    /// <exception cref="WorldFailedException">The name has no address, or none can be reached.</exception>
    public static async Task<IReadOnlyList<IPAddress>> SendAsync(KnockKey key, string host, ushort port, Address? address, TimeProvider clock, CancellationToken stop)
    {
        IPAddress[] targets;
        try
        {
            targets = await Dns.GetHostAddressesAsync(host, stop);
        }
        catch (SocketException problem)
        {
            throw new WorldFailedException($"{host}: the name can't be resolved ({problem.Message})", problem);
        }

        List<IPAddress> reached = [];
        var last = "";
        foreach (var target in targets.Take(MostAddresses))
        {
            try
            {
                // A packet of its own for each: of two copies the second is refused.
                using var socket = new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                var packet = KnockPacket.Write(key, new KnockRequest(clock.GetUtcNow(), address, ""), RandomNumberGenerator.GetBytes(KnockPacket.NonceLength));
                await socket.SendToAsync(packet, new IPEndPoint(target, port), stop);
                reached.Add(target);
            }
            catch (SocketException problem)
            {
                last = problem.Message;
            }
        }

        return reached.Count > 0 ? reached : throw new WorldFailedException($"{host}: {(last.Length > 0 ? last : "has no address")}");
    }
}

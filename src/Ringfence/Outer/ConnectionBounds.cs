using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Ringfence.Core.Events;

namespace Ringfence.Outer;

/// <summary>Who may hold a connection to a server of ours, how many, and for how long. Decided when it is accepted, before a byte is read and before TLS.</summary>
/// <remarks>
/// Kestrel's own limit counts whoever is connected, strangers too, refuses who comes last, and writes a line for each. Here strangers are gone at once, one source has few, and
/// where there are too many of all the oldest one goes of the network that has most: somebody who wants something is done within a second, whoever holds on is not.
/// </remarks>
/// <param name="allows">Whether somebody may connect at all.</param>
/// <param name="mostOfSource">Of one address, or the /64 of one.</param>
internal sealed class ConnectionBounds(Func<Address, bool> allows, int most, int mostOfSource, TimeSpan longest, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<(Network Source, ConnectionContext Connection)> _held = [];
    private long _refused;

    /// <summary>Connections now.</summary>
    public int Held
    {
        get
        {
            lock (_lock)
            {
                return _held.Count;
            }
        }
    }

    /// <summary>Connections that were ended at once, or to make room.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Before everything else that the endpoint does.</summary>
    public void Guard(ListenOptions endpoint)
    {
        // HTTP/2 lets one connection ask for much at once, and nobody here needs it.
        endpoint.Protocols = HttpProtocols.Http1;
        endpoint.Use(next => context => HoldAsync(context, next));
    }

    private async Task HoldAsync(ConnectionContext context, ConnectionDelegate next)
    {
        var source = Address.From((context.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None);
        if (!allows(source) || Enter(source.Subject, context) is not { } place)
        {
            Interlocked.Increment(ref _refused);
            context.Abort();
            return;
        }

        await using var limit = clock.CreateTimer(static connection => ((ConnectionContext)connection!).Abort(), context, longest, Timeout.InfiniteTimeSpan);
        try
        {
            await next(context);
        }
        finally
        {
            lock (_lock)
            {
                if (place.List is not null)
                {
                    _held.Remove(place);
                }
            }
        }
    }

    private LinkedListNode<(Network Source, ConnectionContext Connection)>? Enter(Network source, ConnectionContext context)
    {
        ConnectionContext? oldest = null;
        LinkedListNode<(Network, ConnectionContext)> place;
        lock (_lock)
        {
            if (_held.Count(held => held.Source == source) >= mostOfSource)
            {
                return null;
            }

            if (_held.Count >= most)
            {
                var first = OldestOfCrowd();
                oldest = first.Value.Connection;
                _held.Remove(first);
            }

            place = _held.AddLast((source, context));
        }

        if (oldest is not null)
        {
            Interlocked.Increment(ref _refused);
            oldest.Abort();
        }

        return place;
    }

    // Of the network that has most: who comes from many addresses of one pushes out his own.
    private LinkedListNode<(Network Source, ConnectionContext Connection)> OldestOfCrowd()
    {
        var crowd = _held.GroupBy(static held => Around(held.Source)).MaxBy(static group => group.Count())!.Key;
        var node = _held.First!;
        while (Around(node.Value.Source) != crowd)
        {
            node = node.Next!;
        }

        return node;
    }

    private static Network Around(Network source) => new(source.First, source.IsIPv4 ? 24 : 48);
}

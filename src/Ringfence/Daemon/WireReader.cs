using Ringfence.Core.Decisions;
using Ringfence.Core.Pbx;
using Ringfence.Core.Sip;
using Ringfence.Core.Wire;
using Ringfence.Output;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>Makes events of what passes on the wire.</summary>
/// <param name="name">For people and evidence.</param>
/// <param name="log">The number by which the detector knows the source.</param>
internal sealed class WireReader(string name, ushort log, SipExchanges exchanges, SipPorts ports, TimeProvider clock)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private readonly WireTap _tap = new(exchanges, [.. ports.Clear, .. ports.Opaque], ports.Web, ports.Manager);

    public string Name => name;

    public DateTimeOffset Since { get; } = clock.GetUtcNow();

    /// <summary>Messages of SIP since start.</summary>
    public long Messages => _tap.Messages;

    /// <summary>What came to a SIP port since start, or from one, and is no SIP.</summary>
    public long Unmatched => _tap.Invalid;

    /// <summary>Streams, and datagrams in fragments, that could not be followed since start.</summary>
    public long Lost => _tap.Lost;

    /// <summary>Packets from outside since start with an address of this machine as their source.</summary>
    public long Forged => _tap.Forged;

    /// <summary>Packets since start with a wrong checksum, which the PBX never read.</summary>
    public long Damaged => _tap.Damaged;

    public DateTimeOffset? LastMessage { get; private set; }

    /// <summary>What nobody can see here, and what was passed over, for people; null: nothing.</summary>
    public string? Note
    {
        get
        {
            List<string> odd = [];
            if (ports.Opaque.Count > 0)
            {
                odd.Add($"of port {string.Join(", ", ports.Opaque)} (TLS, WebSocket) it sees only who connects; HEP shows what is said there");
            }

            if (Lost > 0)
            {
                odd.Add($"{Words.Count(Lost, "piece")} of streams and of packets in fragments could not be followed");
            }

            if (Forged > 0)
            {
                odd.Add($"{Words.Count(Forged, "packet")} from outside with an address of this machine");
            }

            if (Damaged > 0)
            {
                odd.Add($"{Words.Count(Damaged, "packet")} with a wrong checksum, which the PBX did not read either");
            }

            return odd.Count == 0 ? null : string.Join("; ", odd);
        }
    }

    public RateMeter Rate { get; } = new();

    /// <param name="lastLogged">The last event of PJSIP that a log told.</param>
    /// <returns>Why the source is blind, for people; null: all is well.</returns>
    public string? ProblemAt(DateTimeOffset now, DateTimeOffset? lastLogged) =>
        // Silence is no fault of a PBX that nobody calls: its log is silent then too.
        lastLogged is { } logged && logged - (LastMessage ?? Since) > Long && now - logged < Long
            ? $"Asterisk logs events and nothing was seen on the wire {(LastMessage is { } last ? $"since {last:yyyy-MM-dd HH:mm:ss}" : "at all")}: are interface and port in [wire] right?"
            : null;

    /// <summary>Reads a batch; what it leads to is then in <see cref="Judge.Decisions"/>.</summary>
    public void Read(WireBatch batch, Judge judge)
    {
        judge.Log = log;
        var before = Messages;
        var sink = new Judge.Sink(judge);
        var now = clock.GetUtcNow();
        for (var at = 0; ;)
        {
            var start = at;
            var packet = batch.Next(ref at);
            if (at == start)
            {
                break;
            }

            _tap.See(
                packet.Bytes,
                LinkType.RawIp,
                packet.IsOutgoing ? FrameDirection.Out : FrameDirection.In,
                packet.IsVouched ? ChecksumState.Vouched : ChecksumState.Unseen,
                packet.TimeTicks == 0 ? now.UtcTicks : packet.TimeTicks,
                ref sink);
        }

        if (Messages != before)
        {
            LastMessage = now;
            Rate.Add(Messages - before, now);
        }
    }
}

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
/// <param name="isMirrored">The interfaces show a copy of what passes somewhere else: all of it comes in.</param>
internal sealed class WireReader(string name, ushort log, SipExchanges exchanges, SipPorts ports, TimeProvider clock, bool isMirrored = false) : SipReader<WireBatch>(name, log, exchanges, clock)
{
    private readonly WireTap _tap = new(exchanges, new WirePorts([.. ports.Clear, .. ports.Opaque], ports.Web, ports.Manager), isMirrored);

    private readonly IReadOnlyList<ushort> _unread = WireReceiver.Unread(ports);

    public override long Messages => _tap.Messages;

    /// <summary>What came to a SIP port since start, or from one, and is no SIP.</summary>
    public long Unmatched => _tap.Invalid;

    /// <summary>Streams, and datagrams in fragments, that could not be followed since start.</summary>
    public override long Lost => _tap.Lost;

    public override long LostAnswers => _tap.LostAnswers;

    /// <summary>Packets from outside since start with an address of this machine as their source.</summary>
    public long Forged => _tap.Forged;

    /// <summary>Packets since start with a wrong checksum, which the PBX never read.</summary>
    public long Damaged => _tap.Damaged;

    /// <summary>Pieces of TCP streams since start that were sent in more than one version, or with an urgent byte.</summary>
    public long Contradicted => _tap.Contradicted;

    /// <summary>Whether nothing of the network can come by an interface that is not read.</summary>
    public Func<bool> SeesAll { get; set; } = static () => true;

    /// <summary>What nobody can see here, and what was passed over, for people; null: nothing.</summary>
    public string? Note
    {
        get
        {
            List<string> odd = [];
            var opaque = ports.Opaque.Except(ports.Web).ToList();
            if (opaque.Count > 0)
            {
                odd.Add($"of port {string.Join(", ", opaque)} (TLS) it sees only who connects; HEP shows what is said there in SIP");
            }

            if (ports.SecureAri.Count > 0)
            {
                odd.Add($"wrong passwords of the REST interface (ARI) over HTTPS, port {string.Join(", ", ports.SecureAri)}, nobody sees, and Asterisk logs none: let tlsbindaddr in http.conf be 127.0.0.1, or put a proxy before it whose log a [door] reads");
            }

            if (!SeesAll())
            {
                odd.Add("not every interface with an address is read: by it alone nobody proves his address over UDP");
            }

            if (Lost > 0)
            {
                odd.Add($"{Words.Count(Lost, "piece")} of streams and of packets in fragments could not be followed");
            }

            if (Contradicted > 0)
            {
                odd.Add($"{Words.Count(Contradicted, "piece")} of TCP streams came in more than one version or with an urgent byte, as nobody sends it who means well; each way to read them was followed");
            }

            if (Unasked.Total > 0)
            {
                odd.Add($"{Words.Count(Unasked.Total, "refusal")} by the PBX answered no request that was seen");
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

    /// <summary>A port that nobody reads is where an attacker is not seen.</summary>
    public override string? ProblemAt(DateTimeOffset now, DateTimeOffset? lastLogged) => _unread.Count == 0
        ? base.ProblemAt(now, lastLogged)
        : $"nothing is read of ports {string.Join(", ", _unread)} of the PBX, because it has more than {KernelFilter.MostPorts}: in [wire], port and tls_port name those that matter";

    protected override string Silence(string since) =>
        $"Asterisk logs events and nothing was seen on the wire {since}: are interface and port in [wire] right?";

    protected override bool ReadNext(WireBatch batch, ref int at, DateTimeOffset now, ref Judge.Sink sink)
    {
        var start = at;
        var packet = batch.Next(ref at);
        if (at == start)
        {
            return false;
        }

        _tap.See(
            packet.Bytes,
            LinkType.RawIp,
            isMirrored ? FrameDirection.Unknown : packet.IsOutgoing ? FrameDirection.Out : FrameDirection.In,
            packet.IsVouched ? ChecksumState.Vouched : ChecksumState.Unseen,
            packet.TimeTicks == 0 ? now.UtcTicks : packet.TimeTicks,
            ref sink);
        return true;
    }
}

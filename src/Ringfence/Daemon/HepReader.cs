using System.Security.Cryptography;
using Ringfence.Core.Decisions;
using Ringfence.Core.Sip;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>Makes events of what the PBX tells over HEP.</summary>
/// <param name="name">For people and evidence.</param>
/// <param name="log">The number by which the detector knows the source.</param>
internal sealed class HepReader(string name, ushort log, byte[] password, SipExchanges exchanges, TimeProvider clock) : SipReader<HepBatch>(name, log, exchanges, clock)
{
    private long _messages;
    private DateTimeOffset _lastRefused;

    public override long Messages => _messages;

    /// <summary>Datagrams since start that were no HEP, or whose message is no SIP.</summary>
    public long Unmatched { get; private set; }

    /// <summary>Datagrams since start without the right password: from somebody else on this machine, or from a PBX that was told another.</summary>
    public long Refused { get; private set; }

    public override string? ProblemAt(DateTimeOffset now, DateTimeOffset? lastLogged) => Refused > 0 && !(_lastRefused < now - Long)
        ? $"{Refused} packets with another password than [hep] has: does it match capture_password in hep.conf?"
        : base.ProblemAt(now, lastLogged);

    protected override string Silence(string since) =>
        $"Asterisk logs events and has told nothing over HEP {since}: are res_hep and res_hep_pjsip loaded, and is capture_address in hep.conf right?";

    protected override bool ReadNext(HepBatch batch, ref int at, DateTimeOffset now, ref Judge.Sink sink)
    {
        var start = at;
        var datagram = batch.Next(ref at);
        if (at == start)
        {
            return false;
        }

        var packet = HepPacket.Parse(datagram);
        if (!packet.IsValid)
        {
            Unmatched++;
            return true;
        }

        if (password.Length > 0 && !CryptographicOperations.FixedTimeEquals(packet.Password, password))
        {
            Refused++;
            _lastRefused = now;
            return true;
        }

        _messages++;
        var time = packet.TimeTicks == 0 ? now.UtcTicks : packet.TimeTicks;
        Unmatched += Exchanges.See(packet.Payload, packet.Source, packet.Destination, packet.Transport, time, _messages, ref sink) ? 0 : 1;
        return true;
    }
}

using System.Security.Cryptography;
using Ringfence.Core.Decisions;
using Ringfence.Core.Sip;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>Makes events of what the PBX tells over HEP.</summary>
/// <param name="name">For people and evidence.</param>
/// <param name="log">The number by which the detector knows the source.</param>
internal sealed class HepReader(string name, ushort log, byte[] password, SipExchanges exchanges, TimeProvider clock)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private readonly DateTimeOffset _since = clock.GetUtcNow();
    private DateTimeOffset _lastRefused;

    public string Name => name;

    public DateTimeOffset Since => _since;

    /// <summary>Messages of SIP since start.</summary>
    public long Messages { get; private set; }

    /// <summary>Datagrams since start that were no HEP, or whose message is no SIP.</summary>
    public long Unmatched { get; private set; }

    /// <summary>Datagrams since start without the right password: from somebody else on this machine, or from a PBX that was told another.</summary>
    public long Refused { get; private set; }

    public DateTimeOffset? LastMessage { get; private set; }

    public RateMeter Rate { get; } = new();

    /// <param name="lastLogged">The last event of PJSIP that a log told.</param>
    /// <returns>Why the source is blind, for people; null: all is well.</returns>
    public string? ProblemAt(DateTimeOffset now, DateTimeOffset? lastLogged)
    {
        if (Refused > 0 && !(_lastRefused < now - Long))
        {
            return $"{Refused} packets with another password than [hep] has: does it match capture_password in hep.conf?";
        }

        // Silence is no fault of a PBX that nobody calls: its log is silent then too.
        return lastLogged is { } logged && logged - (LastMessage ?? _since) > Long && now - logged < Long
            ? $"Asterisk logs events and has told nothing over HEP {(LastMessage is { } last ? $"since {last:yyyy-MM-dd HH:mm:ss}" : "at all")}: are res_hep and res_hep_pjsip loaded, and is capture_address in hep.conf right?"
            : null;
    }

    /// <summary>Reads a batch; what it leads to is then in <see cref="Judge.Decisions"/>.</summary>
    public void Read(HepBatch batch, Judge judge)
    {
        judge.Log = log;
        var before = Messages;
        var sink = new Judge.Sink(judge);
        var now = clock.GetUtcNow();
        for (var at = 0; ;)
        {
            var start = at;
            var datagram = batch.Next(ref at);
            if (at == start)
            {
                break;
            }

            var packet = HepPacket.Parse(datagram);
            if (!packet.IsValid)
            {
                Unmatched++;
                continue;
            }

            if (password.Length > 0 && !CryptographicOperations.FixedTimeEquals(packet.Password, password))
            {
                Refused++;
                _lastRefused = now;
                continue;
            }

            Messages++;
            LastMessage = now;
            var time = packet.TimeTicks == 0 ? now.UtcTicks : packet.TimeTicks;
            Unmatched += exchanges.See(packet.Payload, packet.Source, packet.Destination, packet.Transport, time, Messages, ref sink) ? 0 : 1;
        }

        Rate.Add(Messages - before, now);
    }
}

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
    // A PBX asks its phones each minute whether they are there.
    private static readonly TimeSpan Lasting = TimeSpan.FromMinutes(1);

    private long _messages;
    private DateTimeOffset? _firstRefused;
    private DateTimeOffset _lastRefused;

    public override long Messages => _messages;

    /// <summary>Datagrams since start that were no HEP, or whose message is no SIP.</summary>
    public long Unmatched { get; private set; }

    /// <summary>Datagrams since start without the right password: from somebody else on this machine, or from a PBX that was told another.</summary>
    public long Refused { get; private set; }

    /// <summary>What it did not tell.</summary>
    public HepGaps Gaps { get; } = new(clock);

    /// <summary>Whether the manager interface tells of refusals too, whatever their messages' length.</summary>
    public Func<bool> AmiTells { get; init; } = static () => false;

    protected override DateTimeOffset? LastUntold => Gaps.Last;

    /// <summary>What it did not tell lately, where nothing else tells it; null: nothing.</summary>
    public string? GapAt(DateTimeOffset now) => AmiTells() ? null : Gap(now);

    private string? Gap(DateTimeOffset now) => Gaps.Lately(now) is { } last
        ? $"{Gaps.Total} messages since start were too long for Asterisk to tell over HEP (32 KB of Call-ID, or 64 KB in all), the last at {last:HH:mm:ss} UTC, as nobody sends them who means well: [ami] tells who is refused, and [wire] shows them where they are not TLS"
        : null;

    /// <summary>Any user of this machine can send packets with a wrong password: alone they are no alarm, which would hide a true one. They are where
    /// nothing right comes: silence while the log tells of events, or nothing since the start and wrong ones for more than a minute.</summary>
    public override string? ProblemAt(DateTimeOffset now, DateTimeOffset? lastLogged)
    {
        var problem = base.ProblemAt(now, lastLogged);
        var isSilent = !(now - LastMessage <= Long);
        return IsRefusedLately(now) && isSilent && (problem is not null || (LastMessage is null && _lastRefused - _firstRefused >= Lasting))
            ? $"{Refused} packets with another password than [hep] has, and none with the right one: does it match capture_password in hep.conf?"
            : problem;
    }

    /// <summary>What is odd and no problem; null: nothing.</summary>
    public string? NoteAt(DateTimeOffset now, DateTimeOffset? lastLogged) => (RefusedNote(now, lastLogged), AmiTells() ? Gap(now) : null) switch
    {
        ({ } refused, { } gap) => $"{refused}; {gap}",
        var (refused, gap) => refused ?? gap,
    };

    private string? RefusedNote(DateTimeOffset now, DateTimeOffset? lastLogged) => IsRefusedLately(now) && ProblemAt(now, lastLogged) is null
        ? $"{Refused} packets with another password than [hep] has since start, the last at {_lastRefused:HH:mm:ss} UTC: of another program on this machine, or of another PBX"
        : null;

    private bool IsRefusedLately(DateTimeOffset now) => Refused > 0 && (now - _lastRefused).Duration() <= Long;

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
            _firstRefused ??= now;
            _lastRefused = now;
            return true;
        }

        _messages++;
        Gaps.SeeTold(packet.Payload.Length, now);
        var time = packet.TimeTicks == 0 ? now.UtcTicks : packet.TimeTicks;
        Unmatched += Exchanges.See(packet.Payload, packet.Source, packet.Destination, packet.Transport, time, _messages, ref sink) ? 0 : 1;
        return true;
    }
}

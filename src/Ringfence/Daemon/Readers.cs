using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
using Ringfence.Core.Sip;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>Makes events of the batches of all sources, each with its own reader, and holds the logs against the messages.</summary>
/// <remarks>HEP and wire show the same messages: one table of exchanges counts each once. Only in the pipeline's turn.</remarks>
internal sealed class Readers
{
    private readonly SipExchanges _exchanges;
    private readonly TimeProvider _clock;

    /// <param name="isOwn">Whether an address is the machine's own.</param>
    /// <param name="sipPorts">null: those that the configuration names.</param>
    public Readers(RingfenceConfig config, TimeZoneInfo zone, bool managerOverHttp, Detector detector, Func<Address, bool> isOwn, SipPorts? sipPorts, TimeProvider clock)
    {
        _clock = clock;
        Logs = new LogReaders(detector, zone, managerOverHttp, config.Doors, clock) { Untold = (log, unsent, cut) => Hep?.Gaps.SeeLogged(log, unsent, cut) };
        var exchanges = _exchanges = new SipExchanges(SystemRandom.Number(), address => isOwn(address) || config.Wire.Mirrored.Contains(address) || config.Hep.Pbx.Contains(address)) { TellsCanaries = true, Fingerprints = config.Detection.Fingerprints ?? Fingerprints.BuiltIn };
        if (config.Hep.Listen is { } listen)
        {
            var name = HepReceiver.NameOf(listen);
            Hep = new HepReader(name, detector.AddLog(name), config.Hep.Password, exchanges, clock) { AmiTells = () => Ami?.ProblemAt(clock.GetUtcNow()) is null && Ami is not null };
        }

        if (config.Ami.User is not null)
        {
            Ami = new AmiReader(config.Ami, detector.AddLog(AmiClient.NameOf(config.Ami)), managerOverHttp, clock);
        }

        if (config.Wire.IsUsed)
        {
            var name = WireReceiver.NameOf(config.Wire);
            var ports = sipPorts ?? new SipPorts(config.Wire.Ports, config.Wire.TlsPorts);
            Wire = new WireReader(name, detector.AddLog(name), exchanges, ports, clock, config.Wire.Mirrored.Count > 0) { Misses = () => !config.Wire.IsAll, SeesAll = () => config.Wire.IsAll };
        }

        if (Hep is not null || Wire is not null)
        {
            var sight = new MessageSight(Hep, Wire, clock);
            Check = new CrossCheck(exchanges.Senders, sight.Covers, sight.IsEverywhere, sight.IsWhole, clock.GetUtcNow().UtcTicks) { SeeUntold = (log, isSure) => Hep?.Gaps.SeeRecord(detector.LogOf(log), isSure), HasCaughtUp = HasCaughtUp };
        }
    }

    /// <summary>Whether the kernel keeps from the PBX what is too long for HEP; where it is another machine's PBX it can't.</summary>
    public Func<bool> KeepsLongOut { get; init; } = static () => true;

    public LogReaders Logs { get; }

    /// <summary>null: the PBX is not asked to tell over HEP.</summary>
    public HepReader? Hep { get; }

    /// <summary>null: the manager interface is not asked.</summary>
    public AmiReader? Ami { get; }

    /// <summary>null: nobody reads the wire.</summary>
    public WireReader? Wire { get; }

    /// <summary>null: no source shows messages.</summary>
    public CrossCheck? Check { get; }

    /// <returns>Whether a log's file began or ended.</returns>
    public bool Read(SourceBatch batch, Judge judge)
    {
        switch (batch)
        {
            case RawBatch log:
                Logs.Read(log, judge);
                return log.StartsFile || log.EndOfFile;
            case HepBatch hep:
                _exchanges.SeesAnswers = SeesAnswers(isHep: true);
                Hep!.Read(hep, judge);
                break;
            case AmiBatch ami:
                Ami!.Read(ami, judge);
                break;
            case WireBatch wire:
                _exchanges.SeesAnswers = SeesAnswers(isHep: false);
                Wire!.Read(wire, judge);
                break;
        }

        return false;
    }

    // Each is asked.
    private bool HasCaughtUp() => (Hep?.TakeCaughtUp() ?? true) & (Wire?.TakeCaughtUp() ?? true);

    // One source that sees all is enough; the other one's silence says nothing.
    private bool SeesAnswers(bool isHep)
    {
        var now = _clock.GetUtcNow();
        return (Hep is not null && (isHep || Hep.IsAlive(now)) && Hep.SeesAnswers(now) && KeepsLongOut()) || (Wire is not null && (!isHep || Wire.IsAlive(now)) && Wire.SeesAnswers(now));
    }
}

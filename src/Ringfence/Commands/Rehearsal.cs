using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Pbx;
using Ringfence.Output;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary>Detection and decision over logs that are already written: what replay shows and init rehearses. Changes nothing.</summary>
internal static class Rehearsal
{
    /// <summary>Reads the logs to their ends.</summary>
    /// <param name="withEvidence">Whether decisions carry the records that they stand on.</param>
    /// <param name="take">Gets each decision, in the order of the logs' times.</param>
    /// <exception cref="WorldFailedException">An archive is damaged; what stands before the damage was taken.</exception>
    public static Judge Run(
        RingfenceConfig config, LogReplay logs, TrustList trust, bool withEvidence, Surroundings surroundings, Action<Decision> take, CancellationToken stop)
    {
        using var progress = new Progress(surroundings, "reading", logs.TotalBytes);
        var detector = new Detector(config.Detection, withEvidence);
        detector.Configure(SipAccounts.Read(config.AsteriskDirectory, new ConfigDirectory()));
        var decider = new Decider(config.Bans, config.Detection, new BanLedger(config.Bans, key: 0)) { TrustOf = trust.Find };
        var judge = new Judge(detector, decider);
        var numbers = logs.Logs.Zip(logs.Doors, (log, door) => detector.AddLog(log.Path, door)).ToArray();
        var sink = new Judge.Sink(judge);
        try
        {
            foreach (var batch in ReadAhead.Of(logs, withEvidence, stop))
            {
                progress.Report(batch.DoneBytes);
                judge.Log = numbers[batch.Log];
                batch.Tell(ref sink);
                Take(judge.Decisions, take);
            }
        }
        catch (LogFileException damage)
        {
            Take(judge.Decisions, take);
            throw new WorldFailedException(damage.Message, damage);
        }

        Take(judge.Decisions, take);
        return judge;
    }

    /// <summary>As <see cref="Run"/>, for init.</summary>
    public static IReadOnlyList<Decision> Of(
        RingfenceConfig config, IReadOnlyList<string> logs, TrustList trust, Surroundings surroundings, CancellationToken stop)
    {
        using var open = LogArguments.Open(logs, LogArguments.Zone(config.TimeZone, surroundings.Clock), "replay", doorOf: LogArguments.DoorOf(null, config.Doors));
        List<Decision> decisions = [];
        Run(config, open, trust, withEvidence: false, surroundings, decisions.Add, stop);
        return decisions;
    }

    /// <summary>Whom the configuration and the PBX's files name; who is registered or logged in now says nothing about an old log.</summary>
    public static TrustList Trust(RingfenceConfig config)
    {
        var trunks = config.Trust.Trunks ? Trunks.Read(config.AsteriskDirectory, new ConfigDirectory()) : new TrunkReading([], []);
        return new TrustList(TrustEntries.Configured(config.Trust, _ => []).Concat(TrustEntries.Trunks(trunks, _ => [])));
    }

    private static void Take(List<Decision> decisions, Action<Decision> take)
    {
        decisions.ForEach(take);
        decisions.Clear();
    }
}

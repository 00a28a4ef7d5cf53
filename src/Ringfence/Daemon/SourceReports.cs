using Ringfence.Api;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>What status says of each source: what it told, what it lost, and whether it can tell anything.</summary>
/// <param name="parts">The guard's parts, of which one may say why a source is mute.</param>
/// <param name="receiver">What receives HEP; null: nobody.</param>
/// <param name="tap">What receives from the wire; null: nobody.</param>
internal sealed class SourceReports(Pipeline pipeline, IReadOnlyList<PartReport> parts, HepReceiver? receiver, WireReceiver? tap)
{
    public IReadOnlyList<SourceReport> Of(IReadOnlyList<TailStatus> tails, DateTimeOffset now)
    {
        var sources = tails.Select(tail => Source(tail, now)).ToList();
        if (pipeline.Hep is { } hep)
        {
            sources.Add(Source(hep, now));
        }

        if (pipeline.Wire is { } wire)
        {
            sources.Add(Source(wire, now));
        }

        if (pipeline.Ami is { } ami)
        {
            var problem = ami.ProblemAt(now);
            sources.Add(new SourceReport(ami.Name, problem is null, ami.Since, ami.LastEvent, ami.Counts.Events, ami.Rate.PerSecond(), ami.Counts.Unmatched, 0, problem) { Seen = ami.Counts.Messages, Note = ami.Note });
        }

        return [.. sources.Select(source => WithCanary(source, now))];
    }

    // What is known to be wrong already says more than that nothing comes out.
    private SourceReport WithCanary(SourceReport source, DateTimeOffset now)
    {
        var number = pipeline.NumberOf(source.Name);
        var back = pipeline.Canaries.LastOf(number);
        var report = source with { Canary = back is null ? null : new CanaryBackReport(back.Time, (long)back.After.TotalMilliseconds) };
        return source.Alive && source.Problem is null && pipeline.Canaries.MissedBy(number, source.Since, now) is { } missed
            ? report with { Alive = false, Since = missed, Problem = $"the guard's own request of {missed:yyyy-MM-dd HH:mm:ss} UTC, which the PBX answered, did not come out here: {(back is null ? CureOfMute(source.Name) : CureOf(source.Name))}" }
            : report;
    }

    // Since the start nothing came: not what has stopped is asked for, but what was never set up.
    private static string CureOfMute(string source) => source switch
    {
        _ when source.StartsWith("hep ", StringComparison.Ordinal) => "does hep.conf of this Asterisk name this address (ringfence init --write-hep writes it), and was Asterisk restarted since? asterisk -rx \"module show like res_hep\"",
        _ when source.StartsWith("ami ", StringComparison.Ordinal) || source.StartsWith("wire ", StringComparison.Ordinal) => CureOf(source),
        _ => "does Asterisk write it (asterisk -rx \"logger show channels\", and \"logger reload\" after a change of logger.conf), and does it tell security events? asterisk -rx \"module show like res_security_log\"",
    };

    private static string CureOf(string source) => source switch
    {
        _ when source.StartsWith("hep ", StringComparison.Ordinal) => "does Asterisk tell over HEP still? asterisk -rx \"module show like res_hep\"; capture_address in hep.conf",
        _ when source.StartsWith("ami ", StringComparison.Ordinal) => "may the manager's user hear security events? read = security in manager.conf",
        _ when source.StartsWith("wire ", StringComparison.Ordinal) => "are interface and port in [wire] right?",
        _ => "does Asterisk write it still? asterisk -rx \"logger show channels\", and \"logger reload\" after a change of logger.conf",
    };

    // A part that can't run says itself why; of its source it is only said that nothing is seen.
    private bool IsDeaf(string name) => parts.Any(part => part.Name == name && part.Problem is not null);

    private SourceReport Source(HepReader hep, DateTimeOffset now)
    {
        var problem = IsDeaf("hep") ? "nothing is received: see the part hep" : hep.ProblemAt(now, pipeline.LastLogged);
        return new SourceReport(
            hep.Name, problem is null, hep.Since, hep.LastMessage, hep.Messages, hep.Rate.PerSecond(), hep.Unmatched, 0, problem ?? receiver?.Drops.Problem ?? hep.GapAt(now))
        {
            Untold = hep.Gaps.Total,
            Seen = hep.Packets,
            Dropped = receiver?.Drops.Total ?? 0,
            Unasked = hep.Unasked.Total,
            Misplaced = hep.Misplaced,
            Note = (receiver?.Drops.Note, hep.NoteAt(now, pipeline.LastLogged)) switch
            {
                ({ } drops, { } odd) => $"{drops}; {odd}",
                var (drops, odd) => drops ?? odd,
            },
        };
    }

    private SourceReport Source(WireReader wire, DateTimeOffset now)
    {
        var problem = IsDeaf("wire") ? "nothing is read: see the part wire" : tap?.Problem ?? wire.ProblemAt(now, pipeline.LastLogged);
        return new SourceReport(
            wire.Name, problem is null, wire.Since, wire.LastMessage, wire.Messages, wire.Rate.PerSecond(), wire.Unmatched, 0, problem ?? tap?.Drops.Problem)
        {
            Seen = wire.Packets,
            Dropped = tap?.Drops.Total ?? 0,
            Lost = wire.Lost,
            Forged = wire.Forged,
            Damaged = wire.Damaged,
            Contradicted = wire.Contradicted,
            Unasked = wire.Unasked.Total,
            Misplaced = wire.Misplaced,
            Note = (tap?.Drops.Note, wire.Note) switch
            {
                ({ } drops, { } opaque) => $"{drops}; {opaque}",
                var (drops, opaque) => drops ?? opaque,
            },
        };
    }

    private SourceReport Source(TailStatus tail, DateTimeOffset now)
    {
        var state = pipeline.Logs.States.FirstOrDefault(log => log.Path == tail.Path);
        var counts = pipeline.Logs.CountsOf(tail.Path);
        return new SourceReport(
            tail.Path,
            !tail.IsBlind,
            tail.Since,
            state?.LastEvent,
            counts.Events,
            state?.Rate.PerSecond() ?? 0,
            counts.Unmatched,
            // What the tail has not read, and what it has read and the pipeline has not.
            tail.UnreadBytes + Math.Max(0, tail.Bytes - (state?.BytesRead ?? 0)),
            LogHealth.ProblemOf(state, counts, tail, now))
        {
            Seen = state?.Lines ?? 0,
            Note = LogHealth.NoteOf(state, counts, tail, now),
        };
    }
}

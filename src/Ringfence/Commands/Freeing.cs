using Ringfence.Api;
using Ringfence.Blocks;
using Ringfence.Core.Blocks;
using Ringfence.Core.Events;
using Ringfence.Journal;
using Ringfence.Output;
using Ringfence.Sqlite;

namespace Ringfence.Commands;

/// <summary>One run of <c>free</c>: lift, look again, and say what is there then.</summary>
internal sealed class Freeing(Network subject, bool dryRun, bool edit, bool rules, Surroundings surroundings)
{
    // What one lift brings to light (the kernel's copy of a ban, whose owner is gone) the next takes away.
    private const int MostRounds = 4;

    // CrowdSec's bouncers ask every ten seconds what to block (update_frequency of its bouncers' configuration): time for two rounds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Dictionary<string, (Block Block, FreedReport Report)> _met = new(StringComparer.Ordinal);

    public async Task<FreeReport> RunAsync(Core.Configuration.RingfenceConfig config, CancellationToken stop)
    {
        var own = new List<FreedReport>();
        var unknown = new List<string>();
        var places = new BlockPlaces { AsteriskDirectory = config.AsteriskDirectory };
        try
        {
            using var daemon = new DaemonClient(config.Socket);
            own.AddRange(await OwnBan.LiftAsync(daemon, subject, dryRun, stop));
        }
        catch (NotRunningException notRunning)
        {
            new Screen(surroundings).Note(surroundings.FindGuard() is null
                ? "ringfence: the daemon does not run; its journal and the kernel are asked."
                : $"ringfence: {surroundings.Explain(notRunning)}\nThe journal and the kernel are asked.");
            places = places with { WithOwn = true };
            await LiftInJournalAsync(config, own, unknown);
        }
        catch (WorldFailedException failed)
        {
            unknown.Add(failed.Message);
        }

        var lifter = new BlockLifter(places, surroundings.Clock);
        var first = await surroundings.SurveyBlocks(subject, places, BlockSurvey.Usual, stop);
        var survey = first;
        for (var round = 0; round < MostRounds && await LiftAsync(survey, lifter, stop);)
        {
            var before = survey.Blocks.Count;
            survey = await AgainAsync(places, stop);

            // Of rules that are alike one goes in each round, however many a script made.
            round += survey.Blocks.Count < before ? 0 : 1;
        }

        unknown.AddRange(survey.Unknown);
        List<FreedReport> freed = [.. own, .. Reports(survey, survey.Unknown.All(first.Unknown.Contains))];
        return new FreeReport(subject, dryRun, unknown.Count == 0 && freed.TrueForAll(block => block.Result is "lifted" or "would_lift" or "told"), freed, unknown);
    }

    // The journal of an older program, or a damaged one, is no reason to leave the kernel and everybody else unasked.
    private async Task LiftInJournalAsync(Core.Configuration.RingfenceConfig config, List<FreedReport> own, List<string> unknown)
    {
        try
        {
            own.AddRange(await OwnBan.LiftInJournalAsync(surroundings, config, subject, dryRun));
        }
        catch (Exception problem) when (problem is JournalException or SqliteException || FileTrouble.Is(problem))
        {
            unknown.Add($"ringfence's journal: {problem.Message}; a guard that starts later may ban {subject} again: ringfence unban {subject} then");
        }
    }

    private static string KeyOf(Block block) => $"{block.Where}\n{block.Subject}\n{CommandOf(block)}";

    /// <returns>Whether it lifted anything, so that there may be less now, or other things.</returns>
    private async Task<bool> LiftAsync(BlockSurvey survey, BlockLifter lifter, CancellationToken stop)
    {
        var lifting = new List<Block>();
        // Of two rules that are alike a command takes out one.
        foreach (var block in survey.Blocks.Where(block => !_met.TryGetValue(KeyOf(block), out var met) || (met.Report.Result == "lifted" && block.Kind == BlockKind.Rule)))
        {
            _met[KeyOf(block)] = (block, block.Kind == BlockKind.AccountAcl
                ? Report(block, "told", "an access list of Asterisk's configuration is not changed")
                : Obstacle(block) is { } obstacle ? Report(block, "left", obstacle) : Report(block, "would_lift", ""));
            if (_met[KeyOf(block)].Report.Result == "would_lift" && !dryRun)
            {
                lifting.Add(block);
            }
        }

        foreach (var (block, (problem, note)) in lifting.Zip(await lifter.LiftAsync(lifting, stop)))
        {
            _met[KeyOf(block)] = (block, problem is null ? Report(block, "lifted", note) : Report(block, "failed", problem));
        }

        return lifting.Count > 0;
    }

    // Whoever kept the ban takes it out of the kernel in his own time.
    private async Task<BlockSurvey> AgainAsync(BlockPlaces places, CancellationToken stop)
    {
        var lifted = new BlockEchoes([.. _met.Values.Where(met => met.Report.Result == "lifted" && met.Block.Kind != BlockKind.Rule).Select(met => met.Block)]);
        var survey = await surroundings.SurveyBlocks(subject, places, BlockSurvey.Usual, stop);
        var since = surroundings.Clock.GetTimestamp();
        while (survey.Blocks.Any(lifted.Holds) && surroundings.Clock.GetElapsedTime(since) < Patience)
        {
            await surroundings.Pause(TimeSpan.FromSeconds(1), stop);
            survey = await surroundings.SurveyBlocks(subject, places, BlockSurvey.Usual, stop);
        }

        return survey;
    }

    // In the order in which they were met, each as it is now. Who does not answer any more may keep what he told.
    private IEnumerable<FreedReport> Reports(BlockSurvey survey, bool areAllAsked)
    {
        var standing = survey.Blocks.Select(KeyOf).ToHashSet(StringComparer.Ordinal);
        return _met.Select(met => (standing.Contains(met.Key), met.Value.Report.Result) switch
        {
            (true, "lifted") => Report(met.Value.Block, "failed", "it was lifted and is there again, or still"),
            (false, "left" or "failed") when areAllAsked => Report(met.Value.Block, "lifted", "it went with another"),
            _ => met.Value.Report,
        });
    }

    private static FreedReport Report(Block block, string result, string detail) => new(block.Where, block.Subject, block.Since, block.Why, result, detail, CommandOf(block));

    private string? Obstacle(Block block)
    {
        if (block.Kind == BlockKind.Acl)
        {
            return "an access list of Asterisk's configuration is not changed";
        }

        if (block.Together is { } together)
        {
            return $"it blocks others too ({together}), which would be free with it: change it by hand";
        }

        if (block.IsWiderThan(subject))
        {
            return $"it blocks all of {block.Subject}: to free them all, name that";
        }

        return block.Kind switch
        {
            BlockKind.Rule when !rules && !block.Where.EndsWith(" of inet ringfence", StringComparison.Ordinal) => WhoseOf(block),
            BlockKind.HostsDeny when !edit => "somebody's own file: --edit takes it out",
            _ => null,
        };
    }

    private string WhoseOf(Block block) => new BlockEchoes([.. _met.Values.Where(met => met.Report.Result == "lifted").Select(met => met.Block)]).Holds(block)
        ? "its ban is lifted, and this is still in the kernel: does whoever made it still run? --rules deletes it"
        : "somebody's own rule: --rules deletes it";

    // For a shell: whatever is not plain stands in quotes.
    private static string CommandOf(Block block) => block.Kind switch
    {
        BlockKind.XtRecent => $"echo {block.Lift[1]} > {block.Lift[0]}",
        BlockKind.Acl or BlockKind.AccountAcl => $"change {block.Lift[0]}, then reload Asterisk",
        BlockKind.HostsDeny => $"take {block.Lift[1]} out of {block.Lift[0]}",
        _ => block.LiftForGood is { } forGood ? $"{Words(block.Lift)} && {Words(forGood)}" : Words(block.Lift),
    };

    private static string Words(IReadOnlyList<string> command) => string.Join(' ', command.Select(word =>
        word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./:=,@+".Contains(letter, StringComparison.Ordinal)) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
}

using System.CommandLine;
using Ringfence.Api;
using Ringfence.Blocks;
using Ringfence.Core.Blocks;
using Ringfence.Core.Events;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary><c>ringfence free</c>: who on this machine blocks an address, on what evidence, and an end of it everywhere.</summary>
internal static class FreeCommand
{
    public static Command Build()
    {
        var address = NetworkArgument.Create("Whom to free.", ArgumentArity.ExactlyOne);
        var edit = new Option<bool>("--edit") { Description = "Also take it out of /etc/hosts.deny; what was there is kept beside it." };
        var rules = new Option<bool>("--rules") { Description = "Also delete firewall rules that name it; without it they are shown with the command that does." };
        var dryRun = SharedOptions.DryRun();
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("free", "Find out who on this machine blocks an address (Ringfence, fail2ban, CrowdSec, xt_recent, hosts.deny, firewall rules), and lift it. Exit code 3 where something still blocks it.")
        {
            Examples =
            [
                ("ringfence free 203.0.113.5 --dry-run", "who blocks it, and since when; changes nothing"),
                ("ringfence free 203.0.113.5", "lift it everywhere"),
                ("ringfence free 203.0.113.5 --rules --edit", "also out of firewall rules and hosts.deny"),
            ],
        };
        verb.Add(address);
        verb.Add(edit);
        verb.Add(rules);
        verb.Add(dryRun);
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var freeing = new Freeing(
                parsed.GetRequiredValue(address)!.Value, parsed.GetValue(dryRun), parsed.GetValue(edit), parsed.GetValue(rules), surroundings);
            var report = await freeing.RunAsync(surroundings.ReadConfigToAsk(parsed.GetValue(config)), stop);
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(report, FreeJson.Default.FreeReport);
            }
            else
            {
                Print(report, screen);
            }

            return report.Free || report.DryRun ? ExitCode.Fine : ExitCode.WorldFailed;
        });
    }

    private static void Print(FreeReport report, Screen screen)
    {
        if (report.Blocks.Count > 0)
        {
            screen.Table(["Where", "Whom", "Since", "Done", "Why"], [.. report.Blocks.Select(block => new Span[]
            {
                block.Where,
                block.Subject.ToString(),
                block.Since is { } since ? screen.Time(since) : "-",
                new(block.Result == "would_lift" ? "would be lifted" : block.Result, block.Result switch { "lifted" or "would_lift" => Tone.Good, "failed" => Tone.Bad, _ => Tone.Warning }),
                block.Why.Length == 0 ? "-" : block.Why,
            })]);
        }

        foreach (var block in report.Blocks.Where(block => block.Detail.Length > 0))
        {
            screen.Line($"{block.Where}: ", new(block.Detail, Tone.Warning), $"; by hand: {block.Command}");
        }

        foreach (var unknown in report.Unknown)
        {
            screen.Line(new Span(unknown, Tone.Warning));
        }

        var left = report.Blocks.Count(block => block.Result is "left" or "failed");
        screen.Line((report.Blocks.Count, left, report.DryRun) switch
        {
            (0, _, _) => $"Nothing {(report.Unknown.Count == 0 ? "" : "that could be asked ")}on this machine blocks {report.Subject}.",
            (_, 0, true) => $"Dry run, nothing was changed: {report.Subject} would be free.",
            (_, _, true) => $"Dry run, nothing was changed: {left} would still block {report.Subject}.",
            (_, 0, false) => $"{report.Subject} is free. To never ban it again: ringfence trust {report.Subject}",
            _ => $"{left} still block{(left == 1 ? "s" : "")} {report.Subject}.",
        });
    }
}

/// <summary>One run of <c>free</c>.</summary>
internal sealed class Freeing(Network subject, bool dryRun, bool edit, bool rules, Surroundings surroundings)
{
    public async Task<FreeReport> RunAsync(Core.Configuration.RingfenceConfig config, CancellationToken stop)
    {
        var freed = new List<FreedReport>();
        var unknown = new List<string>();
        var places = new BlockPlaces { AsteriskDirectory = config.AsteriskDirectory };
        try
        {
            using var daemon = new DaemonClient(config.Socket);
            freed.AddRange(await OwnBan.LiftAsync(daemon, subject, dryRun, stop));
        }
        catch (NotRunningException notRunning)
        {
            new Screen(surroundings).Note(surroundings.FindGuard() is null
                ? "ringfence: the daemon does not run; its journal and the kernel are asked."
                : $"ringfence: {surroundings.Explain(notRunning)}\nIts journal and the kernel are asked.");
            places = places with { WithOwn = true };
            freed.AddRange(await OwnBan.LiftInJournalAsync(surroundings, config, subject, dryRun));
        }
        catch (WorldFailedException failed)
        {
            unknown.Add(failed.Message);
        }

        var survey = await surroundings.SurveyBlocks(subject, places, BlockSurvey.Usual, stop);
        var lifter = new BlockLifter(surroundings.Clock);
        foreach (var block in survey.Blocks)
        {
            freed.Add(await FreeAsync(block, lifter, stop));
        }

        unknown.AddRange(survey.Unknown);
        return new FreeReport(subject, dryRun, unknown.Count == 0 && freed.TrueForAll(block => block.Result is "lifted" or "would_lift" or "told"), freed, unknown);
    }

    private async Task<FreedReport> FreeAsync(Block block, BlockLifter lifter, CancellationToken stop)
    {
        FreedReport Report(string result, string detail) => new(block.Where, block.Subject, block.Since, block.Why, result, detail, CommandOf(block));
        if (block.Kind == BlockKind.AccountAcl)
        {
            return Report("told", "an access list of Asterisk's configuration is not changed");
        }

        if (Obstacle(block) is { } obstacle)
        {
            return Report("left", obstacle);
        }

        if (dryRun)
        {
            return Report("would_lift", "");
        }

        return await lifter.LiftAsync(block, stop) is { } problem ? Report("failed", problem) : Report("lifted", "");
    }

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
            BlockKind.Rule when !rules && !block.Where.EndsWith(" of inet ringfence", StringComparison.Ordinal) => "somebody's own rule: --rules deletes it",
            BlockKind.HostsDeny when !edit => "somebody's own file: --edit takes it out",
            _ => null,
        };
    }

    // For a shell: whatever is not plain stands in quotes.
    private static string CommandOf(Block block) => block.Kind switch
    {
        BlockKind.XtRecent => $"echo {block.Lift[1]} > {block.Lift[0]}",
        BlockKind.Acl or BlockKind.AccountAcl => $"change {block.Lift[0]}, then reload Asterisk",
        BlockKind.HostsDeny => $"take {block.Lift[1]} out of {block.Lift[0]}",
        _ => string.Join(' ', block.Lift.Select(word => word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./:=,@+".Contains(letter, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'")),
    };
}

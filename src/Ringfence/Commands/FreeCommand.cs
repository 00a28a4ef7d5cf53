using System.CommandLine;
using Ringfence.Api;
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
            var subject = parsed.GetRequiredValue(address)!.Value;
            if (Limits.ProblemOf(subject) is { } problem)
            {
                throw new MistakeException(problem);
            }

            var freeing = new Freeing(
                subject, parsed.GetValue(dryRun), parsed.GetValue(edit), parsed.GetValue(rules), surroundings);
            var settings = surroundings.ReadConfigToAsk(parsed.GetValue(config));
            var report = await freeing.RunAsync(settings, stop);

            // What others publish is theirs: trust is what lets somebody in who is on a list.
            var listed = await FeedsCommand.BlockingAsync(subject, settings, surroundings, stop);
            report = listed.Count == 0 ? report : report with
            {
                Free = false,
                Blocks = [.. report.Blocks, .. listed.Select(entry => new FreedReport($"blocklist {entry.Feed}", entry.Entry, entry.Since, "", "left", "it is on the list that others publish, and stays there", $"ringfence trust {subject}"))],
            };
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(report, FreeJson.Default.FreeReport);
            }
            else
            {
                Print(report, surroundings.IsRoot, screen);
            }

            return report.Free || report.DryRun ? ExitCode.Fine : ExitCode.WorldFailed;
        });
    }

    private static void Print(FreeReport report, bool isRoot, Screen screen)
    {
        // "deny all, permit the office" is most accounts' list, and says nothing of this address.
        List<FreedReport> shown = [.. report.Blocks.Where(block => block.Result != "told" || block.Subject.PrefixLength > 0)];
        if (shown.Count > 0)
        {
            screen.Table(["Where", "Whom", "Since", "Done", "Why"], [.. shown.Select(block => new Span[]
            {
                block.Where,
                block.Subject.ToString(),
                block.Since is { } since ? screen.Time(since) : "-",
                new(block.Result == "would_lift" ? "would be lifted" : block.Result, block.Result switch { "lifted" or "would_lift" => Tone.Good, "failed" => Tone.Bad, _ => Tone.Warning }),
                block.Why.Length == 0 ? "-" : block.Why,
            })]);
        }

        foreach (var block in shown.Where(block => block.Detail.Length > 0))
        {
            screen.Line($"{block.Where}: ", new(block.Detail, Tone.Warning), block.Result == "lifted" || block.Detail.Contains(block.Command, StringComparison.Ordinal) ? "" : $"; by hand: {block.Command}");
        }

        foreach (var unknown in report.Unknown)
        {
            screen.Line(new Span(unknown, Tone.Warning));
        }

        var left = report.Blocks.Count(block => block.Result is "left" or "failed");
        screen.Line((shown.Count, left, report.DryRun) switch
        {
            (_, 0, _) when report.Unknown.Count > 0 =>
                $"{(report.DryRun ? "Dry run, nothing was changed. " : "")}It can't be told whether anything blocks {report.Subject}: not all could be asked.{(isRoot ? "" : " Run it as root.")}",
            (0, _, _) => $"Nothing on this machine blocks {report.Subject}.",
            (_, 0, true) => $"Dry run, nothing was changed: {report.Subject} would be free.",
            (_, _, true) => $"Dry run, nothing was changed: {left} would still block {report.Subject}.",
            (_, 0, false) => $"{report.Subject} is free. To never ban it again: ringfence trust {report.Subject}",
            _ => $"{left} still block{(left == 1 ? "s" : "")} {report.Subject}.",
        });
    }
}

using System.CommandLine;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Outer;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary><c>ringfence outer</c>: firewalls outside this machine: what they were told, whether they listen, telling them all again.</summary>
internal static class OuterCommand
{
    private static readonly IReadOnlyList<(string, string)> Examples =
    [
        ("ringfence outer", "what each firewall was told, and what waits"),
        ("ringfence outer test router", "ban and unban 192.0.2.1 there, and see what it answers"),
        ("ringfence outer sync router", "tell it everything again, after it lost its list"),
    ];

    public static Command Build()
    {
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("outer", "Firewalls outside this machine: what each was told; outer test tries one, outer sync tells it everything again. Exit code 1 where there is a problem.") { Examples = Examples };
        verb.Add(json);
        verb.Add(config);
        verb.Add(Test());
        verb.Add(Sync());
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var settings = surroundings.ReadConfigToAsk(parsed.GetValue(config));
            using var daemon = new DaemonClient(settings.Socket);
            var status = await daemon.StatusAsync(stop);
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(status.Outer, ApiJson.Default.IReadOnlyListOuterStatus);
            }
            else if (status.Outer.Count == 0)
            {
                screen.Line(settings.Outer.Count == 0
                    ? "no firewall outside this machine is told: see docs/outer.md for sections [outer NAME]"
                    : "no firewall outside this machine is told: the guard observes, or has not read the sections [outer NAME] yet");
            }

            foreach (var outer in parsed.GetValue(json) ? [] : status.Outer)
            {
                Print(outer, status.Now, "", screen);
            }

            return status.Outer.Any(outer => outer.Problem is not null) ? ExitCode.Found : ExitCode.Fine;
        });
    }

    /// <summary>A line for each firewall, for this verb and for status.</summary>
    public static void Print(OuterStatus outer, DateTimeOffset now, string before, Screen screen)
    {
        var last = outer.LastSuccess is { } success ? $", answered {Duration.Words(now - success)} ago" : "";
        var next = outer.Next is { } due && due > now ? $", next try in {Duration.Words(due - now)}" : "";
        screen.Line($"{before}{outer.Name} ({outer.Where}): {Words.Count(outer.Told, "ban")} told, {outer.Waiting} waiting{last}{next}");
        if (outer.Problem is { } problem)
        {
            screen.Line("          ", new($"! {problem}", Tone.Bad));
        }

        if (outer.Note is { } note)
        {
            screen.Line("          ", note);
        }
    }

    private static Verb Test()
    {
        var name = new Argument<string>("name") { Description = "The firewall, as [outer NAME] names it." };
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("test", "Tell a firewall that 192.0.2.1 is banned and then that it is not, and say what it answered. Exit code 3 where it did not take one.")
        {
            Examples = [("ringfence outer test router", "a line for each answer"), ("ringfence outer test router --json", "the same for programs")],
        };
        verb.Add(name);
        verb.Add(json);
        verb.Add(config);
        verb.Does(async (parsed, surroundings, stop) =>
        {
            var settings = surroundings.ReadConfigToAsk(parsed.GetValue(config));
            using var daemon = new DaemonClient(settings.Socket);
            var screen = new Screen(surroundings);
            OuterTestReport report;
            try
            {
                report = await daemon.OuterTestAsync(parsed.GetValue(name)!, stop);
            }
            catch (NotRunningException)
            {
                report = await AloneAsync(settings, parsed.GetValue(name)!, surroundings.Clock, stop);
                screen.Note("ringfence: no guard runs: this tried it by itself, as ringfence.conf has it now");
            }

            if (parsed.GetValue(json))
            {
                screen.Json(report, ApiJson.Default.OuterTestReport);
            }

            foreach (var step in parsed.GetValue(json) ? [] : report.Steps)
            {
                screen.Line(new Span(step.Taken ? "taken    " : "NOT taken", step.Taken ? Tone.Good : Tone.Bad), $"  {step.What}: {step.Answer}");
            }

            return report.Steps.All(step => step.Taken) ? ExitCode.Fine : ExitCode.WorldFailed;
        });
        return verb;
    }

    // Before the first start is when one wants to know.
    private static async Task<OuterTestReport> AloneAsync(RingfenceConfig config, string name, TimeProvider clock, CancellationToken stop)
    {
        var settings = config.Outer.FirstOrDefault(outer => outer.Name == name) ?? throw new MistakeException(config.Outer.Count == 0
            ? "there is no section [outer NAME] in ringfence.conf"
            : $"there is no [outer {Core.Pbx.Shown.Text(name)}]: expected one of {string.Join(", ", config.Outer.Select(outer => outer.Name))}");
        if (settings.Ban is null)
        {
            throw new MistakeException($"[outer {name}] is told whole lists, and without a guard nobody knows what is banned: a list with the example alone would free everybody there. Start the guard first.");
        }

        return new OuterTestReport(name, [.. (await OuterFirewall.TestAsync(settings, [], clock, stop)).Select(step => new OuterTestStep(step.What, step.Answer.Kind == Notifiers.AnswerKind.Taken, step.Answer.Words))]);
    }

    private static Verb Sync()
    {
        var name = new Argument<string>("name") { Description = "The firewall, as [outer NAME] names it." };
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("sync", "Tell a firewall everything again: it was replaced, or lost its list. It goes on in the guard; see ringfence outer.")
        {
            Examples = [("ringfence outer sync router", "what it has to be told is counted"), ("ringfence outer sync router --json", "the same for programs")],
        };
        verb.Add(name);
        verb.Add(json);
        verb.Add(config);
        verb.Does(async (parsed, surroundings, stop) =>
        {
            using var daemon = new DaemonClient(surroundings.ReadConfigToAsk(parsed.GetValue(config)).Socket);
            var report = await daemon.OuterSyncAsync(parsed.GetValue(name)!, stop);
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(report, ApiJson.Default.OuterSyncReport);
            }
            else
            {
                screen.Line($"{report.Name} is told everything again: {Words.Count(report.Waiting, "ban")}");
            }

            return ExitCode.Fine;
        });
        return verb;
    }
}

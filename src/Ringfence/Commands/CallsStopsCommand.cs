using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary><c>ringfence calls stops</c> and <c>calls lift</c>: what may not leave and why, and letting it leave again.</summary>
internal static class CallsStopsCommand
{
    public static Command Build()
    {
        var all = new Option<bool>("--all") { Description = "Also those that are over or were lifted." };
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("stops", "Calls that may not leave: whose, where to, for how long, the calls that led to it and what they had cost.")
        {
            Examples = [("ringfence calls stops", "what holds now"), ("ringfence calls stops --all --json", "for scripts, with what is over")],
        };
        verb.Add(all);
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            using var daemon = new DaemonClient(surroundings.ReadConfigToAsk(parsed.GetValue(config)).Socket);
            var report = await daemon.LiveCallsAsync(stop);
            List<StopReport> stops = [.. report.Stops.Where(one => parsed.GetValue(all) || LiveScreen.Holds(one))];
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(new StopsReport(report.Now, report.Mode, report.Currency, stops), ApiJson.Default.StopsReport);
            }
            else
            {
                stops.ForEach(one => Print(one, report, screen));
                if (stops.Count == 0)
                {
                    screen.Note("Nothing is stopped.");
                }

                // Of what is stopped too: that it can't be hung up, or ends with the guard.
                if (report.Problem is { } problem)
                {
                    screen.Note(problem);
                }
            }

            return ExitCode.Fine;
        });
    }

    public static Command BuildLift()
    {
        var number = new Argument<int?>("number") { Description = "The stop, as `ringfence calls stops` numbers it.", HelpName = "N", Arity = ArgumentArity.ZeroOrOne, CustomParser = ParseNumber };
        var all = new Option<bool>("--all") { Description = "All that hold." };
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("lift", "Let calls leave again that a stop holds. A limit that is reached anew stops them anew.")
        {
            Examples = [("ringfence calls lift 3", "one of them"), ("ringfence calls lift --all", "all that hold")],
        };
        verb.Add(number);
        verb.Add(all);
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var one = parsed.GetValue(number);
            if (one is null != parsed.GetValue(all))
            {
                throw new MistakeException("calls lift: expected the number of a stop, or --all");
            }

            using var daemon = new DaemonClient(surroundings.ReadConfigToAsk(parsed.GetValue(config)).Socket);
            var report = await daemon.LiftAsync(one, stop);
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(report, ApiJson.Default.LiftReport);
                return ExitCode.Fine;
            }

            foreach (var lifted in report.Lifted)
            {
                screen.Line($"stop {lifted.Number} lifted: {LiveScreen.Subject(lifted)}; what they came to until now counts no more");
            }

            foreach (var left in report.Left)
            {
                screen.Line(new Span($"stop {left.Number} still holds: {LiveScreen.Subject(left)}: ringfence calls lift {left.Number}", Tone.Warning));
            }

            if (report.Lifted.Count == 0)
            {
                screen.Note("Nothing was stopped.");
            }

            return ExitCode.Fine;
        });
    }

    private static void Print(StopReport stop, LiveCallsReport report, Screen screen)
    {
        var (state, tone) = stop.State switch
        {
            "enforced" => ("stopped", Tone.Bad),
            "observed" => ("WOULD BE STOPPED (observing)", Tone.Warning),
            _ => (stop.State, Tone.Faint),
        };
        var until = LiveScreen.Holds(stop) ? $", until {screen.Time(stop.Until)} ({Duration.Words(stop.Until - report.Now)} left)" : "";
        screen.Line($"{stop.Number}  ", new(state, tone), $"  {LiveScreen.Subject(stop)}, since {screen.Time(stop.From)}{until}");
        var currency = report.Currency is { } unit ? $" {unit}" : "";
        var refused = stop.RefusedAt is { } last ? $", {stop.Refused} {(stop.State == "observed" ? "would have been refused" : "refused")} at the gate, the last {Duration.Words(report.Now - last)} ago" : "";
        screen.Line($"   {stop.Why} ({stop.Rule}); {LiveScreen.Money(stop.Lost)}{currency} by then; {Words.Count(stop.Hung, "call")} {(stop.State == "observed" ? "would have been hung up" : "hung up")}{refused}");
        foreach (var line in stop.Evidence)
        {
            screen.Line($"     {line}");
        }
    }

    private static int? ParseNumber(ArgumentResult result)
    {
        if (result.Tokens.Count == 0)
        {
            return null;
        }

        if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
        {
            return number;
        }

        result.AddError($"{result.Tokens[0].Value}: expected the number of a stop, as `ringfence calls stops` numbers it");
        return null;
    }
}

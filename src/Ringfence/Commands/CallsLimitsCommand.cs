using System.CommandLine;
using System.Text.Json.Serialization;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Pbx;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary><c>ringfence calls limits</c>: what calls may come to, as ringfence.conf has it now.</summary>
internal static class CallsLimitsCommand
{
    public static Command Build()
    {
        var name = new Argument<string?>("limit") { Description = "Explain this one, with the lines that change it or turn it off.", HelpName = "NAME", Arity = ArgumentArity.ZeroOrOne };
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("limits", "Show every limit of calls as it now is: the default policy, as [limit NAME] of ringfence.conf changes it, and what is turned off.")
        {
            Examples =
            [
                ("ringfence calls limits", "all of them, by what they count"),
                ("ringfence calls limits spend-5m", "one, and the lines that change it or turn it off"),
            ],
        };
        verb.Add(name);
        verb.Add(json);
        verb.Add(config);
        return verb.Does((parsed, surroundings, _) =>
        {
            var calls = surroundings.ReadConfigToAsk(parsed.GetValue(config)).Calls;
            var report = LimitsReport.From(calls);
            var screen = new Screen(surroundings);
            if (parsed.GetValue(name) is { } asked)
            {
                if (report.Limits.FirstOrDefault(limit => string.Equals(limit.Name, asked, StringComparison.OrdinalIgnoreCase)) is not { } found)
                {
                    var near = NearestName.Of(asked, [.. report.Limits.Select(static limit => limit.Name)]) is { } meant ? $"; did you mean {meant}?" : "";
                    throw new MistakeException($"{Shown.Text(asked)}: no such limit; `ringfence calls limits` lists them{near}");
                }

                report = report with { Limits = [found] };
                if (!parsed.GetValue(json))
                {
                    Explain(found, screen);
                    return Task.FromResult(ExitCode.Fine);
                }
            }

            if (parsed.GetValue(json))
            {
                screen.Json(report, LimitsJson.Default.LimitsReport);
            }
            else
            {
                Print(report, calls.Country is null, screen);
            }

            return Task.FromResult(ExitCode.Fine);
        });
    }

    private static void Print(LimitsReport report, bool isUnused, Screen screen)
    {
        foreach (var rule in report.Limits.GroupBy(static limit => (limit.Rule, limit.RuleName)))
        {
            screen.Line(new Span($"{rule.Key.Rule} {rule.Key.RuleName}", Tone.Good));
            screen.Table(["  Limit", "Of one", "In", "Tells at", "Stops at", "Stops", "For", "Looks at"], [.. rule.Select(static limit => new Span[]
            {
                new($"  {limit.Name}", limit.IsEnabled ? Tone.Plain : Tone.Faint),
                limit.For,
                limit.Window ?? "",
                limit.IsEnabled ? limit.Warning : "",
                limit.IsEnabled ? limit.Critical : new Span("off", Tone.Warning),
                limit.IsEnabled && limit.Critical != "-" ? limit.Action : "",
                limit.IsEnabled && limit.Critical != "-" && limit.Action != "tell" ? limit.StopFor : "",
                Looks(limit),
            })], isNamed: true);
        }

        screen.Line("");
        screen.Line("Changed in ringfence.conf: ", report.Limits.Where(static limit => limit.IsChanged).Select(static limit => limit.Name).ToList() is { Count: > 0 } changed ? string.Join(", ", changed) : "none", ". ringfence calls limits NAME says how.");
        if (isUnused)
        {
            screen.Note("ringfence: none of them holds yet: the site's country is not known (country = CODE in [calls])");
        }
    }

    private static string Stops(LimitReport limit) => limit.Action switch
    {
        "tell" => "they are told again, and nothing is stopped",
        "call" => "that call is stopped",
        "country" => $"this extension's calls to that country are stopped for {limit.StopFor}",
        "risky" => $"this extension's calls to risky destinations are stopped for {limit.StopFor}",
        "outside" => $"all calls of this extension to outside are stopped for {limit.StopFor}",
        "trunk" => $"everybody's calls over that trunk are stopped for {limit.StopFor}",
        _ => $"everybody's calls to risky destinations are stopped for {limit.StopFor}",
    };

    private static string Looks(LimitReport limit) => string.Join("; ", limit.Calls.Select(static one => one.Key == "only" ? one.Value : $"{one.Key} {one.Value}").Concat(limit.Hours == "always" ? [] : [limit.Hours == "off" ? "off hours" : "working hours"]));

    private static void Explain(LimitReport limit, Screen screen)
    {
        screen.Line($"{limit.Name}, a limit of ", new Span($"{limit.Rule} {limit.RuleName}", Tone.Good), limit.IsEnabled ? "" : ", turned off");
        screen.Line($"  {limit.Why}");
        if (limit.IsEnabled)
        {
            screen.Line($"  {(limit.For == "country" ? "Of each country of an extension" : limit.For == "site" ? "Of the whole site" : $"Of each {limit.For}")}{(limit.Window is { } window ? $", in {window}" : "")}: {(limit.Warning == "-" ? "nobody is warned" : $"people are told at {limit.Warning}")}; {(limit.Critical == "-" ? "nothing is stopped" : $"at {limit.Critical} {Stops(limit)}")}.");
        }

        screen.Line("");
        screen.Line(limit.IsEnabled ? "As it is, line by line; write those that are to be otherwise into ringfence.conf, below the first:" : "To have it again, take enabled = no out of ringfence.conf, or the whole section. As it would be:");
        foreach (var line in limit.Section)
        {
            screen.Line($"  {line}");
        }

        screen.Line("");
        screen.Line("To turn it off:");
        screen.Line($"  {limit.Section[0]}");
        screen.Line("  enabled = no");
        screen.Line($"Then: systemctl restart ringfence. ringfence calls backtest says before what that would have stopped; ringfence explain {limit.Rule} has the rule with examples.");
    }
}

/// <summary>What <c>calls limits</c> shows: docs/json.md.</summary>
internal sealed record LimitsReport(string? Currency, IReadOnlyList<LimitReport> Limits)
{
    public static LimitsReport From(CallSettings calls)
    {
        var limits = calls.AllLimits.Select(limit => LimitReport.From(limit, calls, isEnabled: true))
            .Concat(calls.Limits.Where(static limit => !limit.IsEnabled).GroupBy(static limit => limit.Name, StringComparer.Ordinal).Select(static same => same.Last())
                .Select(off => (off with { IsEnabled = true }).Resolve(calls.EuroInMoney).Limit is { } limit ? LimitReport.From(limit, calls, isEnabled: false) : null).OfType<LimitReport>())
            .ToList();
        List<string> order = [.. CallRules.All.Select(static rule => rule.Id)];
        return new LimitsReport(calls.Currency.Length == 0 ? null : calls.Currency, [.. limits.OrderBy(limit => order.IndexOf(limit.Rule))]);
    }
}

/// <param name="For">Whose calls are counted together, as the key for has it.</param>
/// <param name="Window">null: the rule counts over none.</param>
/// <param name="Warning">With its unit; "-": none. So <paramref name="Critical"/>.</param>
/// <param name="Calls">Which calls it looks at, as the keys have it; empty: all.</param>
/// <param name="IsChanged">ringfence.conf has a section of its name.</param>
/// <param name="Section">The whole limit as lines of ringfence.conf.</param>
internal sealed record LimitReport(
    string Name, string Rule, string RuleName, string Why, string For, string? Window, string Warning, string Critical, string Action, string StopFor, string Hours, IReadOnlyDictionary<string, string> Calls,
    bool IsEnabled, bool IsChanged, IReadOnlyList<string> Section)
{
    public static LimitReport From(CallLimit limit, CallSettings calls, bool isEnabled)
    {
        var rule = CallRules.Of(limit);
        return new LimitReport(
            limit.Name, rule.Id, rule.Name, rule.Why, LimitKeys.NameOf(limit.Scope), limit.Window == 0 ? null : LimitText.Time(limit.Window), LimitText.Level(limit.Warning, rule.Unit, calls.Currency),
            LimitText.Level(limit.Critical, rule.Unit, calls.Currency), LimitKeys.NameOf(limit.Action), LimitText.Time(limit.For), LimitText.Hours(limit.Hours),
            CallFilterKeys.Of(limit.Calls).ToDictionary(static one => one.Key, static one => one.Value), isEnabled, calls.Limits.Any(changed => changed.Name == limit.Name), LimitText.Section(limit));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LimitsReport))]
internal sealed partial class LimitsJson : JsonSerializerContext;

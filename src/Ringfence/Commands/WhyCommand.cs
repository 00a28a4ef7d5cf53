using System.CommandLine;
using Ringfence.Api;
using Ringfence.Blocks;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary><c>ringfence why</c>: what led to each decision about an address.</summary>
internal static class WhyCommand
{
    // Who asks why waits for an answer: who does not give one by then is said to be unknown.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static Command Build()
    {
        var address = NetworkArgument.Create("Whom it is about.", ArgumentArity.ExactlyOne);
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("why", "Show what led to each decision about an address, in order, with the rule and the evidence.")
        {
            Examples =
            [
                ("ringfence why 203.0.113.5", "is it banned, since when, and for which log lines"),
                ("ringfence why 203.0.113.0/24 --json", "a whole network, for a script"),
            ],
        };
        verb.Add(address);
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var subject = parsed.GetRequiredValue(address)!.Value;
            var settings = surroundings.ReadConfigToAsk(parsed.GetValue(config));
            var report = await Offline.AskAsync(surroundings, settings, daemon => daemon.WhyAsync(subject, stop), Offline.Why(subject));
            var survey = await surroundings.SurveyBlocks(subject, new BlockPlaces { AsteriskDirectory = settings.AsteriskDirectory }, Patience, stop);
            report = report with { AlsoBlocked = [.. survey.Blocks.Select(block => new OtherBlockReport(block.Where, block.Subject, block.Since, block.Why))], Unknown = survey.Unknown };
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(report, ApiJson.Default.WhyReport);
                return ExitCode.Fine;
            }

            Print(report, screen);
            return ExitCode.Fine;
        });
    }

    private static void Print(WhyReport report, Screen screen)
    {
        screen.Line($"{report.Subject} ", State(report, screen));
        if (report.Trust is { } trust)
        {
            screen.Line($"Trusted: {trust}");
        }

        foreach (var block in report.AlsoBlocked ?? [])
        {
            var since = block.Since is { } time ? $" since {screen.Time(time)}" : "";
            var whom = block.Subject == report.Subject ? "" : $", all of {block.Subject}";
            screen.Line(new Span($"Also blocked by: {block.Where}{whom}{since}", Tone.Bad), block.Why.Length == 0 ? "" : $" ({block.Why})");
        }

        if (report.AlsoBlocked is { Count: > 0 })
        {
            screen.Line($"To lift it everywhere: ringfence free {report.Subject}");
        }

        foreach (var unknown in report.Unknown ?? [])
        {
            screen.Line(new Span($"Whether others block it is not all known: {unknown}", Tone.Warning));
        }

        foreach (var watched in report.Watched)
        {
            var whom = watched.Subject == report.Subject ? "" : $" {watched.Subject}:";
            screen.Line($"Under watch:{whom} ", new Span($"{WatchedOutput.Sentence(watched, report.Now)}{(report.Ban is null ? ": not banned" : "")}", Tone.Warning));
        }

        if (report.Decisions.Count == 0)
        {
            screen.Line(report.Watched.Count == 0 ? "Nothing was ever decided about it." : "Nothing was decided about it yet.");
        }

        foreach (var decision in report.Decisions)
        {
            screen.Line("");
            Print(decision, report, screen);
        }
    }

    private static Span State(WhyReport report, Screen screen) => report.Ban switch
    {
        null => new Span("is not banned."),
        { State: "observed" } ban => new Span($"would be banned {End(ban.Until, report.Now, screen)}: Ringfence only observes.", Tone.Warning),
        { State: "failed" } ban => new Span($"should be banned {End(ban.Until, report.Now, screen)}, and the firewall refused: see `ringfence status`.", Tone.Bad),
        { Throttles: true } ban => new Span($"is throttled {End(ban.Until, report.Now, screen)}: of its SIP over UDP a REGISTER or INVITE comes through now and then, all else as ever. A login ends it.", Tone.Warning),
        var ban => new Span($"is banned {End(ban.Until, report.Now, screen)}{Through(ban, report)}.", Tone.Bad),
    };

    private static string Through(BanReport ban, WhyReport report) => ban.Subject == report.Subject ? "" : $", with all of {ban.Subject}";

    private static string End(DateTimeOffset? until, DateTimeOffset now, Screen screen) =>
        until is { } end ? $"until {screen.Time(end)} ({Duration.Words(end - now)} left)" : "for ever";

    private static void Print(DecisionReport decision, WhyReport report, Screen screen)
    {
        foreach (var evidence in decision.Evidence)
        {
            screen.Line($"{screen.Time(evidence.Time)}  {evidence.Event}, {evidence.Proof}{Account(evidence)}  ", new($"{evidence.Log}:{evidence.Line}", Tone.Faint));
            foreach (var line in EvidenceText.LinesOf(evidence.Text))
            {
                screen.Line(new Span($"    {line}", Tone.Faint));
            }
        }

        // One address asked for, a network decided about (or the other way round): say which.
        var about = decision.Subject == report.Subject ? "" : $" {decision.Subject}";
        screen.Line($"{screen.Time(decision.Time)}  ", new($"{decision.Action}{about}", ToneOf(decision.Action)), $"  {(decision.Rule == TrustList.Rule ? "" : $"{decision.Rule}: ")}{decision.Reason}{Details(decision, screen)}");

        // Nothing is done about whoever is spared or only told of: that it was "observed" says nothing more.
        foreach (var outcome in decision.Outcomes.Where(outcome => !(decision.Action is "spare" or "alert" && outcome is { Kind: "observed", Detail: "" })))
        {
            screen.Line(
                $"{screen.Time(outcome.Time)}  ",
                new(outcome.Kind, BansCommand.ToneOf(outcome.Kind)),
                outcome.Detail.Length == 0 ? "" : $": {outcome.Detail}");
        }
    }

    private static string Account(EvidenceReport evidence) => evidence.Account.Length == 0 ? "" : $", account {evidence.Account}";

    private static string Details(DecisionReport decision, Screen screen) => decision switch
    {
        { Action: "throttle", Until: { } until } =>
            $"; throttled for {Duration.Words(until - decision.Time)} and not banned: its evidence proves no address; until {screen.Time(until)}",
        { Action: "ban", Ordinal: 0, Until: { } until } =>
            $"; for {Duration.Words(until - decision.Time)} only: its evidence proves no address; until {screen.Time(until)}",
        { Action: "ban", Until: { } until } => $"; {BansCommand.Ordinal(decision.Ordinal ?? 1)} ban, {Duration.Words(until - decision.Time)}, until {screen.Time(until)}",
        { Action: "ban" } => "; for ever",
        { Action: "spare" } => $"; spared: {decision.Trust}",
        _ => "",
    };

    private static Tone ToneOf(string action) => action switch
    {
        "ban" => Tone.Bad,
        "unban" => Tone.Good,
        _ => Tone.Warning,
    };
}

using System.CommandLine;
using Ringfence.Api;
using Ringfence.Blocks;
using Ringfence.Core.Blocks;
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
        var full = new Option<bool>("--full") { Description = "Also the records themselves, with the log and the line of each." };
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("why", "Show what led to each decision about an address, in order, with the rule and the evidence.")
        {
            Examples =
            [
                ("ringfence why 203.0.113.5", "is it banned, since when, and for what"),
                ("ringfence why 203.0.113.5 --full", "with the log lines and SIP messages"),
                ("ringfence why 203.0.113.0/24 --json", "a whole network, for a script"),
            ],
        };
        verb.Add(address);
        verb.Add(full);
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var subject = parsed.GetRequiredValue(address)!.Value;
            var settings = surroundings.ReadConfigToAsk(parsed.GetValue(config));
            var report = await Offline.AskAsync(surroundings, settings, daemon => daemon.WhyAsync(subject, stop), Offline.Why(subject));
            var survey = await surroundings.SurveyBlocks(subject, new BlockPlaces { AsteriskDirectory = settings.AsteriskDirectory }, Patience, stop);
            report = report with { AlsoBlocked = [.. survey.Blocks.Select(block => new OtherBlockReport(block.Where, block.Subject, block.Since, block.Why) { AccountsOnly = block.Kind == BlockKind.AccountAcl, Accounts = block.Accounts })], Unknown = survey.Unknown };
            var listed = await FeedsCommand.BlockingAsync(subject, settings, surroundings, stop);
            report = report with { AlsoBlocked = [.. report.AlsoBlocked ?? [], .. listed.Select(entry => new OtherBlockReport($"blocklist {entry.Feed}", entry.Entry, entry.Since, $"ringfence trust {subject} lets it in"))] };
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(report, ApiJson.Default.WhyReport);
                return ExitCode.Fine;
            }

            Print(report, screen, parsed.GetValue(full));
            return ExitCode.Fine;
        });
    }

    private static void Print(WhyReport report, Screen screen, bool full)
    {
        List<OtherBlockReport> others = [.. (report.AlsoBlocked ?? []).Where(block => !block.AccountsOnly)];
        screen.Line($"{report.Subject} ", State(report, others, screen));
        if (report.Trust is { } trust)
        {
            screen.Line($"Trusted: {trust}");
        }

        foreach (var block in others)
        {
            screen.Line(new Span($"{(report.Ban is null ? "Blocked" : "Also blocked")} by: {Whom(block, report, screen)}", Tone.Bad), block.Why.Length == 0 ? "" : $" ({block.Why})");
        }

        if (others.Count > 0)
        {
            screen.Line($"To lift it everywhere: ringfence free {report.Subject}");
        }

        // It keeps an account where it belongs, and is no block of the address.
        // "deny all, permit the office" is most accounts' list: about this address it says something only where that account was tried from there.
        var tried = report.Decisions.SelectMany(decision => decision.Evidence).Select(evidence => evidence.Account).Concat(report.Watched.SelectMany(watched => watched.Accounts)).ToHashSet(StringComparer.Ordinal);
        foreach (var list in (report.AlsoBlocked ?? []).Where(block => block.AccountsOnly && (block.Subject.PrefixLength > 0 || block.Accounts.Any(tried.Contains))))
        {
            screen.Line($"Note: {list.Where} refuses {(list.Subject == report.Subject ? "it" : $"all of {list.Subject}")}", list.Why.Length == 0 ? "" : $" ({list.Why})");
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

        // What is in force answers the question; what was before it is history.
        var current = report.Ban is { } ban ? report.Decisions.LastOrDefault(decision => decision.Action is "ban" or "throttle" && decision.Subject == ban.Subject) : null;
        var shown = new HashSet<(DateTimeOffset, string, long, string)>();
        if (current is not null)
        {
            screen.Line("");
            Print(current, report, screen, full, shown);
        }

        if (current is not null && report.Decisions.Count > 1 && report.Decisions[0] != current)
        {
            screen.Line("");
            screen.Line("Also decided, the oldest first:");
        }

        foreach (var decision in report.Decisions.Where(decision => decision != current))
        {
            screen.Line("");
            Print(decision, report, screen, full, shown);
        }

        if (!full && shown.Count > 0)
        {
            screen.Line("");
            foreach (var sentence in EvidenceWords.Legend(report.Decisions.SelectMany(decision => decision.Evidence).Select(evidence => evidence.Proof).ToHashSet()))
            {
                screen.Line(new Span(sentence, Tone.Faint));
            }

            screen.Line(new Span($"The records themselves: ringfence why {report.Subject} --full", Tone.Faint));
        }
    }

    private static string Whom(OtherBlockReport block, WhyReport report, Screen screen)
    {
        var since = block.Since is { } time ? $" since {screen.Time(time)}" : "";
        return $"{block.Where}{(block.Subject == report.Subject ? "" : $", all of {block.Subject}")}{since}";
    }

    private static Span State(WhyReport report, List<OtherBlockReport> others, Screen screen) => report.Ban switch
    {
        null when others.Count > 0 => new Span($"is not banned by Ringfence; {string.Join(" and ", others.Select(block => block.Where).Distinct())} {(others.DistinctBy(static block => block.Where).Count() == 1 ? "blocks" : "block")} it.", Tone.Bad),
        null => new Span("is not banned."),
        { Throttles: true, State: "observed" } ban => new Span($"would be throttled {End(ban.Until, report.Now, screen)}: Ringfence only observes.", Tone.Warning),
        { Throttles: true, State: "failed" } ban => new Span($"should be throttled {End(ban.Until, report.Now, screen)}, and the firewall refused: see `ringfence status`.", Tone.Bad),
        { State: "observed" } ban => new Span($"would be banned {End(ban.Until, report.Now, screen)}: Ringfence only observes.", Tone.Warning),
        { State: "failed" } ban => new Span($"should be banned {End(ban.Until, report.Now, screen)}, and the firewall refused: see `ringfence status`.", Tone.Bad),
        { Throttles: true } ban => new Span($"is throttled {End(ban.Until, report.Now, screen)}: of its SIP over UDP a REGISTER or INVITE comes through now and then, all else as ever. A login ends it.", Tone.Warning),
        var ban => new Span($"is banned {End(ban.Until, report.Now, screen)}{Through(ban, report)}.", Tone.Bad),
    };

    private static string Through(BanReport ban, WhyReport report) => ban.Subject == report.Subject ? "" : $", with all of {ban.Subject}";

    private static string End(DateTimeOffset? until, DateTimeOffset now, Screen screen) =>
        until is { } end ? $"until {screen.Time(end)} ({Duration.Words(end - now)} left)" : "for ever";

    private static void Print(DecisionReport decision, WhyReport report, Screen screen, bool full, HashSet<(DateTimeOffset Time, string Log, long Line, string Event)> shown)
    {
        var known = decision.Evidence.Count(evidence => !shown.Add((evidence.Time, evidence.Log, evidence.Line, evidence.Event)));
        if (known < decision.Evidence.Count && full)
        {
            decision.Evidence.ToList().ForEach(evidence => Print(evidence, report, screen));
        }
        else if (known < decision.Evidence.Count)
        {
            EvidenceWords.Of(decision.Evidence, report.Subject).ToList().ForEach(alike => screen.Line($"{screen.Time(alike.Time)}  {alike.Words}"));
        }

        // A network's ban comes with the last ban in it, and stands on the same events.
        if (known > 0 && known == decision.Evidence.Count)
        {
            screen.Line(new Span(known == 1 ? "The same event as above:" : $"The same {known} events as above:", Tone.Faint));
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

    // Whose it is stands there where it is not who was asked about.
    private static void Print(EvidenceReport evidence, WhyReport report, Screen screen)
    {
        var whose = evidence.Source is { } source && source != report.Subject ? $"{source}  " : "";
        screen.Line($"{screen.Time(evidence.Time)}  {whose}{evidence.Event}, {evidence.Proof}{Account(evidence)}", new Span($"  {evidence.Log}:{evidence.Line}", Tone.Faint));
        foreach (var line in EvidenceText.LinesOf(evidence.Text))
        {
            screen.Line(new Span($"    {line}", Tone.Faint));
        }
    }

    private static string Account(EvidenceReport evidence) => evidence.Account.Length == 0 ? "" : $", account {evidence.Account}";

    private static string Details(DecisionReport decision, Screen screen) => decision switch
    {
        { Action: "throttle", Until: { } until } =>
            $"; throttled for {Duration.Words(until - decision.Time)} and not banned: over UDP anybody can write any sender; until {screen.Time(until)}",
        { Action: "ban", Ordinal: 0, Until: { } until } =>
            $"; for {Duration.Words(until - decision.Time)} only: over UDP anybody can write any sender; until {screen.Time(until)}",
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

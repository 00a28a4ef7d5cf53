using System.CommandLine;
using System.Globalization;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Firewall;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary><c>ringfence status</c>: one screen about the guard.</summary>
internal static class StatusCommand
{
    // Each problem that the first line counts has one, also where there is no colour.
    private const string Mark = "! ";

    public static Command Build()
    {
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("status", "One screen: what is read, what is blind, bans, firewall, journal, latest decisions. Exit code 1 where there is a problem, 3 where no daemon runs.")
        {
            Examples =
            [
                ("ringfence status", "for people"),
                ("ringfence status --json", "for monitoring: what to alarm on is in docs/json.md"),
            ],
        };
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var settings = surroundings.ReadConfigToAsk(parsed.GetValue(config));
            var report = await Offline.AskAsync(surroundings, settings, daemon => daemon.StatusAsync(stop), Offline.Status);
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(report, ApiJson.Default.StatusReport);
            }
            else
            {
                Print(report, surroundings.FindGuard, screen);
            }

            // What the journal says is worth reading, and a watcher must not take it for a guard.
            return report.From != "daemon" ? ExitCode.WorldFailed : StatusProblems.Of(report).Count > 0 ? ExitCode.Found : ExitCode.Fine;
        });
    }

    private static void Print(StatusReport report, Func<GuardProcess?> findGuard, Screen screen)
    {
        if (report.Started is { } started)
        {
            screen.Line($"ringfence {report.Version}, up {Duration.Words(report.Now - started)}: ", Mode(report), Overall(report));
        }
        else
        {
            screen.Line($"ringfence {report.Version}: ", new(findGuard() is { } guard ? $"the guard (process {guard.Id}) can't be asked" : "the guard does not run", Tone.Bad));
        }

        if (report.Stale is { } stale)
        {
            screen.Line("Config    ", new(stale, Tone.Warning));
        }

        if (report.Canary?.Problem is { } down)
        {
            // The name of the line is the sentence's first word.
            screen.Line("Asterisk  ", new($"{Mark}{(down.StartsWith("Asterisk ", StringComparison.Ordinal) ? down["Asterisk ".Length..] : down)}{Explained(report)}", Tone.Bad));
        }

        PrintSources(report, screen);
        PrintCanary(report, screen);
        PrintFirewall(report, screen);
        if (report.ScannersDropped is { } scanners)
        {
            screen.Line($"          {Words.Count(scanners, "datagram")} with a scanner's name dropped since start");
        }

        PrintPolicy(report, screen);
        PrintLists(report, screen);
        PrintOuter(report, screen);
        PrintRoaming(report, screen);
        PrintCalls(report, screen);
        PrintJournal(report, screen);
        PrintNotifiers(report, screen);
        foreach (var part in report.Parts.Where(part => part.Problem is not null))
        {
            var next = part.NextTry is { } time ? $"; next try in {Duration.Words(time - report.Now)}" : "";
            var failed = part.State == "running" ? "" : $" failed {Times(part.Failures)}";
            screen.Line("Part      ", new($"{Mark}{part.Name}{failed}: {part.Problem}{next}", Tone.Bad));
        }

        var watched = report.Watched == 0 ? "nobody watched" : $"{Words.Count(report.Watched, "address")} watched (ringfence bans --watched)";
        screen.Line($"Bans      {Bans(report)}, {watched}, {Number(report.EventsPerSecond)} events/s, {report.Events} since start");
        if (report.Note is { } note)
        {
            screen.Line("          ", note);
        }

        if (report.Latest.Count > 0)
        {
            screen.Line("");
            screen.Table(["Latest", "", "Address", "Rule", "Reason"], [.. report.Latest.Select(decision => new Span[]
            {
                screen.Time(decision.Time),
                Action(decision),
                decision.Subject.ToString(),
                decision.Rule,
                decision.Reason,
            })]);
        }
    }

    private static void PrintCalls(StatusReport report, Screen screen)
    {
        if (report.Calls is not { } calls)
        {
            return;
        }

        var currency = calls.Currency is { } unit ? $" {unit}" : "";
        var last = calls.LastEvent is { } heard ? $", last event {Duration.Words(report.Now - heard)} ago" : ", nothing was heard of any yet";
        screen.Line(
            calls.Source != "live" && calls.Calls == 0 ? "Calls     those that go on are not known, " : $"Calls     {Words.Count(calls.Calls, "call")} to outside, {LiveScreen.Money(calls.PerMinute)}{currency} a minute, ",
            new(calls.Stops == 0 ? "nothing is stopped" : $"{Words.Count(calls.Stops, "stop")} (ringfence calls stops)", calls.Stops == 0 ? Tone.Plain : Tone.Bad),
            calls.Mode == "observe" ? new Span(", OBSERVING: nothing is hung up", Tone.Warning) : new Span(""),
            last);
        screen.Line($"          since start {calls.Hung} {(calls.Mode == "observe" ? "would have been hung up" : "hung up")}, the gate was asked {Times(calls.Asked)} and denied {calls.Denied}{(calls.Odd == 0 ? "" : $", {Words.Count(calls.Odd, "message")} with injected text")}");
        screen.Line(calls.Learnt switch
        {
            null => "          what is usual is being learnt from the site's records",
            { From: { } from } learnt => $"          what is usual was learnt from {Words.Count(learnt.Calls, "call")} since {screen.Time(from)}",
            _ => new Span("          no records of calls from before the guard: for two weeks no country is new to anybody", Tone.Warning),
        });
        foreach (var place in calls.Records)
        {
            screen.Line("          ", LiveScreen.Records(place, report.Now));
        }

        if (calls.Note is { } note)
        {
            screen.Line("          ", note);
        }

        if (calls.Problem is { } problem)
        {
            screen.Line("          ", new($"{Mark}{problem}", Tone.Bad));
        }
    }

    // What was decided while nobody was blocked must not look like a ban.
    private static string Action(DecisionReport decision) => decision is { Action: "ban" or "throttle", Outcomes: [.., { Kind: "observed" or "failed" } last] }
        ? $"{decision.Action} ({last.Kind})"
        : decision.Action;

    // Whether anybody is banned at all is the first thing to know of a guard.
    private static Span Mode(StatusReport report) => report.Firewall switch
    {
        { Mode: "observe" } => new Span("OBSERVING, bans nobody: ", Tone.Warning),
        null => new Span(""),
        _ => new Span("enforcing: ", Tone.Good),
    };

    private static Span Overall(StatusReport report) => StatusProblems.Of(report).Count switch
    {
        0 when report.Canary is { Silent.Count: > 0 } canary => new Span($"not known yet whether all is well: {string.Join(", ", canary.Silent)} did not tell of the guard's own request yet", Tone.Warning),
        0 when report.Weak is { } weak => new Span($"well, but weak: {weak}", Tone.Warning),
        0 => new Span("all is well", Tone.Good),
        1 => new Span("1 problem", Tone.Bad),
        var problems => new Span($"{problems} problems", Tone.Bad),
    };

    private static void PrintSources(StatusReport report, Screen screen)
    {
        foreach (var source in report.Sources)
        {
            var state = $"{(source.Alive ? "alive" : "BLIND")} since {screen.Time(source.Since)}";
            screen.Line($"Source    {source.Name}  ", new(state, source.Alive ? Tone.Good : Tone.Bad), $"  {Reading(source, report.Now)}");
            screen.Line($"          since start {What(source)}, {Words.Count(source.Events, "event")}, {source.Unmatched} not understood");
            if (source.Problem is { } problem)
            {
                screen.Line("          ", new($"{Mark}{problem}", source.Alive ? Tone.Warning : Tone.Bad));
            }

            if (source.Note is { } note)
            {
                screen.Line("          ", note);
            }
        }

        if (report.From == "daemon" && report.Sources.Count == 0)
        {
            screen.Line("Source    ", new($"{Mark}none: nothing is watched; set log in ringfence.conf, or see ringfence init --dry-run", Tone.Bad));
        }
    }

    private static void PrintCanary(StatusReport report, Screen screen)
    {
        if (report.Canary is not { } canary)
        {
            return;
        }

        if (canary.Sent is { } sent)
        {
            var answer = canary.Answer is { } status ? $"answered {status} in {canary.Milliseconds} ms" : "not answered";
            // A source that must tell, or did before: of others (a door's log) nobody expects it.
            var told = report.Sources.Count(source => source.Canary?.Time >= sent);
            List<string> missing = [.. canary.Silent.Union(report.Sources.Where(source => source.Canary?.Time < sent).Select(source => source.Name))];
            screen.Line(
                $"Canary    {canary.Account} to {canary.Target}, {Duration.Words(report.Now - sent)} ago: {answer}, ",
                told + missing.Count == 0 ? "no source tells of it" : $"told by {told} of {Words.Count(told + missing.Count, "source")}",
                missing.Count == 0 ? "" : new Span($", not by {string.Join(", ", missing)}", Tone.Warning),
                canary.Next > report.Now ? $"; next in {Duration.Words(canary.Next.Value - report.Now)}" : "");
        }

        if (canary.Note is { } note)
        {
            screen.Line(canary.Sent is null ? "Canary    " : "          ", note);
        }
    }

    // What asks Asterisk fails with it.
    private static string Explained(StatusReport report)
    {
        List<string> explained =
        [
            .. report.Sources.Where(static source => source.Problem is not null && IsMessages(source)).Select(static source => source.Name),
            .. report.Parts.Where(static part => part is { Name: "ami" or "trust", Problem: not null }).Select(static part => $"part {part.Name}"),
        ];
        return explained.Count == 0 ? "" : $" It explains what is wrong with {string.Join(", ", explained)}.";
    }

    private static bool IsMessages(SourceReport source) =>
        source.Name.StartsWith("ami ", StringComparison.Ordinal) || source.Name.StartsWith("hep ", StringComparison.Ordinal) || source.Name.StartsWith("wire ", StringComparison.Ordinal);

    private static string Reading(SourceReport source, DateTimeOffset now)
    {
        var last = source.LastEvent is { } time ? $"last event {Duration.Words(now - time)} ago" : "no event yet";
        var lag = source.LagBytes == 0 ? "" : $", {Size(source.LagBytes)} behind";
        return $"{Number(source.EventsPerSecond)} events/s, {last}{lag}";
    }

    private static string What(SourceReport source) => Words.Count(source.Seen, source.Name switch
    {
        _ when source.Name.StartsWith("ami ", StringComparison.Ordinal) => "message",
        _ when source.Name.StartsWith("hep ", StringComparison.Ordinal) || source.Name.StartsWith("wire ", StringComparison.Ordinal) => "packet",
        _ => "line",
    });

    private static void PrintFirewall(StatusReport report, Screen screen)
    {
        if (report.Firewall is not { } firewall)
        {
            return;
        }

        var repairs = firewall.Repairs == 0 ? "" : $", put back {Times(firewall.Repairs)}";
        var strangers = firewall.Strangers == 0 ? "" : $" ({firewall.Strangers} in the kernel only: ringfence bans)";
        if (firewall.Mode != "observe")
        {
            screen.Line("Firewall  ", new(firewall.Mode, Tone.Good), $", {Words.Count(firewall.Elements, "element")}{strangers}, {Words.Count(firewall.DroppedPackets, "packet")} dropped{repairs}");
        }
        else if (firewall.Elements == 0)
        {
            screen.Line("Firewall  ", new("observe", Tone.Warning), ": nobody is blocked");
        }
        else
        {
            screen.Line("Firewall  ", new(
                $"observe: nobody is banned anew; {Words.Count(firewall.Elements, "ban")} of an earlier enforcing guard still {(firewall.Elements == 1 ? "blocks" : "block")}, {Words.Count(firewall.DroppedPackets, "packet")} dropped: ringfence unban ADDRESS lifts one", Tone.Warning));
        }

        if (firewall.Limits is { } limits && limits.DroppedAlone + limits.DroppedTogether > 0)
        {
            screen.Line($"          limits dropped {limits.DroppedAlone} packets of SIP beyond {limits.Rate}/s of one address ({Words.Count(limits.Addresses, "address")} in 15 min), {limits.DroppedTogether} beyond {limits.GlobalRate}/s of all strangers");
        }

        if (firewall.Limits is { } throttle && throttle.Throttled + throttle.DroppedThrottled > 0)
        {
            screen.Line($"          throttled: {Words.Count(throttle.Throttled, "address")} whose attacks prove no address, {throttle.DroppedThrottled} packets of SIP dropped");
        }

        if (firewall.Limits is { DroppedLong: > 0 } tooLong)
        {
            screen.Line($"          too long: {Words.Count(tooLong.DroppedLong, "datagram")} of more than {LimitRules.LongestDatagram} bytes to the ports of SIP dropped: no phone sends such");
        }

        if (firewall.Problem is { } problem)
        {
            screen.Line("          ", new($"{Mark}{problem}", Tone.Bad));
        }
    }

    // What is wrong with it stands among the problems of the guard's parts.
    private static void PrintPolicy(StatusReport report, Screen screen)
    {
        if (report.Policy is { } policy)
        {
            var countries = policy.CountriesMissing.Count == 0 ? "" : $"; countries missing: {string.Join(", ", policy.CountriesMissing)}";
            var names = policy.NamesStale.Count == 0 ? "" : $"; with addresses of before: {string.Join(", ", policy.NamesStale.Select(static name => Core.Pbx.Shown.Text(name)))}";
            var repairs = policy.Repairs == 0 ? "" : $"; put back {Times(policy.Repairs)}";
            screen.Line("Policy    ", policy.State switch
            {
                "trial" => new Span($"on trial, {policy.TrialSeconds} s left (ringfence firewall confirm)", Tone.Warning),
                "confirmed" => new Span("confirmed", Tone.Good),
                _ => new Span("none holds", Tone.Warning),
            }, new($"{countries}{names}{repairs}"));
        }
    }

    private static void PrintLists(StatusReport report, Screen screen)
    {
        foreach (var feed in report.Lists?.Feeds ?? [])
        {
            FeedsCommand.PrintFeed(feed, report.Now, "Feed      ", screen);
        }

        if (report.Lists?.Problem is { } problem)
        {
            screen.Line("Feeds     ", new($"{Mark}{problem}", Tone.Bad));
        }
    }

    private static void PrintOuter(StatusReport report, Screen screen)
    {
        foreach (var outer in report.Outer)
        {
            OuterCommand.Print(outer, report.Now, "Outer     ", screen);
        }
    }

    private static void PrintRoaming(StatusReport report, Screen screen)
    {
        const int Shown = 10;
        if (report.Roaming is not { } roaming)
        {
            return;
        }

        var knocks = roaming.Knocks;
        var refused = knocks.Strange + knocks.Forged + knocks.Late + knocks.Repeated + knocks.TooMany + knocks.Odd;
        var page = roaming.Page is { } logins ? $"; page: {logins.Opened} opened, {logins.Refused} refused, {logins.Waiting} had to wait" : "";
        if (roaming.Problem is { } problem)
        {
            screen.Line("Roaming   ", new Span($"no door can be opened: {problem}", Tone.Bad));
        }

        screen.Line($"Roaming   {(roaming.Users.Count == 0 ? "nobody" : Words.Count(roaming.Users.Count, "address"))} {(roaming.Problem is null ? "in" : "waiting")}; knocks since start: {knocks.Opened} opened, {refused} refused{(knocks.Late > 0 ? $" ({knocks.Late} by a clock that is wrong)" : "")}{page}");
        foreach (var user in roaming.Users.Take(Shown))
        {
            screen.Line($"          {(user.User == Core.Knock.RoamingBook.ByPorts ? "by ports" : user.User)} at {user.Address} for {Duration.Words(user.Until - report.Now)}");
        }

        if (roaming.Users.Count > Shown)
        {
            screen.Line($"          and {roaming.Users.Count - Shown} more: ringfence status --json");
        }
    }

    private static void PrintJournal(StatusReport report, Screen screen)
    {
        if (report.Journal is not { } journal)
        {
            return;
        }

        var unwritten = journal.Unwritten == 0 ? "" : $", {journal.Unwritten} not written yet";
        var forgotten = journal.Forgotten == 0 ? "" : $", {journal.Forgotten} forgotten early (max_size is {Size(journal.MaxBytes)})";
        var counted = journal.CountedOnly == 0 ? "" : $", {journal.CountedOnly} alerts and spares only counted";
        screen.Line($"Journal   {Words.Count(journal.Decisions, "decision")}, {Size(journal.SizeBytes)}{unwritten}{forgotten}{counted}");
        if (journal.Problem is { } problem)
        {
            screen.Line("          ", new($"{Mark}{problem}", Tone.Bad));
        }
    }

    private static void PrintNotifiers(StatusReport report, Screen screen)
    {
        foreach (var notifier in report.Notifiers)
        {
            var last = notifier.LastSuccess is { } time ? $"last told {Duration.Words(report.Now - time)} ago" : "nothing told yet";
            screen.Line($"Notify    {notifier.Name} ({notifier.Kind}): {last}, {notifier.Waiting} waiting");
            if (notifier.Problem is { } problem)
            {
                screen.Line("          ", new($"{Mark}{problem}", Tone.Bad));
            }

            if (notifier.Note is { } note)
            {
                screen.Line("          ", new(note, Tone.Warning));
            }
        }
    }

    // As many as `ringfence bans` lists, but for those that the kernel alone knows: the line of the firewall has them.
    private static string Bans(StatusReport report)
    {
        var enforced = report.Bans - report.Observed;
        var throttled = report.Throttles - report.ObservedThrottles;
        List<string> parts = enforced > 0 || report.Observed == 0 ? [$"{enforced} in force"] : [];
        if (report.Observed > 0)
        {
            parts.Add($"{report.Observed} observed");
        }

        if (throttled > 0)
        {
            parts.Add($"{throttled} throttled");
        }

        if (report.ObservedThrottles > 0)
        {
            parts.Add(report.ObservedThrottles == 1 ? "1 throttle observed" : $"{report.ObservedThrottles} throttles observed");
        }

        return string.Join(", ", parts);
    }

    private static string Times(long count) => count == 1 ? "once" : $"{count} times";

    private static string Number(double perSecond) => perSecond.ToString(perSecond < 10 ? "0.#" : "0", CultureInfo.InvariantCulture);

    private static string Size(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} bytes",
        < 1024 * 1024 => $"{bytes / 1024} KiB",
        _ => $"{bytes / (1024 * 1024)} MiB",
    };
}

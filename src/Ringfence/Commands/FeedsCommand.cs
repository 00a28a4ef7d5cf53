using System.CommandLine;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Lists;
using Ringfence.Feeds;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary><c>ringfence feeds</c>: which blocklists there are, fetching them now, and who is on one.</summary>
internal static class FeedsCommand
{
    private static readonly IReadOnlyList<(string, string)> Examples =
    [
        ("ringfence feeds", "what is held, how old it is, what it dropped"),
        ("ringfence feeds update voipbl", "fetch it now"),
        ("ringfence feeds why 203.0.113.5", "which list has it, which entry, since when"),
    ];

    public static Command Build()
    {
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("feeds", "Blocklists: what is held and what it dropped; feeds update fetches now, feeds why says who is on one. Exit code 1 where there is a problem.") { Examples = Examples };
        verb.Add(json);
        verb.Add(config);
        verb.Add(Update());
        verb.Add(Why());
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var settings = surroundings.ReadConfigToAsk(parsed.GetValue(config));
            var now = surroundings.Clock.GetUtcNow();
            var status = await StatusAsync(settings, surroundings, stop);
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(status, ApiJson.Default.ListsStatus);
            }
            else if (status.Feeds.Count == 0)
            {
                screen.Line("no blocklist is configured; a section [feed voipbl] in ringfence.conf is enough for one: see docs/configuration.md");
            }
            else
            {
                Print(status, now, screen);
            }

            return status.Problem is not null || status.Feeds.Any(feed => feed.Problem is not null) ? ExitCode.Found : ExitCode.Fine;
        });
    }

    /// <summary>A line for each list, for this verb and for status.</summary>
    public static void PrintFeed(FeedStatus feed, DateTimeOffset now, string before, Screen screen)
    {
        var age = feed.Updated is { } updated ? $"of {Duration.Words(now - updated)} ago" : "never came";
        var looked = feed.Checked is { } known && known != feed.Updated ? $", looked at {Duration.Words(now - known)} ago" : "";
        var next = feed.Next is { } due ? due > now ? $", next in {Duration.Words(due - now)}" : ", next now" : "";
        var leftOut = feed.LeftOut == 0 ? "" : $", {feed.LeftOut} never blocked (own, trusted, private)";
        screen.Line($"{before}{feed.Name} ({feed.Where}): {Words.Count(feed.Entries, "entry")} {age}{looked}{next}{leftOut}, {Words.Count(feed.Dropped, "packet")} dropped{(feed.DroppedAlone == feed.Dropped ? "" : $" ({feed.DroppedAlone} by it alone)")}");
        if (feed.Problem is { } problem)
        {
            screen.Line("          ", new($"! {problem}", Tone.Bad));
        }

        if (feed.Note is { } note)
        {
            screen.Line("          ", note);
        }
    }

    private static void Print(ListsStatus status, DateTimeOffset now, Screen screen)
    {
        foreach (var feed in status.Feeds)
        {
            PrintFeed(feed, now, "", screen);
        }

        screen.Line(status.Loaded is { } loaded ? $"the kernel holds {Words.Count(status.Elements, "element")} of them, loaded {Duration.Words(now - loaded)} ago" : "the kernel was not given any of them by this guard");
        if (status.Problem is { } problem)
        {
            screen.Line(new Span($"! {problem}", Tone.Bad));
        }
    }

    // Without a guard the kernel still blocks, and what is kept is on disk.
    private static async Task<ListsStatus> StatusAsync(RingfenceConfig settings, Surroundings surroundings, CancellationToken stop)
    {
        using var daemon = new DaemonClient(settings.Socket);
        try
        {
            return (await daemon.StatusAsync(stop)).Lists ?? new ListsStatus(0, null, null, []);
        }
        catch (NotRunningException notRunning)
        {
            new Screen(surroundings).Note($"ringfence: {surroundings.Explain(notRunning)}\nThis is what is kept on disk:");
            var now = surroundings.Clock.GetUtcNow();
            return new ListsStatus(0, null, null, [.. FeedsOf(settings, surroundings).Select(feed => feed.Status(now))]);
        }
    }

    private static IEnumerable<Feed> FeedsOf(RingfenceConfig settings, Surroundings surroundings) => settings.Feeds.Select(feed => new Feed(
        feed, ListKeeper.DirectoryIn(Path.GetDirectoryName(Path.GetFullPath(settings.Journal.Path))!), static () => { }, surroundings.Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));

    private static Verb Update()
    {
        var name = new Argument<string?>("name") { Description = "The feed, as [feed NAME] names it; all, if none is given.", Arity = ArgumentArity.ZeroOrOne };
        var force = new Option<bool>("--force") { Description = "Take a list that shrank to less than half, and fetch it whether it has changed or not." };
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("update", "Fetch blocklists now, and say what came of it. Exit code 3 where one was not taken; what was held stays then.")
        {
            Examples = [("ringfence feeds update", "all of them"), ("ringfence feeds update voipbl --force", "also if it shrank to less than half")],
        };
        verb.Add(name);
        verb.Add(force);
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            using var daemon = new DaemonClient(surroundings.ReadConfigToAsk(parsed.GetValue(config)).Socket);
            var report = await daemon.UpdateFeedsAsync(parsed.GetValue(name), parsed.GetValue(force), stop);
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(report, ApiJson.Default.FeedsReport);
            }
            else
            {
                foreach (var update in report.Updates)
                {
                    screen.Line(update switch
                    {
                        { Running: true } => new Span("goes on  ", Tone.Warning),
                        { Problem: null } => new Span("taken    ", Tone.Good),
                        _ => new Span("NOT taken", Tone.Bad),
                    }, $"  {update.Name}: {update.Problem ?? (update.Running ? "it is still coming: see ringfence feeds" : $"{Words.Count(update.Entries, "entry")} held")}");
                }
            }

            return report.Updates.All(update => update.Problem is null) ? ExitCode.Fine : ExitCode.WorldFailed;
        });
    }

    private static Verb Why()
    {
        var address = NetworkArgument.Create("An address or a network.", ArgumentArity.ExactlyOne);
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("why", "Which blocklist has an address, which entry of it, since when, and whether it is blocked for that. Exit code 1 where one has it, 3 where no list has ever come.")
        {
            Examples = [("ringfence feeds why 203.0.113.5", "a line for each entry around it"), ("ringfence feeds why 203.0.113.0/24 --json", "and for each inside")],
        };
        verb.Add(address);
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var settings = surroundings.ReadConfigToAsk(parsed.GetValue(config));
            var subject = parsed.GetValue(address)!.Value;
            var report = await FindAsync(subject, settings, surroundings, stop);
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(report, ApiJson.Default.ListedReport);
            }
            else
            {
                foreach (var entry in report.Entries)
                {
                    screen.Line($"{entry.Feed}: {entry.Entry}, since {screen.Time(entry.Since)}: ", entry.LeftOut is { } why ? new Span($"not blocked: {why}", Tone.Good) : new Span("blocked", Tone.Bad));
                }

                if (report.Trust is { } trust)
                {
                    screen.Line($"{subject} comes in from whatever list: {trust}");
                }

                if (report.Entries.Count == 0 && report.Missing.Count < settings.Feeds.Count)
                {
                    screen.Line($"{subject} is on no blocklist ({string.Join(", ", settings.Feeds.Select(static feed => feed.Name).Except(report.Missing))})");
                }

                if (settings.Feeds.Count == 0)
                {
                    screen.Line("no blocklist is configured");
                }
                else if (report.Entries.Count == 0 && report.Missing.Count > 0)
                {
                    screen.Line(new Span($"{string.Join(", ", report.Missing)} never came: ringfence feeds says why", Tone.Warning));
                }
            }

            // Without any list nobody knows.
            return report.Entries.Count > 0 ? ExitCode.Found : report.Missing.Count > 0 && report.Missing.Count == settings.Feeds.Count ? ExitCode.WorldFailed : ExitCode.Fine;
        });
    }

    private const int MostEntries = 1000;

    /// <summary>Entries for which an address is shut out, or a part of a network.</summary>
    public static async Task<IReadOnlyList<ListedEntryReport>> BlockingAsync(Network subject, RingfenceConfig settings, Surroundings surroundings, CancellationToken stop) =>
        settings.Feeds.Count > 0 && await FindAsync(subject, settings, surroundings, stop) is { Trust: null } report ? [.. report.Entries.Where(static entry => entry.LeftOut is null)] : [];

    private static async Task<ListedReport> FindAsync(Network subject, RingfenceConfig settings, Surroundings surroundings, CancellationToken stop)
    {
        var trusted = await TrustedAsync(settings, stop);
        var known = new ProtectedNetworks([.. ProtectedNetworks.Special, .. trusted.Where(static one => one.Source is not ("contact" or "ssh")).Select(static one => (one.Subject, one.Reason)), .. settings.Perimeter.Welcome]);
        var entries = new List<ListedEntryReport>();
        var missing = new List<string>();
        foreach (var feed in FeedsOf(settings, surroundings))
        {
            using (feed)
            {
                if (feed.Status(surroundings.Clock.GetUtcNow()).Updated is null)
                {
                    missing.Add(feed.Settings.Name);
                }

                foreach (var entry in feed.Entries().Where(entry => entry.Network.Contains(subject) || subject.Contains(entry.Network)).Take(MostEntries))
                {
                    // Where a protected network is only a part of the entry, the rest is blocked.
                    var touched = known.Touching(entry.Network);
                    var isFree = touched is { } part && (part.Network.Contains(entry.Network) || part.Network.Contains(subject));
                    entries.Add(new ListedEntryReport(feed.Settings.Name, entry.Network, entry.Since, isFree ? $"{touched!.Value.Reason} ({touched.Value.Network})" : null));
                }
            }
        }

        return new ListedReport(surroundings.Clock.GetUtcNow(), subject, entries, trusted.FirstOrDefault(one => one.Subject.Contains(subject))?.Reason ?? settings.Perimeter.Welcome.FirstOrDefault(one => one.Network.Contains(subject)).Reason, missing);
    }

    // Only the guard knows who is trusted; without it the kernel knows whom it lets in.
    private static async Task<IReadOnlyList<TrustReport>> TrustedAsync(RingfenceConfig settings, CancellationToken stop)
    {
        using var daemon = new DaemonClient(settings.Socket);
        try
        {
            return (await daemon.TrustedAsync(stop)).Trust;
        }
        catch (NotRunningException)
        {
            return [];
        }
    }
}

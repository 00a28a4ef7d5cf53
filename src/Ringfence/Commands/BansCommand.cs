using System.CommandLine;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary><c>ringfence bans</c>: who is banned.</summary>
internal static class BansCommand
{
    public static Command Build()
    {
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var watched = new Option<bool>("--watched") { Description = "List who is under watch in place of who is banned: what counts against an address, and how much would be enough." };
        var verb = new Verb("bans", "List the bans in force, the one that ends first first.")
        {
            Examples =
            [
                ("ringfence bans", "address, time left, which ban it is, rule, reason"),
                ("ringfence bans --watched", "who is not banned yet, and how far from it"),
                ("ringfence bans --json", "the same for a script"),
            ],
        };
        verb.Add(watched);
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var settings = surroundings.ReadConfigToAsk(parsed.GetValue(config));
            if (parsed.GetValue(watched))
            {
                using var daemon = new DaemonClient(settings.Socket);
                return WatchedOutput.Print(await daemon.WatchedAsync(stop), surroundings, parsed.GetValue(json));
            }

            var report = await Offline.AskAsync(
                surroundings, settings, daemon => daemon.BansAsync(stop), Offline.Bans(surroundings.Standing));
            var screen = new Screen(surroundings);
            var sorted = report with { Bans = [.. report.Bans.OrderBy(ban => ban.Until ?? DateTimeOffset.MaxValue).ThenBy(ban => ban.Subject)] };
            if (parsed.GetValue(json))
            {
                screen.Json(sorted, ApiJson.Default.BansReport);
                return ExitCode.Fine;
            }

            if (sorted.Bans.Count == 0)
            {
                screen.Note("Nobody is banned.");
                return ExitCode.Fine;
            }

            screen.Table(["Banned", "Time left", "", "State", "Rule", "Reason"], [.. sorted.Bans.Select(ban => Row(ban, report.Now))]);
            return ExitCode.Fine;
        });
    }

    private static Span[] Row(BanReport ban, DateTimeOffset now) =>
    [
        ban.Subject.ToString(),
        ban.Until is { } until ? Duration.Words(until - now) : "for ever",
        ban.Ordinal == 0 ? "" : $"{Ordinal(ban.Ordinal)} ban",
        new(State(ban), ToneOf(ban.State)),
        ban.Rule,
        ban.Reason,
    ];

    private static string State(BanReport ban) => ban switch
    {
        { Throttles: true, State: "enforced" } => "throttled",
        { Throttles: true, State: "observed" } => "throttle observed",
        _ => ban.State.Replace('_', ' '),
    };

    public static Tone ToneOf(string state) => state switch
    {
        "enforced" => Tone.Good,
        "failed" or "not_in_kernel" => Tone.Bad,
        _ => Tone.Warning,
    };

    /// <returns>"1st", "2nd", "11th", "23rd".</returns>
    public static string Ordinal(int number) => (number % 100, number % 10) switch
    {
        (11 or 12 or 13, _) => $"{number}th",
        (_, 1) => $"{number}st",
        (_, 2) => $"{number}nd",
        (_, 3) => $"{number}rd",
        _ => $"{number}th",
    };
}

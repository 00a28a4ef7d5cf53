using System.CommandLine;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary><c>ringfence replay</c>: whom these logs would have had banned, when and why. Changes nothing.</summary>
internal static class ReplayCommand
{
    public static Command Build()
    {
        var files = LogArguments.Files();
        var zone = LogArguments.TimeZone();
        var pbx = LogArguments.Pbx();
        var ports = LogArguments.SipPorts();
        var door = LogArguments.Door();
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var failOn = new Option<string?>("--fail-on") { Description = "Exit with 1 if there is one: attack.", HelpName = "attack" };
        failOn.AcceptOnlyFromAmong("attack");
        var quiet = new Option<bool>("--summary") { Description = "Only the summary (on stderr; with --json on stdout), not each decision." };
        var verb = new Verb("replay", "Show whom these logs would have had banned, when and why.")
        {
            Examples =
            [
                ("ringfence replay /var/log/asterisk/security", "try the rules on what happened"),
                ("ringfence replay /var/log/asterisk/security*", "with the rotated files, also .gz and .xz, in any order"),
                ("ringfence replay sip.pcap --pbx 192.0.2.1", "on what tcpdump saw, for the PBX at that address"),
                ("ringfence replay --door sshd /var/log/auth.log*", "what another program's log would have led to"),
                ("ringfence replay --json security | jq .reason", "one JSON object per decision"),
            ],
        };
        verb.Add(files);
        verb.Add(json);
        verb.Add(quiet);
        verb.Add(failOn);
        verb.Add(zone);
        verb.Add(pbx);
        verb.Add(ports);
        verb.Add(door);
        verb.Add(config);
        return verb.Does((parsed, surroundings, stop) =>
        {
            var settings = surroundings.ReadConfig(parsed.GetValue(config));
            var captures = LogArguments.Captures(parsed.GetValue(pbx), parsed.GetValue(ports));
            captures.Fingerprints = settings.Detection.Fingerprints;
            using var logs = LogArguments.Open(parsed.GetValue(files)!, LogArguments.Zone(parsed.GetValue(zone) ?? settings.TimeZone, surroundings.Clock), "replay", captures, LogArguments.DoorOf(parsed.GetValue(door), settings.Doors));
            var screen = new Screen(surroundings);
            Action<Decision> show = parsed.GetValue(quiet) ? _ => { }
            : parsed.GetValue(json) ? decision => screen.Json(ReportFrom.Decision(decision, [], withEvidence: true), ApiJson.Default.DecisionReport)
                : decision => Print(decision, screen);
            var found = new Found();
            var judge = Rehearsal.Run(
                settings,
                logs,
                Rehearsal.Trust(settings),
                withEvidence: parsed.GetValue(json),
                surroundings,
                decision =>
                {
                    found.Add(decision);
                    show(decision);
                },
                stop);
            ParseCommand.PrintSummaries(logs, captures, surroundings, onlyOdd: true);
            LogArguments.RefuseForeign(logs);
            if (parsed.GetValue(json) && parsed.GetValue(quiet))
            {
                screen.Json(new ReplayReport(judge.SeenTotal, found.Bans, found.Subjects.Count, found.Spared, found.Alerts, found.Throttles, found.Throttled.Count), ReplayJson.Default.ReplayReport);
            }
            else
            {
                var throttles = found.Throttles == 0 ? "" : $", {Words.Count(found.Throttles, "throttle")} of {Words.Count(found.Throttled.Count, "address")}";
                surroundings.Error.WriteLine(
                    $"{Words.Count(judge.SeenTotal, "event")}, {Words.Count(found.Bans, "ban")} of {Words.Count(found.Subjects.Count, "address")}{throttles}, {found.Spared} spared as trusted, {Words.Count(found.Alerts, "alert")}");
            }

            if (found.Bans + found.Throttles > 0 && !parsed.GetValue(json))
            {
                screen.Note("Registered phones stand in no log: guard asks Asterisk for them, and would spare them.");
            }

            return Task.FromResult(parsed.GetValue(failOn) is not null && found.Bans + found.Throttles + found.Alerts > 0 ? ExitCode.Found : ExitCode.Fine);
        });
    }

    private static void Print(Decision decision, Screen screen)
    {
        var action = decision switch
        {
            Ban { Throttles: true, Until: { } until } ban => new Span($"throttle for {Duration.Words(until - ban.Time)}", Tone.Warning),
            Ban { Until: { } until } ban => new Span($"ban for {Duration.Words(until - ban.Time)}", Tone.Bad),
            Unban => new Span("unban", Tone.Good),
            Spare spare => new Span($"spare: {spare.Trust}", Tone.Warning),
            _ => new Span("alert", Tone.Warning),
        };
        screen.Line($"{screen.Time(decision.Time)}  {decision.Subject,-24}  ", action, $"  {decision.Rule}: {decision.Reason}");
    }

    private sealed class Found
    {
        public int Bans { get; private set; }

        public int Spared { get; private set; }

        public int Alerts { get; private set; }

        public int Throttles { get; private set; }

        public HashSet<Network> Subjects { get; } = [];

        public HashSet<Network> Throttled { get; } = [];

        public void Add(Decision decision)
        {
            switch (decision)
            {
                case Ban { Throttles: true }:
                    Throttles++;
                    Throttled.Add(decision.Subject);
                    break;
                case Ban:
                    Bans++;
                    Subjects.Add(decision.Subject);
                    break;
                case Spare:
                    Spared++;
                    break;
                case Alert:
                    Alerts++;
                    break;
            }
        }
    }
}

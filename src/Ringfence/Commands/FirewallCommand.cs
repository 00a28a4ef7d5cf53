using System.CommandLine;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Perimeter;
using Ringfence.Output;
using Ringfence.Perimeter;

namespace Ringfence.Commands;

/// <summary><c>ringfence firewall</c>: the policy of zones and services, tried before it holds.</summary>
internal static class FirewallCommand
{
    // Shorter, and nobody has logged in anew; longer, and who is locked out drives there.
    private static readonly TimeSpan ShortestTrial = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestTrial = TimeSpan.FromHours(1);
    private static readonly TimeSpan UsualTrial = TimeSpan.FromSeconds(60);

    /// <param name="table">The kernel's, for a configuration; a test's is in a namespace.</param>
    public static Command Build(Func<RingfenceConfig, TimeProvider, PolicyTable>? table = null)
    {
        table ??= static (config, clock) => new PolicyTable(["nft"], PolicyFiles.Beside(config.Journal.Path), clock, () => MachinePolicy.CountriesOf(config));
        var config = ConfigOption.Create();
        var json = SharedOptions.Json();
        var verb = new Verb("firewall", "Who may reach what: the policy of [zone ...] and [service ...] in the kernel. Without a verb behind it: what stands there now.")
        {
            Examples =
            [
                ("ringfence firewall plan", "who may reach what; changes nothing"),
                ("ringfence firewall plan --output ufw", "the same as commands of ufw, firewalld, or iptables and ipset"),
                ("ringfence firewall apply", "try them: 60 s later the kernel goes back by itself"),
                ("ringfence firewall confirm", "from a new ssh session: keep them, also over a reboot"),
                ("ringfence firewall rollback", "end the trial, or go back to the policy before this one"),
            ],
        };
        verb.Add(FirewallPlanCommand.Build());
        verb.Add(Apply(table));
        verb.Add(Confirm(table));
        verb.Add(RollBack(table));
        verb.Add(FirewallCheckCommand.Build(table));
        verb.Add(Load(table));
        verb.Add(Off(table));
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var kernel = table(surroundings.ReadConfigToAsk(parsed.GetValue(config)), surroundings.Clock);
            Show(kernel.Files, await kernel.ReadAsync(stop), [], [], surroundings, parsed.GetValue(json));
            return ExitCode.Fine;
        });
    }

    private static Verb Apply(Func<RingfenceConfig, TimeProvider, PolicyTable> table)
    {
        var config = ConfigOption.Create();
        var json = SharedOptions.Json();
        var dryRun = SharedOptions.DryRun();
        var force = new Option<bool>("--force") { Description = "Also where it would cut somebody off who uses this machine now." };
        var trial = SharedOptions.For("How long the kernel tries it before it goes back (default: 60s; 5s to 1h).");
        var verb = new Verb("apply", "Try the policy: it holds from now on, and ends by itself unless it is confirmed in time. What decides that is in the kernel: no process, no session and no clock need live so long.")
        {
            Examples =
            [
                ("ringfence firewall apply --dry-run", "is it sound, and whom would it cut off?"),
                ("ringfence firewall apply", "try it for 60 s"),
                ("ringfence firewall apply --for 10m", "try it for ten minutes"),
            ],
        };
        verb.Add(trial);
        verb.Add(force);
        verb.Add(dryRun);
        verb.Add(json);
        verb.Add(config);
        verb.Checks(result =>
        {
            if (result.GetValue(trial) is { } given && (given < ShortestTrial || given > LongestTrial))
            {
                result.AddError("--for: expected 5s to 1h");
            }
        });
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var settings = surroundings.ReadConfig(parsed.GetValue(config));
            var machine = await PolicyOfAsync(settings, surroundings, stop);
            var kernel = table(settings, surroundings.Clock);
            var survey = await DependentSurvey.TakeAsync(settings, machine.Names, surroundings.Clock, stop);
            var cutOff = await CutOffAsync(machine.Policy, survey, surroundings.Clock, stop);
            List<string> problems = [.. machine.Problems, .. survey.Problems];
            await kernel.CheckAsync(PolicyScripts.Load(machine.Policy), stop);
            if (parsed.GetValue(dryRun) || (cutOff.Count > 0 && !parsed.GetValue(force)))
            {
                Show(kernel.Files, await kernel.ReadAsync(stop), cutOff, problems, surroundings, parsed.GetValue(json));
                if (cutOff.Count == 0)
                {
                    new Screen(surroundings).Note("ringfence: the policy is sound and cuts off nobody who is known to use this machine; nothing was changed");
                }

                return cutOff.Count == 0 ? ExitCode.Fine
                    : parsed.GetValue(dryRun) ? ExitCode.Found
                    : throw new MistakeException("nothing was changed: the policy would cut off who is named above; put them into a zone, or say --force");
            }

            Show(kernel.Files, await kernel.TryAsync(machine.Policy, parsed.GetValue(trial) ?? UsualTrial, stop), cutOff, problems, surroundings, parsed.GetValue(json));
            return ExitCode.Fine;
        });
    }

    private static Verb Confirm(Func<RingfenceConfig, TimeProvider, PolicyTable> table)
    {
        var config = ConfigOption.Create();
        var json = SharedOptions.Json();
        var force = new Option<bool>("--force") { Description = "Also from an ssh session that began before the trial, and so proves nothing." };
        var verb = new Verb("confirm", "Keep the policy that is tried, also over a reboot.") { Examples = [("ringfence firewall confirm", "from a session that began after apply")] };
        verb.Add(force);
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var kernel = table(surroundings.ReadConfigToAsk(parsed.GetValue(config)), surroundings.Clock);
            var state = await kernel.ReadAsync(stop);
            if (state.TrialLeft is null)
            {
                throw new MistakeException(state.OnTrial is null ? "nothing is tried: `ringfence firewall apply` comes first" : "the trial is over, and the kernel has gone back: `ringfence firewall apply` tries it again");
            }

            if (!parsed.GetValue(force) && DependentSurvey.OwnSession() is { } session && !(kernel.Files.TrialBegan(state.OnTrial!) < session.Started))
            {
                throw new MistakeException("this ssh session began before the trial, and what is open already passes: log in anew, which proves that you can, and confirm there (or say --force)");
            }

            await kernel.ConfirmAsync(state, stop);
            Show(kernel.Files, await kernel.ReadAsync(stop), [], [], surroundings, parsed.GetValue(json));
            return ExitCode.Fine;
        });
    }

    private static Verb RollBack(Func<RingfenceConfig, TimeProvider, PolicyTable> table)
    {
        var config = ConfigOption.Create();
        var json = SharedOptions.Json();
        var verb = new Verb("rollback", "End the trial now; where nothing is tried, go back to the policy that was confirmed before this one.") { Examples = [("ringfence firewall rollback", "at once")] };
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var kernel = table(surroundings.ReadConfigToAsk(parsed.GetValue(config)), surroundings.Clock);
            var state = await kernel.ReadAsync(stop);
            var screen = new Screen(surroundings);
            string? missing = null;
            var previous = PolicyFiles.Read(kernel.Files.Previous);
            switch (state.WayBack(previous is not null))
            {
                case PolicyWayBack.EndTrial:
                    await kernel.EndTrialAsync(state, stop);
                    screen.Note("ringfence: the trial is ended");
                    break;
                case PolicyWayBack.Previous:
                    missing = await kernel.GoBackAsync(previous!, stop);
                    screen.Note("ringfence: the policy that was confirmed before the last one holds again");
                    break;
                case PolicyWayBack.NonePrevious:
                    throw new MistakeException("nothing is tried, and there is no policy of before: `ringfence firewall off` takes out the one that holds");
                default:
                    throw new MistakeException("nothing is tried, and no policy holds");
            }

            Show(kernel.Files, await kernel.ReadAsync(stop), [], [], surroundings, parsed.GetValue(json));
            return WithCountries(missing);
        });
    }

    private static Verb Load(Func<RingfenceConfig, TimeProvider, PolicyTable> table)
    {
        var config = ConfigOption.Create();
        var json = SharedOptions.Json();
        var verb = new Verb("load", "Put the confirmed policy into the kernel: at boot, and where somebody flushed it.") { Examples = [("ringfence firewall load", "what ringfence-firewall.service runs at boot")] };
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var kernel = table(surroundings.ReadConfigToAsk(parsed.GetValue(config)), surroundings.Clock);
            var loaded = await kernel.LoadAsync(stop);
            new Screen(surroundings).Note(loaded.IsThere ? "ringfence: the confirmed policy is loaded" : "ringfence: no policy was confirmed, and none is loaded");
            if (parsed.GetValue(json))
            {
                Show(kernel.Files, await kernel.ReadAsync(stop), [], [], surroundings, asJson: true);
            }

            return WithCountries(loaded.CountriesProblem);
        });
    }

    private static int WithCountries(string? problem) => problem is null ? ExitCode.Fine
        : throw new WorldFailedException($"{problem}: the policy holds without its countries; who would be kept out by them is refused with all others until there is a database (then: ringfence firewall load; a guard does it by itself)");

    private static Verb Off(Func<RingfenceConfig, TimeProvider, PolicyTable> table)
    {
        var config = ConfigOption.Create();
        var json = SharedOptions.Json();
        var verb = new Verb("off", "Take the policy out of the kernel, and off the disk: everything passes that other firewalls let in. Bans and blocklists stay.") { Examples = [("ringfence firewall off", "no policy any more")] };
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var kernel = table(surroundings.ReadConfigToAsk(parsed.GetValue(config)), surroundings.Clock);
            await kernel.RemoveAsync(await kernel.ReadAsync(stop), stop);
            Show(kernel.Files, await kernel.ReadAsync(stop), [], [], surroundings, parsed.GetValue(json));
            return ExitCode.Fine;
        });
    }

    internal static async Task<MachinePolicy> PolicyOfAsync(RingfenceConfig settings, Surroundings surroundings, CancellationToken stop) => settings.Perimeter.IsGiven
        ? await MachinePolicy.ReadAsync(settings, surroundings.Clock, stop, PolicyFiles.Beside(settings.Journal.Path).ConfirmedNames())
        : throw new MistakeException("the configuration has no policy: expected a section such as [zone admin] with network = your own, and [service ...] where the defaults won't do (docs/perimeter.md)");

    private static async Task<List<string>> CutOffAsync(Policy policy, DependentSurvey survey, TimeProvider clock, CancellationToken stop)
    {
        var hasInterfaces = policy.Zones.Any(static zone => zone.Interfaces.Count > 0);
        var interfaces = new Dictionary<Address, string>();
        foreach (var address in survey.Dependents.SelectMany(static dependent => dependent.Addresses).Distinct())
        {
            interfaces[address] = hasInterfaces ? await DependentSurvey.InterfaceOfAsync(address, clock, stop) : "";
        }

        return [.. survey.Dependents.Where(dependent => !dependent.Passes(policy, address => interfaces[address])).Select(static dependent => $"{dependent.Who} ({string.Join(", ", dependent.Addresses)})").Distinct()];
    }

    private static void Show(PolicyFiles files, PolicyState state, IReadOnlyList<string> cutOff, IReadOnlyList<string> problems, Surroundings surroundings, bool asJson)
    {
        var screen = new Screen(surroundings);
        var script = PolicyFiles.Read(files.Confirmed);
        var isOnDisk = script is not null && PolicyScripts.MarkIn(script) == state.ConfirmedMark;
        var word = state.TrialLeft is not null ? "trial" : state.Confirmed is not null ? "confirmed" : "none";
        if (asJson)
        {
            screen.Json(
                new FirewallReport(
                    word, state.TrialLeft is { } left ? (int)left.TotalSeconds : null, state.Confirmed is null ? "nothing" : "confirmed", state.Confirmed is not null && isOnDisk, script is not null && state.Confirmed is null,
                    state.MissingCountries, cutOff, problems),
                FirewallJson.Default.FirewallReport);
            return;
        }

        foreach (var who in cutOff)
        {
            screen.Line(new Span("Would be cut off: ", Tone.Bad), new Span(who));
        }

        foreach (var problem in problems)
        {
            screen.Line(new Span("Not known: ", Tone.Warning), new Span(problem));
        }

        screen.Line(word switch
        {
            "trial" => [new Span($"On trial, for {Duration.Words(state.TrialLeft!.Value)} more", Tone.Warning), new Span($": then the kernel goes back to {(state.Confirmed is null ? "no policy" : "the policy of before")}. Log in anew, and there: ringfence firewall confirm")],
            "confirmed" when isOnDisk => [new Span("Confirmed", Tone.Good), new Span($": the policy holds, also over a reboot.{(state.OnTrial is null ? "" : " The trial of another one is over.")}")],
            "confirmed" => [new Span("Confirmed, and not on the disk", Tone.Bad), new Span(": a reboot loads another policy, or none. Try and confirm it again: ringfence firewall apply")],
            _ => [new Span("No policy holds", Tone.Warning), new Span((state.OnTrial is null ? "." : ": the trial is over.") + (script is null ? "" : " A confirmed one is on the disk: ringfence firewall load"))],
        });
        if (state.MissingCountries is { Count: > 0 } missing)
        {
            screen.Line(new Span("Countries are missing", Tone.Bad), new Span($" in {(missing.Count == 1 ? "zone" : "zones")} {string.Join(", ", missing)}: since the policy was loaded there was no database. What is closed to such a zone is closed to everybody whom no zone names by address or interface; what is open to it, to nobody. Look at [geo], then: ringfence firewall load"));
        }
    }
}

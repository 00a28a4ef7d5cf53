using System.CommandLine;
using System.Text.Json.Serialization;
using Ringfence.Core.Configuration;
using Ringfence.Core.Geo;
using Ringfence.Core.Host;
using Ringfence.Core.Host.Filter;
using Ringfence.Core.Pbx;
using Ringfence.Core.Perimeter;
using Ringfence.Output;
using Ringfence.Perimeter;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary><c>ringfence firewall check</c>: how the rules that run differ from the policy, and what the world can reach.</summary>
internal static class FirewallCheckCommand
{
    /// <param name="table">The policy in the kernel, for a configuration.</param>
    public static Verb Build(Func<RingfenceConfig, TimeProvider, PolicyTable> table)
    {
        var config = ConfigOption.Create();
        var json = SharedOptions.Json();
        var probe = new Option<bool>("--probe") { Description = "Copy the rules into a network namespace and try them there with real packets, in place of following them by what the kernel prints. The machine's own network is not touched." };
        var verb = new Verb("check", "Say how the rules that run (nftables, ufw, firewalld, iptables, whoever made them) differ from the policy, and what the world can reach.")
        {
            Examples = [("ringfence firewall check", "exit code 1 where they differ"), ("ringfence firewall check --probe", "by packets")],
        };
        verb.Add(probe);
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var settings = surroundings.ReadConfig(parsed.GetValue(config));
            var machine = await FirewallCommand.PolicyOfAsync(settings, surroundings, stop);
            var facts = await LiveFacts.ReadAsync(settings.AsteriskDirectory, settings.AsteriskDirectory, surroundings.Clock, stop);
            var pbx = new PbxSnapshot(settings.AsteriskDirectory, new ConfigDirectory(), null, facts);
            if (MachineFirewall.Read(pbx) is not { } running)
            {
                throw new WorldFailedException("the rules that run can't be read: run it as root, with nft in PATH");
            }

            var kernel = table(settings, surroundings.Clock);
            var (countries, chains, isKnown) = await CountriesAsync(kernel, settings, machine.Policy, stop);
            if (countries is not null)
            {
                GeoWalk.Fill(running.Filter, chains, countries);
            }

            var listening = ListeningSocket.All(pbx).Where(static socket => socket.IsOnNetwork).DistinctBy(static socket => (socket.Protocol, socket.Port)).OrderBy(static socket => (socket.Protocol, socket.Port)).ToList();
            var links = PolicyComparison.Links(machine.Policy, running.Interface4);
            var ports = listening.Select(static socket => (socket.Protocol == "tcp" ? PortProtocol.Tcp : PortProtocol.Udp, (ushort)socket.Port));
            var differences = parsed.GetValue(probe)
                ? await ProbeAsync(machine.Policy, PolicyComparison.Arrivals(machine.Policy, links, ports), links, isKnown ? countries : null, chains, kernel.Files, surroundings.Clock, stop)
                : PolicyComparison.Compare(machine.Policy, running.Filter, links, ports);
            var report = new FirewallCheckReport(
                [.. differences.Select(static difference => new FirewallDifferenceReport(difference.Ports.ToString(), difference.Service, difference.From, Word(difference.Passes)))],
                [.. listening.Select(socket => new FirewallReachReport($"{socket.Port}/{socket.Protocol}", socket.Program ?? "", Reach(running, socket, isIPv6: false), Reach(running, socket, isIPv6: true)))],
                machine.Problems);
            Show(report, surroundings, parsed.GetValue(json));
            return report.Differences.Count > 0 ? ExitCode.Found : ExitCode.Fine;
        });
    }

    // Whom the chains of countries take that run, without the sets that nobody could list. Of a policy that is neither on the disk nor the configured one nobody knows.
    private static async Task<(GeoTable? Countries, IReadOnlyList<GeoChain> Filled, bool IsKnown)> CountriesAsync(PolicyTable kernel, RingfenceConfig settings, Policy policy, CancellationToken stop)
    {
        var state = await kernel.ReadAsync(stop);
        List<GeoChain> filled = [.. kernel.ChainsOf(state, PolicyScripts.Load(policy)).Where(chain => !state.Unfilled.Contains(chain.Name))];
        HashSet<string> known = [.. filled.SelectMany(static chain => (string[])[chain.Name, $"{chain.Name}_near"]), .. state.Unfilled];
        var isKnown = !state.Parts.Any(part => !part.IsSet && part.Name.Contains(GeoChains.Mark, StringComparison.Ordinal) && !known.Contains(part.Name) && !state.Unfilled.Any(chain => part.Name == $"{chain}_near"));
        var countries = filled.Count == 0 ? GeoTable.Empty : policy.Zones.Select(static zone => zone.Geo?.Table).FirstOrDefault(static table => table is not null) ?? Known(settings);
        return (countries, filled, isKnown);
    }

    private static GeoTable? Known(RingfenceConfig settings)
    {
        try
        {
            return MachinePolicy.CountriesOf(settings);
        }
        catch (WorldFailedException)
        {
            // Then these rules can't be followed, which is said of each port.
            return null;
        }
    }

    private static async Task<IReadOnlyList<PolicyDifference>> ProbeAsync(
        Policy policy, IReadOnlyList<Arrival> arrivals, IReadOnlyList<string> links, GeoTable? countries, IReadOnlyList<GeoChain> chains, PolicyFiles files, TimeProvider clock, CancellationToken stop)
    {
        if (countries is null)
        {
            throw new WorldFailedException("the policy that runs has zones of countries, and nobody knows what to fill a copy of them with: expected database = FILE in [geo], and the policy that was confirmed on the disk (ringfence firewall check goes without --probe)");
        }

        await using var copy = await ScratchMachine.CopyAsync(links, clock, stop);
        await copy.Policy(files, () => countries).FillAsync(chains, stop);
        var passed = await copy.PassingAsync(arrivals, stop);
        return PolicyComparison.Compare(policy, arrivals, arrival => passed.Contains(arrival));
    }

    private static string Word(bool? passes) => passes switch { true => "passes", false => "dropped", null => "unknown" };

    private static string Reach(MachineFirewall running, ListeningSocket socket, bool isIPv6) =>
        running.For(socket.Protocol, socket.Port, isIPv6) switch { Outcomes.Accept => "passes", Outcomes.Drop => "dropped", _ => "unknown" };

    private static void Show(FirewallCheckReport report, Surroundings surroundings, bool asJson)
    {
        var screen = new Screen(surroundings);
        if (asJson)
        {
            screen.Json(report, FirewallCheckJson.Default.FirewallCheckReport);
            return;
        }

        if (report.Differences.Count == 0)
        {
            screen.Line(new Span("The rules that run do what the policy says.", Tone.Good));
        }
        else
        {
            screen.Table(["Ports", "Service", "The rules", "From"], [.. report.Differences.Select(static one => new Span[]
            {
                one.Ports,
                one.Service ?? "",
                one.Rules switch
                {
                    "passes" => new Span("let in who may not", Tone.Bad),
                    "dropped" => new Span("keep out who may come in", Tone.Warning),
                    _ => new Span("nobody can follow", Tone.Faint),
                },
                one.From,
            })]);
        }

        screen.Line();
        screen.Table(["Listens", "Program", "For the world, IPv4", "IPv6"], [.. report.Listening.Select(static one => new Span[] { one.Port, one.Program, Toned(one.IPv4), Toned(one.IPv6) })]);
        foreach (var problem in report.Problems)
        {
            screen.Note($"ringfence: {problem}");
        }
    }

    private static Span Toned(string word) => word switch { "passes" => new Span("reachable", Tone.Warning), "dropped" => new Span("closed", Tone.Good), _ => new Span("not known", Tone.Faint) };
}

/// <summary>What <c>firewall check</c> found: docs/json.md.</summary>
/// <param name="Problems">What could not be found out, a sentence each.</param>
internal sealed record FirewallCheckReport(IReadOnlyList<FirewallDifferenceReport> Differences, IReadOnlyList<FirewallReachReport> Listening, IReadOnlyList<string> Problems);

/// <param name="Ports">"5060/udp", "10000-20000/udp".</param>
/// <param name="Service">Whose they are by the policy; null: nobody's.</param>
/// <param name="From">"anybody", or a few addresses.</param>
/// <param name="Rules">"passes" or "dropped", and the policy says the other; "unknown": they can't be followed.</param>
internal sealed record FirewallDifferenceReport(string Ports, string? Service, string From, string Rules);

/// <param name="IPv4">"passes", "dropped" or "unknown": the first packet of a stranger.</param>
/// <param name="IPv6">The same over IPv6.</param>
internal sealed record FirewallReachReport(string Port, string Program, [property: JsonPropertyName("ipv4")] string IPv4, [property: JsonPropertyName("ipv6")] string IPv6);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(FirewallCheckReport))]
internal sealed partial class FirewallCheckJson : JsonSerializerContext;

using System.CommandLine;
using System.Text.Json.Serialization;
using Ringfence.Core.Perimeter;
using Ringfence.Output;
using Ringfence.Perimeter;

namespace Ringfence.Commands;

/// <summary><c>ringfence firewall plan</c>: who may reach what, for people or as a script for a firewall.</summary>
internal static class FirewallPlanCommand
{
    private const string Table = "table";

    private static readonly Dictionary<string, Func<Policy, string>> Scripts = new(StringComparer.Ordinal)
    {
        ["nft"] = PolicyScripts.Load,
        ["ufw"] = UfwPolicy.Build,
        ["firewalld"] = FirewalldPolicy.Build,
        ["iptables"] = IptablesPolicy.Build,
    };

    public static Verb Build()
    {
        var config = ConfigOption.Create();
        var json = SharedOptions.Json();
        var output = new Option<string>("--output")
        {
            Description = "table (to read), or a script: nft; ufw; firewalld; iptables (with ipset).",
            HelpName = "FORM",
            DefaultValueFactory = static _ => Table,
        };
        output.AcceptOnlyFromAmong([Table, .. Scripts.Keys]);
        var verb = new Verb("plan", "Say who may reach what by the policy. Changes nothing.")
        {
            Examples =
            [
                ("ringfence firewall plan", "a table"),
                ("ringfence firewall plan --json", "the same for programs"),
                ("ringfence firewall plan --output nft", "the rules that apply would try"),
                ("ringfence firewall plan --output firewalld", "a script for those who keep firewalld"),
            ],
        };
        verb.Add(output);
        verb.Add(json);
        verb.Add(config);
        verb.Checks(result =>
        {
            if (result.GetValue(json) && result.GetValue(output) is not (null or Table))
            {
                result.AddError("--json says what the table says: it does not go with --output");
            }
        });
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var machine = await FirewallCommand.PolicyOfAsync(surroundings.ReadConfig(parsed.GetValue(config)), surroundings, stop);
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(ReportOf(machine), FirewallPlanJson.Default.FirewallPlanReport);
                return ExitCode.Fine;
            }

            if (Scripts.TryGetValue(parsed.GetRequiredValue(output), out var script))
            {
                if (parsed.GetRequiredValue(output) != "nft" && machine.Policy.Zones.FirstOrDefault(static zone => zone.Geo is not null) is { } abroad)
                {
                    throw new MistakeException($"the zone {abroad.Name} has countries, whose hundred thousand networks nftables alone can hold: leave it out, or use ringfence firewall apply");
                }

                await surroundings.Output.WriteAsync(script(machine.Policy));
            }
            else
            {
                Show(machine.Policy, screen);
            }

            foreach (var problem in machine.Problems)
            {
                screen.Note($"ringfence: {problem}");
            }

            return ExitCode.Fine;
        });
    }

    private static FirewallPlanReport ReportOf(MachinePolicy machine) => new(
        [.. machine.Policy.Services.Select(static service => new PlannedService(
            service.Name, [.. service.Ports.Select(static range => range.ToString())], [.. service.Open.Select(static zone => zone.Name)], [.. service.Closed.Select(static zone => zone.Name)]))],
        [.. machine.Policy.Zones.OrderBy(static zone => zone.Name, StringComparer.Ordinal).Select(static zone => new PlannedZone(
            zone.Name, [.. zone.Networks.Select(static network => network.ToString())], zone.Interfaces, zone.Names, [.. Countries(zone)]))],
        machine.Problems);

    private static void Show(Policy policy, Screen screen)
    {
        screen.Table(["Service", "Ports", "Open to", "But not to"], [.. policy.Services.Select(static service => new Span[]
        {
            service.Name,
            string.Join(", ", service.Ports),
            service.Open.Count == 0 ? new Span("nobody", Tone.Faint) : new Span(string.Join(", ", service.Open.Select(static zone => zone.Name)), service.Open.Any(static zone => zone.IsWorld) ? Tone.Warning : Tone.Plain),
            string.Join(", ", service.Closed.Select(static zone => zone.Name)),
        })]);
        screen.Line();
        screen.Table(["Zone", "Holds", "Who"], [.. policy.Zones.OrderBy(static zone => zone.Name, StringComparer.Ordinal).Select(static zone => new Span[]
        {
            zone.Name,
            zone.IsEmpty ? new Span("nobody", Tone.Warning) : string.Join(", ", Holds(zone)),
            string.Join(", ", Countries(zone).Concat(zone.Interfaces.Select(static name => $"interface {name}")).Concat(zone.Networks.Take(Shown).Select(network => zone.Notes.TryGetValue(network, out var note) ? $"{network} ({note})" : network.ToString())))
                + (zone.Networks.Count > Shown ? ", ..." : ""),
        })]);
    }

    private static IEnumerable<string> Holds(Zone zone) =>
    [
        .. zone.Geo is not { Choice: var choice } ? [] : (string[])[choice.Countries.Count > 0 ? "countries" : "operators"],
        .. zone.Interfaces.Count == 0 ? [] : (string[])[Words.Count(zone.Interfaces.Count, "interface")],
        .. zone.Networks.Count == 0 ? [] : (string[])[Words.Count(zone.Networks.Count, "network")],
    ];

    private static IEnumerable<string> Countries(Zone zone) => zone.Geo is not { Choice: var choice } ? []
        : [.. choice.Countries.Count == 0 ? [] : (string[])[$"{(choice.IsExcept ? "all countries but " : "")}{string.Join(' ', choice.Countries.Select(static code => code.ToString()).Order(StringComparer.Ordinal))}"], .. choice.Asns.Order().Select(static asn => $"AS{asn}")];

    // Of a country the first few say enough.
    private const int Shown = 12;
}

/// <summary>What <c>firewall plan</c> says: docs/json.md.</summary>
/// <param name="Problems">What could not be found out, a sentence each.</param>
internal sealed record FirewallPlanReport(IReadOnlyList<PlannedService> Services, IReadOnlyList<PlannedZone> Zones, IReadOnlyList<string> Problems);

/// <param name="Ports">"5060/udp", "10000-20000/udp".</param>
/// <param name="Open">Zones that may come in.</param>
/// <param name="Closed">Zones that may not, though they are in one that may.</param>
internal sealed record PlannedService(string Name, IReadOnlyList<string> Ports, IReadOnlyList<string> Open, IReadOnlyList<string> Closed);

/// <param name="Networks">All of them: those of names and trunks too.</param>
/// <param name="Names">DNS names whose addresses are among the networks.</param>
/// <param name="Countries">"BR CN", "all countries but DE", "AS64500".</param>
internal sealed record PlannedZone(string Name, IReadOnlyList<string> Networks, IReadOnlyList<string> Interfaces, IReadOnlyList<string> Names, IReadOnlyList<string> Countries);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(FirewallPlanReport))]
internal sealed partial class FirewallPlanJson : JsonSerializerContext;

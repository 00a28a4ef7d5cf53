using Ringfence.Core.Events;
using Ringfence.Core.Host.Filter;

namespace Ringfence.Core.Perimeter;

/// <summary>A port for which the running rules do something else than the policy says.</summary>
/// <param name="Ports">Neighbouring ports of which the same is true.</param>
/// <param name="Passes">What the running rules do; the policy says the other. null: they may do either, or nobody knows.</param>
/// <param name="From">For whom: "anybody", or a few addresses.</param>
/// <param name="Service">Whose ports they are by the policy; null: nobody's.</param>
internal sealed record PolicyDifference(PortRange Ports, bool? Passes, string From, string? Service);

/// <summary>The rules that run against the policy, by packets that are followed through both; nothing is sent.</summary>
internal static class PolicyComparison
{
    // Both sides of each edge, for as many networks as a policy has by hand; of a country's a sample does.
    private const int MostSources = 120;

    private const int MostNamed = 3;

    // Of all packets together: as many as MachineFirewall's some times over.
    private const int MaxSteps = 20_000_000;

    /// <param name="links">Interfaces that packets come in by.</param>
    /// <param name="more">Ports that are asked for besides those of the policy: what programs listen on.</param>
    public static IReadOnlyList<PolicyDifference> Compare(Policy policy, PacketFilter running, IReadOnlyList<string> links, IEnumerable<(PortProtocol Protocol, ushort Port)> more)
    {
        var steps = 0;
        return Compare(policy, Arrivals(policy, links, more), arrival =>
        {
            if (steps >= MaxSteps)
            {
                return null;
            }

            var walk = new FilterWalk(running.Chains, new Probe(!arrival.Source.IsIPv4, arrival.Protocol.Name(), arrival.Port, arrival.Source.ToIPAddress(), arrival.Interface), MaxSteps - steps);
            var end = walk.Enter();
            steps += walk.Steps;
            return end switch { Outcomes.Accept => true, Outcomes.Drop => false, _ => null };
        });
    }

    /// <summary>Whose packets tell the policy from another.</summary>
    public static IReadOnlyList<Arrival> Arrivals(Policy policy, IReadOnlyList<string> links, IEnumerable<(PortProtocol Protocol, ushort Port)> more)
    {
        var sources = Sample(PolicyProbes.Sources(policy));
        return [.. from port in PolicyProbes.Ports(policy).Concat(more).Distinct().Order() from source in sources from link in links select new Arrival(source, link, port.Protocol, port.Port)];
    }

    /// <summary>Interfaces of the policy's zones, and what else is known.</summary>
    public static IReadOnlyList<string> Links(Policy policy, string? known) =>
        [.. ((string?[])[known]).OfType<string>().Concat(policy.Zones.SelectMany(static zone => zone.Interfaces)).Distinct(StringComparer.Ordinal).DefaultIfEmpty("eth0")];

    /// <param name="passes">What the running rules do with a packet; null: not known.</param>
    public static IReadOnlyList<PolicyDifference> Compare(Policy policy, IReadOnlyList<Arrival> arrivals, Func<Arrival, bool?> passes)
    {
        var found = new List<(PortProtocol Protocol, ushort Port, bool? Passes, string From, string? Service)>();
        foreach (var port in arrivals.GroupBy(static arrival => (arrival.Protocol, arrival.Port)))
        {
            foreach (var group in port.Select(arrival => (arrival.Source, Passes: passes(arrival), Wanted: policy.Passes(arrival))).Where(static one => one.Passes != one.Wanted).GroupBy(static one => one.Passes))
            {
                var who = group.Select(static one => one.Source).Distinct().ToList();
                found.Add((port.Key.Protocol, port.Key.Port, group.Key, PolicyProbes.Strangers.Any(who.Contains) ? "anybody" : string.Join(", ", who.Take(MostNamed)) + (who.Count > MostNamed ? ", ..." : ""), policy.ServiceAt(port.Key.Protocol, port.Key.Port)?.Name));
            }
        }

        return Joined(found, policy);
    }

    // Both ends of a range are asked: where they are alike they stand for what lies between them.
    private static List<PolicyDifference> Joined(List<(PortProtocol Protocol, ushort Port, bool? Passes, string From, string? Service)> found, Policy policy)
    {
        var joined = new List<PolicyDifference>();
        foreach (var group in found.GroupBy(static one => (one.Protocol, one.Passes, one.From, one.Service)))
        {
            PolicyDifference? open = null;
            foreach (var (protocol, port, passes, from, service) in group.OrderBy(static one => one.Port))
            {
                if (open is not null && (port == open.Ports.Last + 1 || policy.Services.Any(one => one.Ports.Any(range => range.Contains(protocol, open.Ports.Last) && range.Contains(protocol, port)))))
                {
                    open = open with { Ports = open.Ports with { Last = port } };
                    joined[^1] = open;
                }
                else
                {
                    open = new PolicyDifference(PortRange.Of(protocol, port), passes, from, service);
                    joined.Add(open);
                }
            }
        }

        return [.. joined.OrderBy(static one => one.Passes switch { true => 0, false => 1, _ => 2 }).ThenBy(static one => one.Ports)];
    }

    private static List<Address> Sample(IReadOnlyList<Address> sources) => sources.Count <= MostSources ? [.. sources]
        : [.. PolicyProbes.Strangers, .. sources.Where((_, at) => at % (sources.Count / MostSources + 1) == 0)];
}

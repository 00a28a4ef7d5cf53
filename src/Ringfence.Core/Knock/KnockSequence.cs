using System.Globalization;
using Ringfence.Core.Perimeter;

namespace Ringfence.Core.Knock;

/// <summary>Port knocking: who sends a packet to each of these ports, in order, has the door open. As rules of nftables alone; no process takes part.</summary>
/// <remarks>
/// The weaker way, for phones on which no program can be run: whoever can read the packets on their way can send the same, and it opens for him. A scanner that tries many ports
/// does not open it, for a packet to another port in between begins anew; one that is sent again (TCP's SYN after a second) does not. Who forges sources can
/// fill the sets of steps, and then nobody knocks until they end, after <see cref="Step"/>; six a minute get in by ports at most, so that who has a key finds room.
/// </remarks>
/// <param name="Ports">Single ones, 2 to 8, no neighbours alike.</param>
/// <param name="Open">How long the door is open.</param>
/// <param name="Step">The time for one step.</param>
internal sealed record KnockSequence(IReadOnlyList<PortRange> Ports, TimeSpan Open, TimeSpan Step)
{
    // Whoever overheard the ports can send them in anybody's name: the door's set, which is that of users with a key too, must not fill up. More of them wait, and knock again.
    private const string OpenRate = "limit rate 6/minute burst 12 packets";

    // Sources in a step at once: 8 MB for each step and family.
    private const int MostSources = 65_536;

    /// <returns>What is wrong with a list of ports; null: nothing.</returns>
    public static string? Expected(IReadOnlyList<PortRange> ports)
    {
        var pairs = ports.Zip(ports.Skip(1), static (one, next) => (one.First, next.First)).ToList();
        return ports.Count is < 2 or > 8 ? "2 to 8 ports"
            : ports.Any(static port => port.First != port.Last) ? "single ports"
            : pairs.Exists(static pair => pair.Item1 == pair.Item2) ? "no port twice in a row, for a packet that is sent again would be two steps"
            : pairs.TrueForAll(static pair => pair.Item1 < pair.Item2) || pairs.TrueForAll(static pair => pair.Item1 > pair.Item2)
                ? "ports that neither only rise nor only fall: a scanner that tries one after the other would open the door"
                : null;
    }

    /// <summary>Which of them belong to services, and so never count as a step.</summary>
    public IEnumerable<string> Problems(IEnumerable<Service> services) =>
        from port in Ports.Distinct()
        from service in services
        where service.Ports.Any(port.Overlaps)
        select $"[roaming] sequence has {port}, which is the service {service.Name}'s on this machine ({string.Join(", ", service.Ports.Where(port.Overlaps))}), so it is no step and nobody opens a door by it: take a port of no service";

    /// <summary>The chain that whatever no rule let in comes to; it takes nothing in itself.</summary>
    public static string ChainOf(string generation) => $"{generation}_knocking";

    /// <summary>The sets and the chain.</summary>
    /// <param name="table">"inet ringfence_policy"; it has the sets roaming4 and roaming6 (with timeouts).</param>
    /// <param name="generation">Before all names.</param>
    /// <param name="ignored">Matches of the ports of services: what goes there is no step and no mistake, since a phone that waits for the door keeps trying to register.</param>
    public IEnumerable<string> Rules(string table, string generation, IEnumerable<string> ignored)
    {
        yield return $"add chain {table} {ChainOf(generation)}";
        yield return Rule("meta l4proto != { tcp, udp } return");
        yield return Rule("ct state != new return");
        foreach (var match in ignored)
        {
            yield return Rule($"{match} return");
        }

        foreach (var (family, type, digit) in new[] { ("ip", "ipv4_addr", '4'), ("ip6", "ipv6_addr", '6') })
        {
            for (var step = 1; step < Ports.Count; step++)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"add set {table} {Set(digit, step)} {{ type {type}; flags dynamic,timeout; timeout {(long)Step.TotalSeconds}s; size {MostSources}; }}");
            }

            // The last step first: a packet is one step and no more.
            for (var step = Ports.Count - 1; step >= 1; step--)
            {
                var at = $"{family} saddr @{Set(digit, step)}";
                var then = step == Ports.Count - 1
                    ? string.Create(CultureInfo.InvariantCulture, $"{OpenRate} update @roaming{digit} {{ {family} saddr timeout {(long)Open.TotalSeconds}s }}")
                    : $"update @{Set(digit, step + 1)} {{ {family} saddr }}";
                yield return Rule($"{at} {Match(Ports[step])} {then} delete @{Set(digit, step)} {{ {family} saddr }} return");
                yield return Rule($"{at} {Match(Ports[step - 1])} return");
                yield return Rule($"{at} delete @{Set(digit, step)} {{ {family} saddr }}");
            }

            yield return Rule($"meta nfproto {(digit == '4' ? "ipv4" : "ipv6")} {Match(Ports[0])} update @{Set(digit, 1)} {{ {family} saddr }}");
        }

        string Set(char digit, int step) => string.Create(CultureInfo.InvariantCulture, $"{generation}_knock{digit}_{step}");

        string Rule(string rule) => $"add rule {table} {ChainOf(generation)} {rule}";
    }

    private static string Match(PortRange port) => string.Create(CultureInfo.InvariantCulture, $"{port.Protocol.Name()} dport {port.First}");
}

using System.Globalization;

namespace Ringfence.Core.Knock;

/// <summary>Port knocking: who sends a packet to each of these ports, in order, has the door open. As rules of nftables alone; no process takes part.</summary>
/// <remarks>
/// The weaker way, for phones on which no program can be run: whoever can read the packets on their way can send the same, and it opens for him. A scanner that tries many ports
/// does not open it, for a packet to another port in between begins anew; one that is sent again (TCP's SYN after a second) does not. Who forges sources can
/// fill the sets of steps, and then nobody knocks until they end, after <see cref="StepSeconds"/>.
/// </remarks>
/// <param name="Ports">TCP or UDP alike; 2 to 8, no neighbours alike.</param>
/// <param name="OpenSeconds">How long the door is open.</param>
/// <param name="Ignored">Ports of services: what goes there is no step and no mistake, since a phone that waits for the door keeps trying to register.</param>
internal sealed record KnockSequence(IReadOnlyList<ushort> Ports, long OpenSeconds, IReadOnlyList<ushort> Ignored)
{
    /// <summary>The time for one step.</summary>
    public const int StepSeconds = 10;

    // Sources in a step at once: 8 MB for each step and family.
    private const int MostSources = 65_536;

    /// <returns>What is wrong with a list of ports; null: nothing.</returns>
    public static string? Expected(IReadOnlyList<ushort> ports) =>
        ports.Count is < 2 or > 8 ? "2 to 8 ports"
        : ports.Zip(ports.Skip(1)).Any(static pair => pair.First == pair.Second) ? "no port twice in a row, for a packet that is sent again would be two steps"
        : ports.Zip(ports.Skip(1)).All(static pair => pair.First < pair.Second) || ports.Zip(ports.Skip(1)).All(static pair => pair.First > pair.Second)
            ? "ports that neither only rise nor only fall: a scanner that tries one after the other would open the door"
            : null;

    /// <summary>The sets and the chain "knocking", for whatever comes to it that no rule lets in: it takes nothing in itself.</summary>
    /// <param name="table">"inet ringfence_policy"; it has the sets roaming4 and roaming6 (with timeouts).</param>
    public IEnumerable<string> Rules(string table)
    {
        yield return $"add chain {table} knocking";
        yield return $"flush chain {table} knocking";
        yield return Rule(table, "meta l4proto != { tcp, udp } return");
        yield return Rule(table, "ct state != new return");
        if (Ignored.Count > 0)
        {
            yield return Rule(table, $"th dport {{ {string.Join(", ", Ignored.Distinct().Order())} }} return");
        }

        foreach (var (family, type, digit) in new[] { ("ip", "ipv4_addr", '4'), ("ip6", "ipv6_addr", '6') })
        {
            for (var step = 1; step < Ports.Count; step++)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"add set {table} {Set(digit, step)} {{ type {type}; flags dynamic,timeout; timeout {StepSeconds}s; size {MostSources}; }}");
            }

            // The last step first: a packet is one step and no more.
            for (var step = Ports.Count - 1; step >= 1; step--)
            {
                var at = $"{family} saddr @{Set(digit, step)}";
                var then = step == Ports.Count - 1
                    ? string.Create(CultureInfo.InvariantCulture, $"add @roaming{digit} {{ {family} saddr timeout {OpenSeconds}s }}")
                    : $"update @{Set(digit, step + 1)} {{ {family} saddr }}";
                yield return Rule(table, $"{at} th dport {Ports[step]} {then} delete @{Set(digit, step)} {{ {family} saddr }} return");
                yield return Rule(table, $"{at} th dport {Ports[step - 1]} return");
                yield return Rule(table, $"{at} delete @{Set(digit, step)} {{ {family} saddr }}");
            }

            yield return Rule(table, $"meta nfproto {(digit == '4' ? "ipv4" : "ipv6")} th dport {Ports[0]} update @{Set(digit, 1)} {{ {family} saddr }}");
        }
    }

    private static string Set(char digit, int step) => string.Create(CultureInfo.InvariantCulture, $"knock{digit}_{step}");

    private static string Rule(string table, string rule) => $"add rule {table} knocking {rule}";
}

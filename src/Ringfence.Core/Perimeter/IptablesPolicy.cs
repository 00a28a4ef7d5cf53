namespace Ringfence.Core.Perimeter;

/// <summary>The policy as commands of ipset, iptables and ip6tables: chain RINGFENCE, replaced whole.</summary>
/// <remarks>iptables-restore --noflush with a chain's line empties that chain, in one transaction with what fills it (iptables-restore(8)). A set is filled beside the old one and exchanged (ipset(8), swap).</remarks>
internal static class IptablesPolicy
{
    private const string Chain = "RINGFENCE";

    public static string Build(Policy policy)
    {
        var script = new ShellScript();
        script.Comment("The policy of ringfence.conf for iptables and ipset. Everything is decided in the chain RINGFENCE, in front of what INPUT holds else:");
        script.Comment("start fail2ban anew behind it, so that its chains come first. A restart of the machine forgets it: run this at boot.");
        script.Comment("Phones that are registered elsewhere, and those that knock, are let in by nftables alone.");
        script.Line("set -e");
        var zones = policy.Zones.ToList();
        foreach (var set in ZoneSet.Of(zones))
        {
            Append(script, set);
        }

        foreach (var isIPv4 in (bool[])[true, false])
        {
            var tool = isIPv4 ? "iptables" : "ip6tables";
            script.Line($"{tool}-restore --noflush <<'END'");
            script.Line("*filter");
            script.Line($":{Chain} - [0:0]");
            foreach (var rule in Rules(policy, zones, isIPv4))
            {
                script.Line($"-A {Chain} {rule}");
            }

            script.Line("COMMIT");
            script.Line("END");
            script.Line($"{tool} -C INPUT -j {Chain} 2>/dev/null || {tool} -I INPUT 1 -j {Chain}");
        }

        return script.ToString();
    }

    private static void Append(ShellScript script, ZoneSet set)
    {
        var header = $"hash:net family {set.Family} maxelem {set.Room} comment";
        script.Comment($"zone {set.Zone.Name}");
        script.Line($"ipset -exist create {set.Name} {header}");
        script.Line($"ipset destroy {set.Name}_new 2>/dev/null || :");
        script.Line("ipset restore <<'END'");
        script.Line($"create {set.Name}_new {header}");
        foreach (var (network, note) in set.Networks)
        {
            // In a file of ipset a comment stands between double quotes.
            script.Line($"add {set.Name}_new {network}{(note is null ? "" : $" comment \"{note}\"")}");
        }

        script.Line("END");
        script.Line($"ipset swap {set.Name}_new {set.Name}");
        script.Line($"ipset destroy {set.Name}_new");
    }

    private static IEnumerable<string> Rules(Policy policy, List<Zone> zones, bool isIPv4)
    {
        yield return "-i lo -j ACCEPT";
        yield return "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT";
        if (isIPv4)
        {
            foreach (var type in (string[])["destination-unreachable", "time-exceeded", "parameter-problem"])
            {
                yield return $"-p icmp --icmp-type {type} -j ACCEPT";
            }

            yield return "-p icmp --icmp-type echo-request -m limit --limit 100/second --limit-burst 100 -j ACCEPT";
            yield return "-p igmp -j ACCEPT";
            yield return "-p udp --sport 67 --dport 68 -j ACCEPT";
        }
        else
        {
            foreach (var type in (string[])["destination-unreachable", "packet-too-big", "time-exceeded", "parameter-problem"])
            {
                yield return $"-p icmpv6 --icmpv6-type {type} -j ACCEPT";
            }

            // Router and neighbour discovery, inverse and secure (RFC 4890 section 4.4.1), and who listens to which group.
            foreach (var type in (int[])[133, 134, 135, 136, 141, 142, 148, 149])
            {
                yield return $"-p icmpv6 --icmpv6-type {type} -m hl --hl-eq 255 -j ACCEPT";
            }

            foreach (var type in (int[])[130, 131, 132, 143])
            {
                yield return $"-p icmpv6 --icmpv6-type {type} -s fe80::/10 -j ACCEPT";
            }

            yield return "-p icmpv6 --icmpv6-type echo-request -m limit --limit 100/second --limit-burst 100 -j ACCEPT";
            yield return "-s fe80::/10 -p udp --sport 547 --dport 546 -j ACCEPT";
        }

        foreach (var match in Matches(policy.Trusted, zones, isIPv4))
        {
            yield return $"{match}-m comment --comment \"{policy.Trusted.Name}\" -j ACCEPT";
        }

        foreach (var service in policy.Services)
        {
            foreach (var (target, zone) in service.Closed.Select(static zone => ("DROP", zone)).Concat(service.Open.Select(static zone => ("ACCEPT", zone))))
            {
                foreach (var match in Matches(zone, zones, isIPv4))
                {
                    foreach (var ports in service.Ports.GroupBy(static port => port.Protocol).SelectMany(static group => group.Chunk(ShellScript.RangesPerRule)))
                    {
                        yield return $"{match}-p {ports[0].Protocol.Name()} -m multiport --dports {string.Join(',', ports.Select(static port => port.Numbers(':')))} -m comment --comment \"{service.Name}: {zone.Name}\" -j {target}";
                    }
                }
            }
        }

        yield return "-j DROP";
    }

    private static IEnumerable<string> Matches(Zone zone, List<Zone> zones, bool isIPv4) => zone.IsWorld ? [""]
        : zone.Interfaces.Select(static link => $"-i {link} ")
            .Concat(ZoneSet.Of(zones).Where(set => set.Zone.Name == zone.Name && set.IsIPv4 == isIPv4).Select(static set => $"-m set --match-set {set.Name} src "));
}

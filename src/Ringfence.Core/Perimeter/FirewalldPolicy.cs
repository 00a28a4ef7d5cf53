namespace Ringfence.Core.Perimeter;

/// <summary>The policy as commands of firewalld: a zone of its for whoever comes in, and one more for each interface that the policy names.</summary>
/// <remarks>
/// firewalld sends a packet to one zone, by its source or else by its interface, and its zones are not ours, which may overlap: so ours become ipsets, and what they may reach rich rules.
/// In a zone what is refused stands before what is accepted, and rules with a negative priority before both (firewalld.richlanguage(5)).
/// </remarks>
internal static class FirewalldPolicy
{
    // What follows a rule for everybody trusted comes later.
    private const int First = -20;

    public static string Build(Policy policy)
    {
        var script = new ShellScript();
        script.Comment("The policy of ringfence.conf for firewalld. Interfaces that are bound to a zone of yours stay there: firewall-cmd --get-active-zones.");
        script.Comment("Phones that are registered elsewhere, and those that knock, are let in by nftables alone.");
        script.Line("set -e");
        script.Line("q() { firewall-cmd --quiet --permanent \"$@\"; }");
        var zones = policy.Zones.ToList();
        var links = zones.SelectMany(static zone => zone.Interfaces).Distinct(StringComparer.Ordinal).ToList();
        foreach (var set in ZoneSet.Of(zones))
        {
            Append(script, set);
        }

        Zone(script, "ringfence", policy, zones, null);
        foreach (var (at, link) in links.Index())
        {
            Zone(script, $"ringfence{at}", policy, zones, link);
        }

        script.Line("firewall-cmd --quiet --reload");
        script.Line("firewall-cmd --quiet --set-default-zone=ringfence");
        return script.ToString();
    }

    private static void Append(ShellScript script, ZoneSet set)
    {
        script.Comment($"zone {set.Zone.Name}");
        script.Line($"q --delete-ipset={set.Name} 2>/dev/null || :");
        script.Line($"q --new-ipset={set.Name} --type=hash:net --option=family={set.Family} --option=maxelem={set.Room}");
        script.Line($"q --ipset={set.Name} --set-description={ShellScript.Quoted(set.Zone.Name)}");
        foreach (var (network, note) in set.Networks)
        {
            script.Line($"q --ipset={set.Name} --add-entry={network}{(note is null ? "" : $" # {note}")}");
        }
    }

    private static void Zone(ShellScript script, string name, Policy policy, List<Zone> zones, string? link)
    {
        script.Line($"q --delete-zone={name} 2>/dev/null || :");
        script.Line($"q --new-zone={name}");
        if (link is not null)
        {
            script.Line($"q --zone={name} --change-interface={link}");
            if (policy.Trusted.Interfaces.Contains(link, StringComparer.Ordinal))
            {
                script.Line($"q --zone={name} --set-target=ACCEPT");
                return;
            }
        }

        void Rule(string rule) => script.Line($"q --zone={name} --add-rich-rule='rule {rule}'");

        foreach (var source in Sources(policy.Trusted, zones))
        {
            Rule($"priority={First} {source} accept");
        }

        foreach (var service in policy.Services.Where(service => !service.Closed.Any(zone => IsIn(zone, link))))
        {
            foreach (var port in service.Ports)
            {
                var ports = $"port port={port.Numbers('-')} protocol={port.Protocol.Name()}";
                foreach (var source in service.Closed.SelectMany(zone => Sources(zone, zones)).Distinct())
                {
                    Rule($"{source} {ports} drop");
                }

                if (service.Open.Any(zone => IsIn(zone, link)))
                {
                    Rule($"{ports} accept");
                    continue;
                }

                foreach (var source in service.Open.SelectMany(zone => Sources(zone, zones)).Distinct())
                {
                    Rule($"{source} {ports} accept");
                }
            }
        }
    }

    private static bool IsIn(Zone zone, string? link) => zone.IsWorld || (link is not null && zone.Interfaces.Contains(link, StringComparer.Ordinal));

    private static IEnumerable<string> Sources(Zone zone, List<Zone> zones) =>
        ZoneSet.Of(zones).Where(set => set.Zone.Name == zone.Name).Select(static set => $"family={(set.IsIPv4 ? "ipv4" : "ipv6")} source ipset={set.Name}");
}

namespace Ringfence.Core.Perimeter;

/// <summary>The policy as commands of ufw.</summary>
/// <remarks>ufw(8): of its rules the first that fits counts, so those who stay out come before those who get in; rules that are there already stay and come first.</remarks>
internal static class UfwPolicy
{
    public static string Build(Policy policy)
    {
        var script = new ShellScript();
        script.Comment("The policy of ringfence.conf for ufw. Rules that are there already stay in front: ufw status numbered.");
        script.Comment("IPv6 needs IPV6=yes in /etc/default/ufw. Phones that are registered elsewhere, and those that knock, are let in by nftables alone.");
        script.Line("set -e");
        script.Line("ufw default deny incoming");
        script.Line("ufw default allow outgoing");
        foreach (var source in Sources(policy.Trusted))
        {
            script.Line($"ufw allow {source.In}from {source.From} {source.Note}");
        }

        foreach (var service in policy.Services.Where(static service => !service.Closed.Any(static zone => zone.IsWorld)))
        {
            foreach (var (verb, zone) in service.Closed.Select(static zone => ("deny", zone)).Concat(service.Open.Select(static zone => ("allow", zone))))
            {
                foreach (var source in Sources(zone))
                {
                    foreach (var ports in service.Ports.GroupBy(static port => port.Protocol).SelectMany(static group => group.Chunk(ShellScript.RangesPerRule)))
                    {
                        script.Line($"ufw {verb} {source.In}proto {ports[0].Protocol.Name()} from {source.From} to any port {string.Join(',', ports.Select(static port => port.Numbers(':')))} comment {ShellScript.Quoted($"{service.Name}: {source.Name}")}");
                    }
                }
            }
        }

        script.Line("ufw --force enable");
        return script.ToString();
    }

    private static IEnumerable<(string In, string From, string Name, string Note)> Sources(Zone zone)
    {
        foreach (var link in zone.Interfaces)
        {
            yield return ($"in on {link} ", "any", zone.Name, $"comment {ShellScript.Quoted(zone.Name)}");
        }

        foreach (var network in zone.Networks)
        {
            var name = zone.Notes.TryGetValue(network, out var note) ? $"{zone.Name}, {note}" : zone.Name;
            yield return ("", network.ToString(), name, $"comment {ShellScript.Quoted(name)}");
        }

        if (zone.IsWorld)
        {
            yield return ("", "any", zone.Name, $"comment {ShellScript.Quoted(zone.Name)}");
        }
    }
}

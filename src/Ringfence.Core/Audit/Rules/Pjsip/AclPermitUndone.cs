using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A permit that a later deny takes back.</summary>
/// <remarks>main/acl.c, ast_apply_ha: of the rules that fit the last counts.</remarks>
internal static class AclPermitUndone
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1004",
        Name = "acl-permit-undone",
        Severity = Severity.Low,
        // Measured on 22.10.1: permit=198.51.100.0/24 and then deny=0.0.0.0/0.0.0.0 refused 198.51.100.7 with the right password.
        Why = "Of the rules that fit an address the last one counts, so a deny of everybody below a permit takes it back: who should get in does not, and sooner or later somebody removes the whole list for that.",
        Fix = "Move the deny above the permits.",
        Bad = """
            [1001]
            type = endpoint
            permit = 192.0.2.0/24 ; here
            deny = 0.0.0.0/0.0.0.0
            """,
        Good = """
            [1001]
            type = endpoint
            deny = 0.0.0.0/0.0.0.0
            permit = 192.0.2.0/24
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Core-Configuration/Named-ACLs/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    // Where Asterisk refuses the whole acl.conf none of its lists is there, which is told.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from owned in AccessLists.Inline(pbx).Concat(AclConf.IsRefused(pbx) ? [] : AccessLists.Named(pbx))
        where owned.List.IsWhole
        from permit in Undone(owned.List.Rules)
        select new Fault(permit.Place, owned.Subject, $"a deny below takes the permit of {permit.Network} back");

    // From the last to the first, so that what stands below is known; of two networks one holds the other, or they have nothing in common.
    private static Stack<AddressRule> Undone(IReadOnlyList<AddressRule> rules)
    {
        var denied = new HashSet<Network>();
        var lengths = new SortedSet<int>();
        var permitted = new SortedSet<Network>();
        var undone = new Stack<AddressRule>();
        foreach (var rule in rules.Reverse())
        {
            var network = rule.Network;
            if (!rule.Permits)
            {
                denied.Add(network);
                lengths.Add(network.PrefixLength);
                continue;
            }

            if (lengths.Any(length => length <= network.PrefixLength && denied.Contains(new Network(network.First, length))) && !permitted.GetViewBetween(network, new Network(network.Last, network.IsIPv4 ? 32 : 128)).Take(1).Any())
            {
                undone.Push(rule);
            }

            permitted.Add(network);
        }

        return undone;
    }
}

using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>Calls from outside arrive in the context that phones dial in.</summary>
internal static class TrunkInPhonesContext
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1022",
        Name = "trunk-in-phones-context",
        Severity = Severity.Medium,
        Why = "Calls from the provider are dialled in this context, and so are those of the phones. Whatever number a phone may call out with, a caller from outside may reach too if he gets it into the request, and the address that he comes from is often all that is checked.",
        Fix = "Give the trunk a context of its own, that holds your numbers and nothing that leads out.",
        Bad = """
            [trunk]
            type = endpoint
            context = office ; here
            [trunk]
            type = identify
            endpoint = trunk
            match = 203.0.113.10
            [1001]
            type = endpoint
            context = office
            auth = 1001
            aors = 1001
            [1001]
            type = aor
            max_contacts = 1
            """,
        Good = """
            [trunk]
            type = endpoint
            context = from-trunk
            [trunk]
            type = identify
            endpoint = trunk
            match = 203.0.113.10
            [1001]
            type = endpoint
            context = office
            auth = 1001
            aors = 1001
            [1001]
            type = aor
            max_contacts = 1
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var peers = PjsipPeers.Of(pbx);
        var phones = pbx.Pjsip.Endpoints.Where(peers.IsPhone).GroupBy(static phone => phone["context"] ?? "default", StringComparer.Ordinal).ToDictionary(static group => group.Key, static group => group.First().Name, StringComparer.Ordinal);
        return from trunk in pbx.Pjsip.Endpoints
               where peers.IsTrunk(trunk) && !IsInside(pbx, trunk)
               let context = trunk["context"] ?? "default"
               where phones.ContainsKey(context)
               select new Fault(trunk.PlaceOf("context"), $"endpoint {Shown.Text(trunk.Name)}", $"its calls are dialled in {ShownValues.Of(pbx).Name(context)}, as those of phone {Shown.Text(phones[context])} are");
    }

    // A door phone or another PBX of the house, known by its private address, is no provider.
    private static bool IsInside(PbxSnapshot pbx, PjsipObject trunk)
    {
        var matches = pbx.Pjsip.Having("identify", "endpoint", trunk.Name).SelectMany(static identify => identify.List("match")).ToList();
        return matches.Count > 0 && matches.TrueForAll(static match => PrivateNetworks.Contains(match.Text));
    }
}

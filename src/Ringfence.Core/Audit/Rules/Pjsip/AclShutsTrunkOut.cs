using Ringfence.Core.Audit.Rules.Options;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A section with type=acl, which holds for everybody, keeps a provider out.</summary>
/// <remarks>res/res_pjsip_acl.c: each such section is asked about every message.</remarks>
internal static class AclShutsTrunkOut
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1011",
        Name = "acl-shuts-trunk-out",
        Severity = Severity.High,
        // Measured on 22.10.1: with [office-acl] type=acl in pjsip.conf every packet from elsewhere, the provider's too, is answered by 403, and no security event tells of it.
        Why = "A section with type=acl in pjsip.conf holds for every SIP packet, and this one does not permit an address that an identify section names: that provider's calls are answered by 403, and sooner or later somebody removes the whole list for that.",
        Fix = "Permit the provider's addresses in it too, or move the section to acl.conf, without its type, and name it by acl= in the endpoints that it is for.",
        Bad = """
            [office] ; here
            type = acl
            deny = 0.0.0.0/0.0.0.0
            permit = 192.0.2.0/24
            [trunk]
            type = identify
            endpoint = trunk
            match = 203.0.113.10
            """,
        Good = """
            [everybody]
            type = acl
            deny = 0.0.0.0/0.0.0.0
            permit = 192.0.2.0/24
            permit = 203.0.113.0/24
            [trunk]
            type = identify
            endpoint = trunk
            match = 203.0.113.10
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_pjsip_acl/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        // Where somebody takes it for a list that can be named, another rule (global-acl) tells.
        var named = GlobalAcl.Named(pbx);
        return from acl in pbx.Pjsip.Of("acl")
               where !named.Contains(acl.Name)
               let list = AccessLists.Inline(acl, "")
               where list.IsWhole
               let shutOut = ShutOut(pbx, list)
               where shutOut is not null
               select new Fault(acl.Place, $"acl {Shown.Text(acl.Name)}", $"it holds for every SIP packet and keeps {shutOut} out");
    }

    private static string? ShutOut(PbxSnapshot pbx, AddressRules list) =>
        (from identify in pbx.Pjsip.Of("identify")
         from match in identify.List("match")
         where !match.Text.StartsWith('!') && AddressRules.Parse(SipHost.OfMatch(match.Text)) is { } network && !list.Admits(network.First) && !list.Admits(network.Last)
         select $"{Shown.Text(identify["endpoint"] ?? identify.Name)} ({Shown.Text(match.Text)})").FirstOrDefault();
}

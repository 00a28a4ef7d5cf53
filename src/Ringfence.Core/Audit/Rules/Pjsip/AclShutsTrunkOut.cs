using Ringfence.Core.Audit.Rules.Options;
using Ringfence.Core.Events;
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

    // Each list is asked for each peer: a PBX has one list, or two.
    private const long MostAsked = 5_000_000;

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        // Where somebody takes it for a list that can be named, another rule (global-acl) tells.
        var named = GlobalAcl.Named(pbx);
        var peers = (from identify in pbx.Pjsip.Of("identify")
                     from match in identify.List("match")
                     where !match.Text.StartsWith('!')
                     let network = AddressRules.Parse(SipHost.OfMatch(match.Text))
                     where network is not null
                     select (identify, match.Text, Network: network.Value)).ToList();
        var asked = 0L;
        return from acl in pbx.Pjsip.Of("acl")
               where !named.Contains(acl.Name)
               let list = AccessLists.Inline(acl, "")
               where list is { IsWhole: true, Rules.Count: > 0 } && IsAsked()
               let shutOut = ShutOut(peers, list)
               where shutOut is not null
               select new Fault(acl.Place, $"acl {Shown.Text(acl.Name)}", $"it holds for every SIP packet and keeps {shutOut} out");

        bool IsAsked()
        {
            asked += peers.Count;
            if (asked > MostAsked)
            {
                pbx.LeaveOut("there are so many acl and identify objects that not every list was held against every peer");
            }

            return asked <= MostAsked;
        }
    }

    private static string? ShutOut(List<(PjsipObject Identify, string Text, Network Network)> peers, AddressRules list) =>
        peers.Where(peer => !list.Admits(peer.Network.First) && !list.Admits(peer.Network.Last)).Select(static peer => $"{Shown.Text(peer.Identify["endpoint"] ?? peer.Identify.Name)} ({Shown.Text(peer.Text)})").FirstOrDefault();
}

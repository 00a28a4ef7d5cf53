using Ringfence.Core.Audit.Rules.Pjsip;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.OldChannels;

/// <summary>An account of IAX2 without a password.</summary>
/// <remarks>channels/chan_iax2.c of Asterisk 22, check_access: a call that names no user is the first's that wants no password.</remarks>
internal static class IaxWithoutPassword
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1270",
        Name = "iax-without-password",
        Severity = Severity.High,
        // Measured on 22.10.1: NEW without a name, and with the name guest: ACCEPT; once the section was gone: AUTHREQ.
        Why = "Whoever sends a call without a name, or with this one, calls in its context: no password is asked for, whatever the section is called.",
        Fix = "Remove the section, or give it a secret, or deny = 0.0.0.0/0 and a permit. If you want calls from strangers, give it a context of its own that holds nothing but the extension they may ring.",
        ExampleFile = "iax.conf",
        Bad = """
            [general]
            requirecalltoken = yes
            [guest] ; here
            type = user
            context = public
            """,
        Good = """
            [general]
            requirecalltoken = yes
            [office]
            type = user
            context = office
            secret = Xk9-mP2vL8-qR5w-77aZ
            [branch]
            type = user
            context = office
            deny = 0.0.0.0/0
            permit = 192.0.2.5
            [keys]
            type = user
            auth = rsa
            inkeys = branch
            [out]
            type = peer
            host = 203.0.113.10
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.OldChannels,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from peer in OldPeers.Iax(pbx)
        where !IsLocal(pbx) && (OldPeers.IsDynamic(peer) || !Plan.SurelyLacks(pbx, peer["context"] ?? "default")) && (OldPeers.IsUser(peer) || OldPeers.IsDynamic(peer)) && !OldPeers.MayRefuse(peer)
            && string.IsNullOrEmpty(peer["secret"]) && string.IsNullOrEmpty(peer["dbsecret"]) && string.IsNullOrEmpty(peer["inkeys"])
        select new Fault(peer.Place, $"iax account {Shown.Text(peer.Name)}", OldPeers.IsUser(peer)
            ? $"anybody calls in context {ShownValues.Of(pbx).Name(peer["context"] ?? "default")} without a password" : "anybody registers in its name and takes its calls, without a password")
        {
            Severity = OldPeers.IsUser(peer) && !OldPeers.IsDynamic(peer) ? StrangersContext.Of(pbx, peer["context"] ?? "default") : null,
        };

    private static bool IsLocal(PbxSnapshot pbx) =>
        pbx.Config("iax.conf").Named("general").SelectMany(static general => general.All("bindaddr")).ToList() is { Count: > 0 } binds
        && binds.TrueForAll(static bind => PrivateNetworks.IsLoopback(bind.Value));
}

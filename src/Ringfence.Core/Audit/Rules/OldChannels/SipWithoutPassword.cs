using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.OldChannels;

/// <summary>An account of chan_sip without a password.</summary>
/// <remarks>channels/chan_sip.c of Asterisk 16, check_auth: without secret and md5secret everybody is let in.</remarks>
internal static class SipWithoutPassword
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1251",
        Name = "sip-without-password",
        Severity = Severity.Critical,
        Why = "Whoever writes this account's name into From calls in its context, and where its host is dynamic registers in its name and takes its calls.",
        Fix = "Give it a secret, or deny = 0.0.0.0/0 and a permit.",
        ExampleFile = "sip.conf",
        ExampleVersion = new AsteriskVersion(16),
        Bad = """
            [general]
            allowguest = no
            [1001] ; here
            type = friend
            host = dynamic
            """,
        Good = """
            [general]
            allowguest = no
            [1001]
            type = friend
            host = dynamic
            secret = Xk9-mP2vL8-qR5w-77aZ
            [1002]
            type = friend
            host = dynamic
            deny = 0.0.0.0/0
            permit = 192.0.2.0/24
            [provider]
            type = peer
            host = 203.0.113.10
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.OldChannels,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from peer in OldPeers.Sip(pbx)
        where (OldPeers.IsUser(peer) || OldPeers.IsDynamic(peer)) && string.IsNullOrEmpty(peer["secret"]) && string.IsNullOrEmpty(peer["md5secret"]) && !OldPeers.MayRefuse(peer)
        select new Fault(peer.Place, $"sip account {Shown.Text(peer.Name)}", $"anybody calls in context {ShownValues.Of(pbx).Name(peer["context"] ?? OldPeers.General(pbx, "sip.conf", "context")?.Value ?? "default")} by its name{(OldPeers.IsDynamic(peer) ? ", and registers as it" : "")}");
}

using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.OldChannels;

/// <summary>An account of chan_sip whose calls are not asked for the password.</summary>
/// <remarks>channels/chan_sip.c of Asterisk 16, check_peer_ok: with insecure=invite the secret is put aside.</remarks>
internal static class SipInsecureInvite
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1252",
        Name = "sip-insecure-invite",
        Severity = Severity.High,
        Why = "insecure = invite lets calls in without the password. A friend or user is known by the name in From, from whatever address: its password keeps nobody out.",
        Fix = "Make it type = peer with the provider's address as its host, or remove insecure.",
        ExampleFile = "sip.conf",
        ExampleVersion = new AsteriskVersion(16),
        Bad = """
            [general]
            allowguest = no
            [provider]
            type = friend
            host = sip.provider.example.com
            secret = Xk9-mP2vL8-qR5w-77aZ
            insecure = port,invite ; here
            """,
        Good = """
            [general]
            allowguest = no
            [provider]
            type = peer
            host = 203.0.113.10
            insecure = port,invite
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.OldChannels,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from peer in OldPeers.Sip(pbx)
        let setting = peer.Find("insecure")
        where setting is not null && (OldPeers.IsUser(peer) || OldPeers.IsDynamic(peer)) && !OldPeers.MayRefuse(peer)
            && setting.Value.Split(',', StringSplitOptions.TrimEntries).Contains("invite", StringComparer.OrdinalIgnoreCase)
        select new Fault(setting.Place, $"sip account {Shown.Text(peer.Name)}", "its calls are let in without the password");
}

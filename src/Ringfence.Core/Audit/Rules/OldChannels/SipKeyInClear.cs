using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.OldChannels;

/// <summary>Encrypted calls of chan_sip whose key crosses the network in clear.</summary>
/// <remarks>sip.conf.sample of Asterisk 16: encryption uses SDES (RFC 4568), transport is udp unless it is given.</remarks>
internal static class SipKeyInClear
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1258",
        Name = "sip-key-in-clear",
        Severity = Severity.Medium,
        Why = "The calls are encrypted with a key that stands in the SIP message, and that message may be sent over UDP or TCP: whoever records both hears the call.",
        Fix = "Write transport = tls into the account and set up tlsenable.",
        ExampleFile = "sip.conf",
        ExampleVersion = new AsteriskVersion(16),
        Bad = """
            [general]
            allowguest = no
            [1001]
            type = friend
            host = dynamic
            secret = Xk9-mP2vL8-qR5w-77aZ
            encryption = yes ; here
            """,
        Good = """
            [general]
            allowguest = no
            [1001]
            type = friend
            host = dynamic
            secret = Xk9-mP2vL8-qR5w-77aZ
            encryption = yes
            transport = tls
            [1002]
            type = friend
            host = dynamic
            secret = Bq4-tT6nW1-zH8c-93dK
            encryption = yes
            avpf = yes
            transport = wss
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Secure-Calling/"),
        Topic = AuditTopic.OldChannels,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from peer in OldPeers.Sip(pbx)
        let setting = peer.Find("encryption")
        let transports = (peer["transport"] ?? OldPeers.General(pbx, "sip.conf", "transport")?.Value ?? "udp").ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries)
        where setting is not null && AsteriskBool.IsTrue(setting.Value) && !AsteriskBool.IsTrue(peer["dtlsenable"]) && transports.Any(static transport => transport is "udp" or "tcp" or "ws")
        select new Fault(setting.Place, $"sip account {Shown.Text(peer.Name)}", "the key of its calls may cross the network in clear");
}

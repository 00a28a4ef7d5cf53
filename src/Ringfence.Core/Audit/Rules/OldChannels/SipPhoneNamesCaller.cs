using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.OldChannels;

/// <summary>A phone of chan_sip whose word on who calls is believed.</summary>
/// <remarks>sip.conf.sample of Asterisk 16: trustrpid.</remarks>
internal static class SipPhoneNamesCaller
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1257",
        Name = "sip-phone-names-caller",
        Severity = Severity.Medium,
        Why = "With trustrpid what a phone writes into Remote-Party-ID or P-Asserted-Identity is the caller's number: with a stolen password one calls as anybody.",
        Fix = "Remove trustrpid from phones; it is for providers.",
        ExampleFile = "sip.conf",
        ExampleVersion = new AsteriskVersion(16),
        Bad = """
            [general]
            allowguest = no
            [1001]
            type = friend
            host = dynamic
            secret = Xk9-mP2vL8-qR5w-77aZ
            trustrpid = yes ; here
            """,
        Good = """
            [general]
            allowguest = no
            [provider]
            type = peer
            host = 203.0.113.10
            trustrpid = yes
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.OldChannels,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from peer in OldPeers.Sip(pbx)
        let setting = peer.Find("trustrpid")
        where setting is not null && AsteriskBool.IsTrue(setting.Value) && OldPeers.IsDynamic(peer)
        select new Fault(setting.Place, $"sip account {Shown.Text(peer.Name)}", "the phone says who calls, and is believed") { Mend = new Mend("do not believe phones", OptionEdit.Set(peer, "trustrpid", "no")) };
}

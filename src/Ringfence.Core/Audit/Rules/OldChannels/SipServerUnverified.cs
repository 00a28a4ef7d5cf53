using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.OldChannels;

/// <summary>chan_sip logs in over TLS at whoever answers.</summary>
/// <remarks>sip.conf.sample of Asterisk 16: tlsdontverifyserver.</remarks>
internal static class SipServerUnverified
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1259",
        Name = "sip-server-unverified",
        Severity = Severity.Medium,
        Why = "Asterisk does not look at the certificate of the server that it connects to: whoever gets between reads and changes the calls, and may ask for a digest of the password.",
        Fix = "Remove tlsdontverifyserver and name the authorities by tlscafile or tlscapath.",
        ExampleFile = "sip.conf",
        ExampleVersion = new AsteriskVersion(16),
        Bad = """
            [general]
            allowguest = no
            tlsenable = yes
            tlsdontverifyserver = yes ; here
            """,
        Good = """
            [general]
            allowguest = no
            tlsenable = yes
            tlscapath = /etc/ssl/certs
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Secure-Calling/"),
        Topic = AuditTopic.OldChannels,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        OldPeers.ReadsSip(pbx) && OldPeers.General(pbx, "sip.conf", "tlsdontverifyserver") is { } setting && AsteriskBool.IsTrue(setting.Value)
            ? [new Fault(setting.Place, "sip general", "the certificate of the server is not looked at")]
            : [];
}

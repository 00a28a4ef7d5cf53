using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.OldChannels;

/// <summary>chan_sip makes an account for everybody who registers.</summary>
/// <remarks>channels/chan_sip.c of Asterisk 16: autocreatepeer.</remarks>
internal static class SipCreatesPeers
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1253",
        Name = "sip-creates-peers",
        Severity = Severity.Critical,
        Why = "With autocreatepeer any REGISTER, whoever sends it, makes an account of that name, without a password, that calls in the context of [general].",
        Fix = "Remove autocreatepeer.",
        ExampleFile = "sip.conf",
        ExampleVersion = new AsteriskVersion(16),
        Bad = """
            [general]
            allowguest = no
            autocreatepeer = yes ; here
            """,
        Good = """
            [general]
            allowguest = no
            autocreatepeer = no
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.OldChannels,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        OldPeers.ReadsSip(pbx) && OldPeers.General(pbx, "sip.conf", "autocreatepeer") is { } setting && (AsteriskBool.IsTrue(setting.Value) || setting.Value.Equals("persist", StringComparison.OrdinalIgnoreCase))
            ? [new Fault(setting.Place, "sip general", "whoever registers has an account") { Mend = new Mend("make no accounts", new ReplaceLine(setting.Place.File, setting.Place.Line, "autocreatepeer = no")) }]
            : [];
}

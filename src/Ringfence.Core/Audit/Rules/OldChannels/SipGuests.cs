using Ringfence.Core.Audit.Rules.Options;
using Ringfence.Core.Audit.Rules.Pjsip;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.OldChannels;

/// <summary>chan_sip takes calls of strangers.</summary>
/// <remarks>channels/chan_sip.c of Asterisk 16: DEFAULT_ALLOWGUEST is TRUE, DEFAULT_CONTEXT "default".</remarks>
internal static class SipGuests
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1250",
        Name = "sip-guests",
        Severity = Severity.High,
        Why = "chan_sip takes calls that no account claims, unless allowguest = no stands there: without a password, in the context of [general]. Whatever that reaches, the whole internet reaches.",
        Fix = "Write allowguest = no into [general].",
        ExampleFile = "sip.conf",
        ExampleVersion = new AsteriskVersion(16),
        Bad = """
            [general] ; here
            context = public
            udpbindaddr = 0.0.0.0
            """,
        Good = """
            [general]
            context = public
            udpbindaddr = 0.0.0.0
            allowguest = no
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.OldChannels,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        if (!OldPeers.ReadsSip(pbx) || pbx.Config("sip.conf").Named("general").LastOrDefault() is not { } general
            || AsteriskBool.Parse(OldPeers.General(pbx, "sip.conf", "allowguest")?.Value) is false)
        {
            return [];
        }

        var context = OldPeers.General(pbx, "sip.conf", "context")?.Value ?? "default";
        return [new Fault(OldPeers.General(pbx, "sip.conf", "allowguest")?.Place ?? general.Place, "sip general", $"calls of strangers go to context {ShownValues.Of(pbx).Name(context)} without a password")
        {
            Severity = StrangersContext.Of(pbx, context),
            Mend = GeneratedFiles.Of(pbx, "sip.conf").Contains(general.Place.File)
                ? new Mend("in FreePBX: Settings > Asterisk SIP Settings > Allow SIP Guests: No; then Apply Config")
                : new Mend("refuse guests", OptionEdit.Set(general, "allowguest", "no")),
        }];
    }
}

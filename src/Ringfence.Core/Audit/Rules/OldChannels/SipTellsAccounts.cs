using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.OldChannels;

/// <summary>chan_sip tells which accounts there are.</summary>
/// <remarks>channels/chan_sip.c of Asterisk 16: alwaysauthreject is yes unless it is given.</remarks>
internal static class SipTellsAccounts
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1254",
        Name = "sip-tells-accounts",
        Severity = Severity.Medium,
        Why = "With alwaysauthreject = no an account that does not exist is refused otherwise than a wrong password: a scanner reads off which accounts there are, and guesses the passwords of those.",
        Fix = "Remove the line: yes is what chan_sip does by itself.",
        ExampleFile = "sip.conf",
        ExampleVersion = new AsteriskVersion(16),
        Bad = """
            [general]
            allowguest = no
            alwaysauthreject = no ; here
            """,
        Good = """
            [general]
            allowguest = no
            alwaysauthreject = yes
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.OldChannels,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        OldPeers.ReadsSip(pbx) && OldPeers.General(pbx, "sip.conf", "alwaysauthreject") is { } setting && AsteriskBool.Parse(setting.Value) is false
            ? [new Fault(setting.Place, "sip general", "scanners are told which accounts there are") { Mend = new Mend("answer all alike", new ReplaceLine(setting.Place.File, setting.Place.Line, "alwaysauthreject = yes")) }]
            : [];
}

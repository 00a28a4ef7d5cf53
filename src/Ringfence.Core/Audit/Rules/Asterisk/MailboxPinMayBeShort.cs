using System.Globalization;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>Users may choose any PIN.</summary>
internal static class MailboxPinMayBeShort
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1564",
        Name = "mailbox-pin-may-be-short",
        Severity = Severity.Low,
        Why = "Without minpassword a user may set a PIN of one digit, or none, from the phone.",
        Fix = "Set minpassword = 6 in [general].",
        ExampleFile = "voicemail.conf",
        Bad = """
            [general] ; here
            format = wav
            [default]
            1001 => 730418,Reception
            """,
        Good = """
            [general]
            minpassword = 6
            [default]
            1001 => 730418,Reception
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Applications/Voicemail/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var general = pbx.Config("voicemail.conf").First("general");
        var least = general?.Find("minpassword");
        return general is null || (least is not null && (!int.TryParse(least.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var digits) || digits >= 4))
            || !Mailboxes.Of(pbx).Any()
            ? []
            : [new Fault(least?.Place ?? general.Place, "voicemail.conf", "a user may choose a PIN of less than four digits") { Mend = new Mend("at least six", OptionEdit.Set(general, "minpassword", "6")) }];
    }
}

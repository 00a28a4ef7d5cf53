using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>A mailbox from which one can call out.</summary>
internal static class MailboxCallsOut
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1562",
        Name = "mailbox-calls-out",
        Severity = Severity.Medium,
        Why = "Whoever has the mailbox's PIN calls anywhere that the context reaches, at the owner's cost, from any phone in the world.",
        Fix = "Remove dialout and callback, or name a context that reaches inside extensions alone.",
        ExampleFile = "voicemail.conf",
        Bad = """
            [general]
            dialout = from-internal ; here
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

    private static readonly string[] Options = ["dialout", "callback"];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        (from general in pbx.Config("voicemail.conf").Named("general")
         from name in Options
         let setting = general.Find(name)
         where setting is { Value.Length: > 0 }
         select new Fault(setting.Place, "all mailboxes", $"whoever has a PIN calls from context {Shown.Text(setting.Value)}"))
        .Concat(
            from box in Mailboxes.Of(pbx)
            from name in Options
            from option in box.Options
            where option.StartsWith(name + "=", StringComparison.OrdinalIgnoreCase) && option.Length > name.Length + 1
            group name by (Box: box, Context: option[(name.Length + 1)..]) into named
            select new Fault(named.Key.Box.Place, named.Key.Box.Subject, $"whoever has its PIN calls from context {ShownValues.Of(pbx).Name(named.Key.Context)} ({string.Join(", ", named.Distinct())})") { IsSecret = true });
}

using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>A mailbox that asks for no PIN.</summary>
/// <remarks>apps/app_voicemail.c, vm_authenticate: "saved password is blank, so don't bother asking".</remarks>
internal static class PinIsEmpty
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1212",
        Name = "pin-is-missing",
        Severity = Severity.High,
        Why = "Asterisk asks for no PIN where none is set, or a minus sign alone: whoever reaches VoiceMailMain and says this mailbox's number hears its messages.",
        Fix = "Give each mailbox a random PIN of six digits. For a phone that is trusted, VoiceMailMain(box,s) in its own context asks for none and leaves others asked.",
        ExampleFile = "voicemail.conf",
        Bad = """
            [default]
            1001 => ,Reception ; here
            1002 => -,Sales ; here
            """,
        Good = """
            [default]
            1001 => 739402,Reception
            1002 => -739402,Sales
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Applications/Voicemail/"),
        Topic = AuditTopic.Passwords,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from box in Mailbox.All(pbx)
        where box.Pin.Length == 0
        select box.Fault("it asks for no PIN");
}

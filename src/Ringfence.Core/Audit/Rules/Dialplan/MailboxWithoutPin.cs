using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>Callers from outside come into a mailbox past its PIN.</summary>
internal static class MailboxWithoutPin
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1327",
        Name = "mailbox-without-pin",
        Severity = Severity.High,
        Why = "With the option s VoiceMailMain asks for no PIN. Whoever calls in from outside hears the messages, speaks new greetings (a greeting that accepts collect calls is a fraud of its own), and calls out where the mailbox may. The caller ID that chooses the mailbox is the caller's to write.",
        Fix = "Leave the s out where calls come from outside: VoiceMailMain(@office) asks for mailbox and PIN.",
        ExampleFile = "extensions.conf",
        Bad = """
            [from-trunk]
            exten => 4930123,1,Answer()
             same => n,VoiceMailMain(${CALLERID(num)}@office,s) ; here
            exten => 4930124,1,Background(menu)
             same => n,WaitExten(5)
            exten => 9,1,VoiceMailMain(101@office,s) ; here
            exten => 4930125,1,GotoIf($["${CALLERID(num)}" = "491701234567"]?boss)
             same => n,Hangup()
             same => n(boss),VoiceMailMain(100@office,s) ; here
            """ + ExamplePeers.Trunk,
        Good = """
            [from-trunk]
            exten => 4930123,1,VoiceMailMain(${CALLERID(num)}@office)
            exten => 4930124,1,Authenticate(/etc/asterisk/pins)
             same => n,VoiceMailMain(101@office,s)
            exten => 4930125,1,GotoIf($["${CALLERID(num)}" = "${DB(boss/number)}"]?boss)
             same => n,Hangup()
             same => n(boss),VoiceMailMain(100@office,s)
            [phones]
            exten => *97,1,VoiceMailMain(${CALLERID(num)}@office,s)
            """ + ExamplePeers.PhoneAndTrunk,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Applications/VoiceMailMain/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        (from way in OpenWays.Into(CallEntries.Of(pbx), static priority => priority.Is("VoiceMailMain") && CallArguments.Options(CallArguments.Split(priority.Arguments).ElementAtOrDefault(1)).ContainsKey('s'))
         let step = way.State.Way!.Step
         select new Fault(step.Priority.Place, $"context {Shown.Text(step.Context)}", $"{way.Entry.Who} comes into a mailbox, and is asked for no PIN{ToldCall.Kept(way.Shows)}")
         {
             Way = ToldCall.Way(way.State.Way!),
         }).DistinctBy(static fault => fault.Place);
}

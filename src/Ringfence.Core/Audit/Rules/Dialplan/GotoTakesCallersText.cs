using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>A comma in the caller's text leads a Goto to another context, or past a PIN.</summary>
internal static class GotoTakesCallersText
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1326",
        Name = "callers-text-in-goto",
        Severity = Severity.High,
        Why = "Goto and Gosub look for their commas when the variables are put in already. Where _8. does Goto(out,${EXTEN:1},1), who dials 800,3 comes to priority 3 of 00, behind the PIN that stands before it; where Goto has no context, what stands before his comma is one (measured on Asterisk 22: SIP brings commas in what is dialled and in names). A comma in an argument of Gosub moves those behind it, and a PIN among them is not asked for.",
        Fix = "Goto(out,${FILTER(0-9+*#,${EXTEN:1})},1): no comma passes. A pattern without a dot or exclamation mark takes no comma either.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => _8.,1,Goto(out,${EXTEN:1},1) ; here
            exten => _9.,1,Goto(${EXTEN:1},1) ; here
            exten => 100,1,GotoIf($["${CALLERID(num)}" = "101"]?out,${CALLERID(name)},1) ; here
             same => n,Hangup()
            exten => _7.,1,Gosub(paid,s,1(${EXTEN},4711)) ; here
            [paid]
            exten => s,1,Authenticate(${ARG2})
             same => n,Dial(PJSIP/${FILTER(0-9,${ARG1})}@trunk)
            [out]
            exten => _00X.,1,Authenticate(/etc/asterisk/pins)
             same => n,Set(TIMEOUT(absolute)=3600)
             same => n,Dial(PJSIP/${FILTER(0-9,${EXTEN})}@trunk)
            """ + ExamplePeers.PhoneAndTrunk,
        Good = """
            [phones]
            exten => _8.,1,Goto(out,${FILTER(0-9,${EXTEN:1})},1)
            exten => _9XXX,1,Goto(${EXTEN:1},1)
            exten => _7.,1,Goto(inside,${EXTEN:1},1)
            exten => _6X.,1,Goto(${EXTEN:1},1)
            exten => 100,1,Goto(${DB(where/to)},1)
            exten => _5XX,1,Gosub(paid,s,1(${EXTEN},4711))
            exten => _4.,1,Gosub(paid,s,1(${FILTER(0-9,${EXTEN})},4711))
            exten => _3.,1,Gosub(free,s,1(${EXTEN},4711))
            [paid]
            exten => s,1,Authenticate(${ARG2})
             same => n,Dial(PJSIP/${FILTER(0-9,${ARG1})}@trunk)
            [free]
            exten => s,1,NoOp()
            [inside]
            exten => _1XXX,1,NoOp()
             same => n,Dial(PJSIP/${EXTEN})
            [out]
            exten => _00X.,1,Authenticate(/etc/asterisk/pins)
             same => n,Set(TIMEOUT(absolute)=3600)
             same => n,Dial(PJSIP/${FILTER(0-9,${EXTEN})}@trunk)
            """ + ExamplePeers.PhoneAndTrunk,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Applications/Goto/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from found in CallEntries.Of(pbx).Injections().Where(static injection => injection.Into is InjectionKind.Target or InjectionKind.Arguments)
        let step = found.Way.Step
        select new Fault(step.Priority.Place, $"context {Shown.Text(step.Context)}",
            $"{Shown.Text(found.Application)} takes {(found.Example.StartsWith("${", StringComparison.Ordinal) ? $"the caller's own text as it is: a comma in {Shown.Text(found.Example)}" : $"what is dialled as it is: {Shown.Text(found.Example)}")} {(found.Into == InjectionKind.Target ? "leads where the caller chooses" : "moves the PIN behind it to another argument")}")
        {
            Way = ToldCall.Way(found.Way),
            Mend = step.Priority.Is("Goto") && ArgumentsEdit.Replace(pbx, step.Priority, DialTakesAnyText.Filtered(step.Priority.Arguments)) is { } edit && step.Priority.Arguments.Contains("${EXTEN", StringComparison.Ordinal)
                ? new Mend("let only the digits, + * and # of it through", edit)
                : null,
        };
}

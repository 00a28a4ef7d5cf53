using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>A comma in the caller's text leads a Goto to another context, or past a PIN; a bracket in it ends an option of Dial.</summary>
internal static class GotoTakesCallersText
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1326",
        Name = "callers-text-in-goto",
        Severity = Severity.High,
        Why = "Goto and Gosub look for their commas when the variables are put in already. Where _8. does Goto(out,${EXTEN:1},1), who dials 800,3 comes to priority 3 of 00, behind the PIN that stands before it; where Goto has no context, what stands before his comma is one (measured on Asterisk 22: SIP brings commas in what is dialled and in names). A comma in an argument of Gosub moves those behind it, and a PIN among them is not asked for. In the options of Dial a bracket ends the one in which the text stands, and G, U, b and their like behind it choose where the call goes on (measured: a caller number of x))G(internal^1^1 in b(headers^s^1(...))).",
        Fix = "Goto(out,${FILTER(0-9+*#,${EXTEN:1})},1): no comma passes, and in Dial's options no bracket. A pattern without a dot or exclamation mark takes neither.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => _8.,1,Goto(out,${EXTEN:1},1) ; here
            exten => _9.,1,Goto(${EXTEN:1},1) ; here
            exten => 100,1,GotoIf($["${CALLERID(num)}" = "101"]?out,${CALLERID(name)},1) ; here
             same => n,Hangup()
            exten => _7.,1,Gosub(paid,s,1(${EXTEN},4711)) ; here
            exten => 102,1,Dial(PJSIP/1001,20,b(headers^s^1(${CALLERID(num)}))) ; here
            exten => _6.,1,Dial(PJSIP/1001,20,tU(headers^${EXTEN:1})) ; here
            [from-trunk]
            exten => 320,1,Dial(PJSIP/1001,20,b(headers^s^1(${CALLERID(num)}))) ; here
            [headers]
            exten => s,1,Set(PJSIP_HEADER(add,X-From)=${ARG1})
             same => n,Return()
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
            exten => 102,1,Dial(PJSIP/1001,20,b(free^s^1(${FILTER(0-9+,${CALLERID(num)})})))
            exten => _2XX,1,Dial(PJSIP/1001,20,tU(free^${EXTEN}))
            exten => 103,1,Dial(PJSIP/1001,20,b(free^s^1(${CALLERID(num):0:3})))
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
        from found in CallEntries.Of(pbx).Injections().Where(static injection => injection.Into is InjectionKind.Target or InjectionKind.Arguments or InjectionKind.Options)
        let step = found.Way.Step
        let sign = found.Into == InjectionKind.Options ? "bracket" : "comma"
        select new Fault(step.Priority.Place, $"context {Shown.Text(step.Context)}",
            $"{Shown.Text(found.Application)} takes {(found.Example.StartsWith("${", StringComparison.Ordinal) ? $"the caller's own text as it is: a {sign} in {Shown.Text(found.Example)}" : $"what is dialled as it is: {Shown.Text(found.Example)}")} {(found.Into == InjectionKind.Arguments ? "moves the PIN behind it to another argument" : "leads where the caller chooses")}")
        {
            Way = ToldCall.Way(found.Way),
            Mend = step.Priority.Is("Goto") && ArgumentsEdit.Replace(pbx, step.Priority, DialTakesAnyText.Filtered(step.Priority.Arguments)) is { } edit && step.Priority.Arguments.Contains("${EXTEN", StringComparison.Ordinal)
                ? new Mend("let only the digits, + * and # of it through", edit)
                : null,
        };
}

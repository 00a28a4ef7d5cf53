using Ringfence.Core.Audit.Rules.Options;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>Text of the caller stands in an expression, which calls functions.</summary>
internal static class ExpressionTakesCallersText
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1329",
        Name = "callers-text-in-expression",
        Severity = Severity.High,
        // main/ast_expr2.y, op_func: "NAME(arguments)" in $[...] is a call of the function NAME. Measured on 22.10.1 with INVITEs, see MeasuredCallsTests and docs/rules.md.
        Why = "$[...] is read when the variables are put in already, and knows functions by their names alone. A caller with the name \" | SHELL(command) | \" ends the text in which his name stands, and Asterisk runs the command: measured on Asterisk 22 with GotoIf, ExecIf, While, Set and IF, with names, numbers, headers and what is dialled. live_dangerously = no does not hold it back.",
        Fix = "Compare what FILTER leaves of it: GotoIf($[\"${FILTER(a-zA-Z0-9,${CALLERID(name)})}\" = \"anonymous\"]?...), and of numbers FILTER(0-9+,...); or clean the text once, where calls come in: Set(CALLERID(name)=${FILTER(a-zA-Z0-9 ,${CALLERID(name)})}).",
        ExampleFile = "extensions.conf",
        Bad = """
            [from-trunk]
            exten => 4930123,1,GotoIf($["${CALLERID(name)}" = "anonymous"]?end) ; here
             same => n,Set(kind=${IF($["${PJSIP_HEADER(read,X-Kind)}" = "vip"]?vip:normal)})
             same => n,Dial(PJSIP/1001)
             same => n(end),Hangup()
            """ + ExamplePeers.Trunk,
        Good = """
            [from-trunk]
            exten => 4930123,1,GotoIf($["${FILTER(a-z,${CALLERID(name)})}" = "anonymous"]?end)
             same => n,GotoIf($[${LEN(${CALLERID(name)})} = 0]?end)
             same => n,GotoIf($[${DB_EXISTS(blocked/${CALLERID(num)})}]?end)
             same => n,GotoIf($["${CALLERID(name):0:3}" = "VIP"]?end)
             same => n,Set(CALLERID(name)=${FILTER(a-zA-Z0-9 ,${CALLERID(name)})})
             same => n,GotoIf($["${CALLERID(name)}" = "Boss"]?end)
             same => n,Dial(PJSIP/1001)
             same => n(end),Hangup()
            [phones]
            exten => _9XXX,1,GotoIf($["${EXTEN}" = "9000"]?end)
             same => n(end),Hangup()
            """ + ExamplePeers.PhoneAndTrunk,
        Reference = new Uri("https://github.com/asterisk/asterisk/blob/master/README-SERIOUSLY.bestpractices.md"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var generated = GeneratedFiles.Of(pbx, "extensions.conf");
        var entries = CallEntries.Of(pbx);
        var found = ((string Who, Severity Severity, IEnumerable<PlanInjection> All)[])
        [
            ("anybody", Severity.Critical, entries.Injections(entries.Strangers(), isIncoming: false)),
            ("who calls in through the provider", Severity.High, entries.Injections(entries.Incoming(), isIncoming: true)),
            ("who has a phone's password", Severity.High, entries.Injections(entries.Phones(), isIncoming: false)),
        ];
        // Nearly every dialplan compares such texts, and one that does has dozens of lines: told once, and once for those that a program writes.
        return from told in found.SelectMany(static callers => callers.All.Where(static injection => injection.Into == InjectionKind.Expression).Select(injection => (callers.Who, callers.Severity, Injection: injection)))
               group told by generated.Contains(told.Injection.Way.Step.Priority.Place.File) into those
               let worst = those.First()
               let places = those.Select(static told => told.Injection.Way.Step.Priority.Place).Distinct().ToList()
               select ManyPlaces.One(places, those.Key ? "FreePBX's dialplan" : $"context {Shown.Text(worst.Injection.Way.Step.Context)}",
                   $"{worst.Who} has functions of his own choice run, SHELL among them: {Shown.Text(worst.Injection.Example)} stands in $[...] as he writes it") with
               {
                   Severity = worst.Severity,
                   Mend = those.Key ? OwnContext.Mend(pbx) : null,
               };
    }
}

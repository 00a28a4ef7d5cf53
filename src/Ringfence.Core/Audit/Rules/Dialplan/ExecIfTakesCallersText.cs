using Ringfence.Core.Audit.Rules.Options;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>Text of the caller ends the application in ExecIf and names another.</summary>
internal static class ExecIfTakesCallersText
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1324",
        Name = "callers-text-in-execif",
        Severity = Severity.High,
        Why = "ExecIf looks for the colon before its second application when the variables are put in already: whoever calls with the name x):System(...) has that run where the condition does not hold (measured on Asterisk 22). With System he runs commands as the user of Asterisk.",
        Fix = "Put nothing of the caller into ExecIf: jump over a line of its own with GotoIf, or FILTER the text into a variable first.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => 100,1,ExecIf($["${CALLERID(num)}" = "anonymous"]?Set(NAME=${CALLERID(name)})) ; here
             same => n,Dial(PJSIP/1001)
            exten => _0.,1,ExecIf($["${DB(log/all)}" = "1"]?Log(NOTICE,${EXTEN})) ; here
            """ + ExamplePeers.Phone,
        Good = """
            [phones]
            exten => 100,1,GotoIf($["${CALLERID(num)}" != "anonymous"]?known)
             same => n,Set(NAME=${CALLERID(name)})
             same => n(known),Dial(PJSIP/1001)
            exten => _0XXX,1,ExecIf($["${DB(log/all)}" = "1"]?Log(NOTICE,${EXTEN}))
            exten => _1.,1,ExecIf($["${DB(log/all)}" = "1"]?Log(NOTICE,${FILTER(0-9,${EXTEN})}))
            exten => _2.,1,ExecIf($[1 = 1]?Log(NOTICE,${EXTEN}))
            exten => 300,1,ExecIf($["${CALLERID(name)}" = ""]?Set(CALLERID(name)=nobody))
            """ + ExamplePeers.Phone,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Applications/ExecIf/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        // What FreePBX writes its owner can't change, and it has such lines.
        var generated = GeneratedFiles.Of(pbx, "extensions.conf");
        return from found in CallEntries.Of(pbx).Injections().Where(static injection => injection.Into == InjectionKind.Application)
               let place = found.Way.Step.Priority.Place
               select new Fault(place, $"context {Shown.Text(found.Way.Step.Context)}", $"the caller's own text goes into {Shown.Text(found.Application)} as it is: {Shown.Text(found.Example)}")
               {
                   Severity = generated.Contains(place.File) ? Severity.Low : null,
                   Way = ToldCall.Way(found.Way),
               };
    }
}

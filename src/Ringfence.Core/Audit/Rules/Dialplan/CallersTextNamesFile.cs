using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>Text of the caller decides which file or function is written.</summary>
internal static class CallersTextNamesFile
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1325",
        Name = "callers-text-names-file",
        Severity = Severity.High,
        Why = "Set looks for its equals sign, and MSet for its commas, when the variables are put in already. With a name such as x)=text a caller who has a part in the name of a FILE writes any text into any file that Asterisk may write, with ../ into any folder; with a comma he adds an assignment of his own to MSet, FILE among them (measured on Asterisk 22). A file that the dialplan includes, or a script, is all that it takes.",
        Fix = "Name files by ${UNIQUEID}, or FILTER(0-9,...) the text first; write one Set for each variable in place of MSet.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => 100,1,Set(FILE(/tmp/${CALLERID(name)},,,al)=called) ; here
             same => n,MSet(name=${CALLERID(name)},tries=0) ; here
            exten => _7.,1,Set(FILE(/tmp/${EXTEN})=called) ; here
            """ + ExamplePeers.Phone,
        Good = """
            [phones]
            exten => 100,1,Set(FILE(/tmp/calls,,,al)=${CALLERID(name)})
             same => n,Set(name=${CALLERID(name)})
             same => n,MSet(number=${FILTER(0-9,${CALLERID(num)})},tries=0)
            exten => _7X,1,Set(FILE(/tmp/${EXTEN})=called)
            exten => _8.,1,Set(FILE(/tmp/${FILTER(0-9,${EXTEN})})=called)
            """ + ExamplePeers.Phone,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Functions/FILE/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from found in CallEntries.Of(pbx).Injections().Where(static injection => injection.Into is InjectionKind.File or InjectionKind.Assignment)
        select new Fault(found.Way.Step.Priority.Place, $"context {Shown.Text(found.Way.Step.Context)}",
            $"{Shown.Text(found.Example)} is the caller's text, and {(found.Into == InjectionKind.File ? "has a part in which file is written, and what" : $"behind a comma in it {(IsSwitch(found.Way.Step.Priority) ? "AEL's switch, which begins with MSet(~~EXTEN~~=${EXTEN})," : Shown.Text(found.Application))} sets what the caller likes")}")
        {
            Way = ToldCall.Way(found.Way),
            Mend = IsSwitch(found.Way.Step.Priority) ? new Mend("write the pattern without ! and . at its end, or hand on what FILTER leaves, Goto(checked,${FILTER(0-9,${EXTEN})},1);, and write the switch in the context checked") : null,
        };

    // As "dialplan show" has it of a switch in extensions.ael: no line of the file has an MSet.
    private static bool IsSwitch(PlanPriority priority) => priority.Is("MSet") && priority.Arguments.Contains("~~EXTEN~~", StringComparison.Ordinal);
}

using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>Text that was dialled begins another channel in Dial.</summary>
internal static class DialTakesAnyText
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1305",
        Name = "dialled-text-in-dial",
        Severity = Severity.High,
        Why = "A pattern with a dot takes more than digits: 9011972&PJSIP/1001 fits _X., since only the first character must be a digit. Put into Dial as it is, the caller names channels of his own, past every block.",
        Fix = "Refuse at the first line what is no number: GotoIf($[${LEN(${FILTER(0-9+*#,${EXTEN})})} != ${LEN(${EXTEN})}]?deny); or use a pattern without a dot. Who filters behind a block opens it: 0-049... becomes 0049...",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => _X.,1,Dial(PJSIP/${EXTEN}@trunk) ; here
            exten => _9XXXX,1,Dial(PJSIP/${EXTEN}@trunk)
            exten => _8.,1,Dial(PJSIP/${EXTEN:1:11}@trunk) ; here
            """ + ExamplePeers.PhoneAndTrunk,
        Good = """
            [phones]
            exten => _X.,1,Set(NUMBER=${FILTER(0-9,${EXTEN})})
             same => n,Dial(PJSIP/${NUMBER}@trunk)
            exten => _9XXXX,1,Dial(PJSIP/${EXTEN}@trunk)
            exten => _8.,1,Dial(PJSIP/${EXTEN:1:4}@trunk)
            exten => _0.,1,ExecIf($[${LEN(${FILTER(0-9+*#,${EXTEN})})} = ${LEN(${EXTEN})}]?Dial(PJSIP/${EXTEN}@trunk))
            """ + ExamplePeers.PhoneAndTrunk,
        Reference = new Uri("https://github.com/asterisk/asterisk/blob/master/README-SERIOUSLY.bestpractices.md"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from found in CallEntries.Of(pbx).Injections().Where(static injection => injection.Into == InjectionKind.Dial)
        select new Fault(found.Way.Step.Priority.Place, $"context {Shown.Text(found.Way.Step.Context)}",
            $"what is dialled goes into {Shown.Text(found.Application)} as it is: {Shown.Text(found.Example)} calls a channel of the caller's own choice")
        {
            Way = ToldCall.Way(found.Way),
            Mend = Mend(pbx, found.Way.Step),
        };

    // Only what is a number is dialled. To take the other characters out would make 0-049... of what no block was written for, a call abroad (measured): it is refused as a whole.
    // By length: a quotation mark in the number would end a text that is compared.
    private static Mend? Mend(PbxSnapshot pbx, CallStep step) =>
        step.Priority.Is("Dial") && step.Priority.Arguments.Contains("${EXTEN", StringComparison.Ordinal)
        && step.Extension is ['_', (>= '0' and <= '9') or 'X' or 'x' or 'N' or 'n' or 'Z' or 'z' or '+', ..]
        && ArgumentsEdit.ReplaceCall(pbx, step.Priority, $"ExecIf($[${{LEN(${{FILTER(0-9+*#,${{EXTEN}})}})}} = ${{LEN(${{EXTEN}})}}]?{step.Priority.Application}({step.Priority.Arguments}))") is { } edit
            ? new Mend("dial only what is a number from end to end", edit)
            : null;
}

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
        Fix = "Dial ${FILTER(0-9+*#,${EXTEN})}: nothing else passes. Where some numbers are blocked before, send what is left through the block again, with Goto(${FILTER(0-9+*#,${EXTEN})},1) from a pattern of its own: 0-049... becomes 0049... To compare ${LEN(${EXTEN})} or ${REGEX(\"^[0-9]+$\" ${EXTEN})} keeps nobody out: a bracket in the number ends the function, a quotation mark a text in $[...], and ExecIf runs what stands behind a colon. In FreePBX write the dial patterns of outbound routes without a dot.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => _X.,1,Dial(PJSIP/${EXTEN}@trunk) ; here
            exten => _9XXXX,1,Dial(PJSIP/${EXTEN}@trunk)
            exten => _8.,1,Dial(PJSIP/${EXTEN:1:11}@trunk) ; here
            exten => _0.,1,GotoIf($[${LEN(${FILTER(0-9+*#,${EXTEN})})} != ${LEN(${EXTEN})}]?no)
             same => n,Dial(PJSIP/${EXTEN}@trunk) ; here
             same => n(no),Hangup()
            exten => _2.,1,GotoIf($[${REGEX("^[0-9]+$" ${EXTEN})} = 0]?no)
             same => n,Dial(PJSIP/${EXTEN}@trunk) ; here
             same => n(no),Hangup()
            exten => _3.,1,GotoIf($["${FILTER(0-9,${EXTEN})}" != "${EXTEN}"]?no)
             same => n,Dial(PJSIP/${EXTEN}@trunk) ; here
             same => n(no),Hangup()
            """ + ExamplePeers.PhoneAndTrunk,
        Good = """
            [phones]
            exten => _X.,1,Set(NUMBER=${FILTER(0-9,${EXTEN})})
             same => n,Dial(PJSIP/${NUMBER}@trunk)
            exten => _9XXXX,1,Dial(PJSIP/${EXTEN}@trunk)
            exten => _8.,1,Dial(PJSIP/${EXTEN:1:4}@trunk)
            exten => _0.,1,Dial(PJSIP/${FILTER(0-9+*#,${EXTEN})}@trunk)
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

    // What FILTER leaves has no mark of another channel in it, whatever ends its own arguments early (measured: 801):X&Local/...). To refuse instead would need a comparison, and every one that takes the text itself can be
    // ended by it: a bracket ends LEN and REGEX, a quotation mark a text in $[...], and ExecIf and GotoIf split what they are given behind the substitution.
    private static Mend? Mend(PbxSnapshot pbx, CallStep step) =>
        step.Priority.Is("Dial") && step.Extension is ['_', (>= '0' and <= '9') or 'X' or 'x' or 'N' or 'n' or 'Z' or 'z' or '+', ..]
        && ArgumentsEdit.Replace(pbx, step.Priority, Filtered(step.Priority.Arguments)) is { } edit
            ? new Mend("dial only the digits, + * and # of it", edit)
            : null;

    // Each ${EXTEN} and ${EXTEN:1} that no function takes.
    public static string Filtered(string arguments)
    {
        var text = new System.Text.StringBuilder();
        for (var at = 0; at < arguments.Length; at++)
        {
            if (TextParts.EndOfPart(arguments, at) is not { } end)
            {
                text.Append(arguments[at]);
                continue;
            }

            var part = arguments[at..end];
            text.Append(part.StartsWith("${EXTEN}", StringComparison.Ordinal) || part.StartsWith("${EXTEN:", StringComparison.Ordinal) ? $"${{FILTER(0-9+*#,{part})}}" : part);
            at = end - 1;
        }

        return text.ToString();
    }
}

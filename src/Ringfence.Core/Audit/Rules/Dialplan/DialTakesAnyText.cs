using System.Text;
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
        Fix = "Write Set(NUMBER=${FILTER(0-9+*#,${EXTEN})}) first and dial ${NUMBER}, or use a pattern without a dot.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => _X.,1,Dial(PJSIP/${EXTEN}@trunk) ; here
            exten => _9XXXX,1,Dial(PJSIP/${EXTEN}@trunk)
            """ + ExamplePeers.PhoneAndTrunk,
        Good = """
            [phones]
            exten => _X.,1,Set(NUMBER=${FILTER(0-9,${EXTEN})})
             same => n,Dial(PJSIP/${NUMBER}@trunk)
            exten => _9XXXX,1,Dial(PJSIP/${EXTEN}@trunk)
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
            Way = CallEntries.Way(found.Way),
            Mend = Mend(pbx, found.Way.Step),
        };

    // Where a pattern begins with a digit no name is dialled, and what is filtered away was no part of a number.
    private static Mend? Mend(PbxSnapshot pbx, CallStep step) =>
        step.Extension is ['_', (>= '0' and <= '9') or 'X' or 'x' or 'N' or 'n' or 'Z' or 'z' or '+', ..]
        && ArgumentsEdit.Replace(pbx, step.Priority, Filtered(step.Priority.Arguments)) is { } edit
            ? new Mend("dial only the digits of what was dialled", edit)
            : null;

    // ${EXTEN}, ${EXTEN:1} and ${EXTEN:1:4}; not where it stands inside of a function already.
    private static string Filtered(string arguments)
    {
        var text = new StringBuilder();
        for (var at = 0; at < arguments.Length; at++)
        {
            if (TextParts.EndOfPart(arguments, at) is not { } end)
            {
                text.Append(arguments[at]);
                continue;
            }

            var part = arguments[at..end];
            var isDialled = part == "${EXTEN}" || (part.StartsWith("${EXTEN:", StringComparison.Ordinal) && part["${EXTEN:".Length..^1].All(static c => char.IsAsciiDigit(c) || c is ':' or '-'));
            text.Append(isDialled ? $"${{FILTER(0-9+*#,{part})}}" : part);
            at = end - 1;
        }

        return text.ToString();
    }
}

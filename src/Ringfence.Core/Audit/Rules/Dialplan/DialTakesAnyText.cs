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
            ;;; pjsip.conf
            [1001]
            type = endpoint
            context = phones
            [trunk]
            type = endpoint
            context = from-trunk
            aors = trunk
            [trunk]
            type = aor
            contact = sip:203.0.113.10
            [trunk]
            type = identify
            endpoint = trunk
            match = 203.0.113.10
            """,
        Good = """
            [phones]
            exten => _X.,1,Set(NUMBER=${FILTER(0-9,${EXTEN})})
             same => n,Dial(PJSIP/${NUMBER}@trunk)
            exten => _9XXXX,1,Dial(PJSIP/${EXTEN}@trunk)
            ;;; pjsip.conf
            [1001]
            type = endpoint
            context = phones
            [trunk]
            type = endpoint
            context = from-trunk
            aors = trunk
            [trunk]
            type = aor
            contact = sip:203.0.113.10
            [trunk]
            type = identify
            endpoint = trunk
            match = 203.0.113.10
            """,
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

    // ${EXTEN}, ${EXTEN:1}, ${EXTEN:-4:2} and no other of its forms.
    private static string Filtered(string arguments)
    {
        const string Start = "${EXTEN";
        var filtered = new System.Text.StringBuilder();
        var rest = arguments.AsSpan();
        while (rest.IndexOf(Start, StringComparison.Ordinal) is >= 0 and var at)
        {
            var end = rest[at..].IndexOf('}');
            var numbers = end < 0 ? [] : rest[(at + Start.Length)..(at + end)].ToString().Split(':');
            var isPlain = numbers is ["", ..] and { Length: <= 3 } && numbers.Skip(1).All(static number => (number.StartsWith('-') ? number[1..] : number) is { Length: > 0 } digits && digits.All(char.IsAsciiDigit));
            var length = isPlain ? at + end + 1 : at + Start.Length;
            filtered.Append(rest[..at]).Append(isPlain ? $"${{FILTER(0-9+*#,{rest[at..length]})}}" : rest[at..length].ToString());
            rest = rest[length..];
        }

        return filtered.Append(rest).ToString();
    }
}

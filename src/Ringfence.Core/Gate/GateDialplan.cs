using System.Globalization;
using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Numbers;

namespace Ringfence.Core.Gate;

/// <summary>The dialplan that asks the gate before a call leaves, and decides by itself where nobody answers.</summary>
/// <remarks>
/// What is dialled is the caller's text: nothing of it goes on before it is known to hold nothing but digits, * # and +. AGI() waits for an answer for ever, so the channel's own limit
/// (TIMEOUT(absolute)) ends it, and Asterisk goes on at T of the context that it is in (Asterisk 22.10, __ast_pbx_run). AGIEXITONHANGUP makes AGI() let go of a connection that is dead.
/// </remarks>
internal static class GateDialplan
{
    /// <summary>The application that plays what announce of [gate] names.</summary>
    public const string Announce = "Playback(";

    /// <summary>What a number may be made of.</summary>
    private const string Clean = "0-9*#+";

    private const string Number = "RINGFENCE_NUMBER";

    /// <param name="listen">Where Asterisk finds the gate.</param>
    /// <param name="freePbx">With the hook of FreePBX 17 before each call to a trunk.</param>
    public static string Text(GateSettings settings, string listen, DiallingRules rules, NumberPlans plans, bool freePbx)
    {
        var text = new StringBuilder($"""
            ; Asks Ringfence before a call leaves (docs/gate.md). Written by `ringfence calls gate --print{(freePbx ? " --freepbx" : "")}` for {rules.Home.Region}{Lines(rules)}: print it again when [calls] or [gate] changes.

            """);
        text.Append(freePbx ? FreePbx : Plain(rules)).Append(Gate(settings, listen, rules, freePbx));
        text.Append("""

            ; Emergency calls wait for nobody.
            [ringfence-emergency]

            """);
        foreach (var number in EmergencyNumbers(settings, rules))
        {
            text.Append(CultureInfo.InvariantCulture, $"exten => {number},1,NoOp()\n");
        }

        text.Append("""

            ; What may be called while the gate does not answer.
            [ringfence-alone]

            """);
        foreach (var pattern in Alone(settings.Fail, rules, plans))
        {
            text.Append(CultureInfo.InvariantCulture, $"exten => {pattern},1,NoOp()\n");
        }

        return text.ToString();
    }

    /// <summary>As they are dialled, with and without the digit for an outside line.</summary>
    public static IReadOnlyList<string> EmergencyNumbers(GateSettings settings, DiallingRules rules) =>
        [.. rules.Home.Emergency.Concat(settings.Emergency).SelectMany(number => rules.OutsideLines.Prepend("").Select(line => line + number)).Distinct(StringComparer.Ordinal)];

    /// <summary>What the gate is asked about and what Dial sends are one number, written in two ways: with the digit for an outside line, with +49 in place of 0.</summary>
    public static bool IsSame(string asked, string called, DiallingRules rules, NumberPlans plans) =>
        rules.OutsideLines.Any(line => asked == line + called) || (rules.Read(called, plans, toTrunk: true).ToString() is var sent && (rules.Read(asked, plans).ToString() == sent || rules.Read(asked, plans, toTrunk: true).ToString() == sent));

    private static IReadOnlyList<string> Alone(GateFail fail, DiallingRules rules, NumberPlans plans) => fail switch
    {
        GateFail.Open => ["_[0-9*#+]!"],
        GateFail.Closed => [],
        _ => HomeNumbers.Patterns(rules, plans),
    };

    private static string Lines(DiallingRules rules) => rules.OutsideLines.Count == 0 ? "" : $" with {string.Join(" and ", rules.OutsideLines)} for an outside line";

    // Of PBXs of the operator's own. A name that means something in an expression is left to the gate.
    private static IEnumerable<string> Inside(DiallingRules rules) => rules.InsideTrunks.Where(static trunk => trunk.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'));

    // A first digit is cut off where people dial one for an outside line, and nowhere else.
    private static string Plain(DiallingRules rules) => $$"""
        ; Before each Dial() to a trunk:
        ;   same => n,Set(RINGFENCE_NUMBER=${EXTEN{{(rules.OutsideLines.Count == 0 ? "" : $":{rules.OutsideLines[0].Length}")}}})
        ;   same => n,Gosub(ringfence-gate,s,1(NAME-OF-THE-TRUNK))
        ;   same => n,Dial(PJSIP/${FILTER(0-9*#+,${RINGFENCE_NUMBER})}@NAME-OF-THE-TRUNK)
        ; A call that may not leave does not come back from there.

        """;

    // Asterisk reads extensions_custom.conf before FreePBX's own empty context of that name, whose "s" is then one too many (a warning) and not used.
    private const string FreePbx = """
        ; Into /etc/asterisk/extensions_custom.conf, by #include or as it is. FreePBX 17 runs it by Gosub before each call to a trunk.
        [macro-dialout-trunk-predial-hook]
        exten => s,1,Set(RINGFENCE_NUMBER=${DIAL_NUMBER})
         same => n,Set(RINGFENCE_SENT=${OUTNUM})
         same => n,Gosub(ringfence-gate,s,1(${OUT_${DIAL_TRUNK}_SUFFIX:1}))
         same => n,Return()

        """;

    private static string Gate(GateSettings settings, string listen, DiallingRules rules, bool freePbx)
    {
        var timeout = settings.Timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        string[] arguments =
        [
            GateCall.Version, "${FILTER(0-9A-Za-z.\\x2d,${UNIQUEID})}", "${FILTER(0-9A-Za-z/._@\\x2d,${CHANNEL})}", $"${{{Number}}}", "${FILTER(" + Clean + ",${RINGFENCE_SENT})}",
            "${FILTER(0-9A-Za-z._\\x2d,${ARG1})}", "${FILTER(0-9A-Za-z._\\x2d,${AMPUSER})}", "${FILTER(0-9+,${FROM_DID})}", "${FILTER(0-9+,${CALLERID(num)})}", "${FILTER(0-9A-Za-z._\\x2d,${CHANNEL(accountcode)})}",
            "${RINGFENCE_NONCE}",
        ];
        List<string> lines =
        [
            "",
            "[ringfence-gate]",
            $"exten => s,1,GotoIf($[${{LEN(${{{Number}}})}} > 0 & ${{LEN(${{{Number}}})}} = ${{LEN(${{FILTER({Clean},${{{Number}}})}})}}]?clean)",
            " same => n,Hangup(28)",
            $" same => n(clean),Set({Number}=${{FILTER({Clean},${{{Number}}})}})",
            $" same => n,GotoIf(${{DIALPLAN_EXISTS(ringfence-emergency,${{{Number}}},1)}}?answered,leave)",
            " same => n,Set(RINGFENCE_VERDICT=)",
            " same => n,Set(RINGFENCE_SECONDS=0)",
            " same => n,Set(RINGFENCE_CAUSE=21)",
            " same => n,Set(RINGFENCE_WHY=)",
            " same => n,Set(AGIEXITONHANGUP=yes)",
            " same => n,Set(RINGFENCE_NONCE=${RAND(100000000,999999999)})",
            " same => n,Set(RINGFENCE_LIMIT=${TIMEOUT(absolute)})",
            $" same => n,Set(TIMEOUT(absolute)={timeout})",
            $" same => n,AGI(agi://{listen}/gate/${{RINGFENCE_NONCE}},{string.Join(',', arguments)})",
            " same => n,Goto(answered,1)",
            "",
            "; Nobody answered in time.",
            "exten => T,1,Goto(answered,1)",
            "",
            "; A limit that the channel had before stays, where the gate's is no shorter.",
            "exten => answered,1,Set(TIMEOUT(absolute)=${RINGFENCE_LIMIT})",
            " same => n,Set(AGIEXITONHANGUP=)",
            $" same => n,GotoIf($[\"${{RINGFENCE_VERDICT}}\" = \"deny\"]?ringfence-denied,${{{Number}}},1)",
            " same => n,GotoIf($[\"${RINGFENCE_VERDICT}\" != \"allow\"]?alone)",
            " same => n,GotoIf($[${RINGFENCE_SECONDS} = 0 | (${RINGFENCE_LIMIT} > 0 & ${RINGFENCE_LIMIT} < ${RINGFENCE_SECONDS})]?leave)",
            " same => n,Set(TIMEOUT(absolute)=${RINGFENCE_SECONDS})",
            " same => n(leave),Return()",
            " same => n(alone),Set(RINGFENCE_WHY=the gate does not answer)",
            .. Inside(rules).Select(static trunk => $" same => n,GotoIf($[\"${{ARG1}}\" = \"{trunk}\"]?leave)"),
            $" same => n,GotoIf(${{DIALPLAN_EXISTS(ringfence-alone,${{{Number}}},1)}}?leave:ringfence-denied,${{{Number}}},1)",
        ];
        if (freePbx)
        {
            lines.Add("exten => h,1,Gosub(macro-hangupcall,s,1())");
        }

        lines.AddRange(
        [
            "",
            "; A call that may not leave ends here, with its number and why. Asterisk writes a CDR of it where cdr.conf has unanswered = yes (and loguserfield = yes in [csv]): docs/gate.md.",
            "[ringfence-denied]",
            $"exten => _[{Clean}]!,1,Set(CDR(userfield)=${{FILTER(0-9A-Za-z :.\\x2d,${{RINGFENCE_WHY}})}})",
        ]);
        if (settings.Announce.Length > 0)
        {
            lines.Add($" same => n,{Announce}{settings.Announce},noanswer)");
        }

        lines.Add(" same => n,Hangup(${FILTER(0-9,${RINGFENCE_CAUSE})})");
        if (freePbx)
        {
            lines.Add("exten => h,1,Gosub(macro-hangupcall,s,1())");
        }

        return string.Join('\n', lines) + "\n";
    }
}

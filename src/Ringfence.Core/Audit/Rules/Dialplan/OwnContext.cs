using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>What an owner can do about lines that FreePBX writes: a context before them that cleans the caller's texts.</summary>
internal static class OwnContext
{
    private const string Name = "from-trunk-checked";

    // Measured on 22.10.1 with INVITEs. FILTER takes \x80-\xff, written with one backslash, and leaves "Weiß-Bauer" and "Żółć" whole; of x):System(id) and " | SHELL(id) | " it leaves letters.
    // A call without a number comes to s, one of a single digit only to a pattern with !, and a number with %2c in it past priority 1 where EXTEN stands in Goto as it came.
    private static readonly IReadOnlyList<string> Clean =
    [
        "Set(CALLERID(num)=${FILTER(0-9+,${CALLERID(num)})})",
        "Set(CALLERID(name)=${FILTER(a-zA-Z0-9 .\\-\\x80-\\xff,${CALLERID(name)})})",
    ];

    public static Mend Mend(PbxSnapshot pbx)
    {
        var isThere = Plan.Of(pbx).Contexts.Any(static context => context.Name == Name);
        return new Mend(
            "in FreePBX: Settings > Asterisk SIP Settings > Allow Anonymous Inbound SIP Calls: No, and Allow SIP Guests: No; "
            + $"{(isThere ? "the context" : "a context of your own in extensions_custom.conf, as below,")} {Name} that hands on what FILTER leaves of the caller's number, his name and the dialled number; then {Name} as Context at each trunk, and Apply Config",
            isThere ? [] : [new AppendLines("extensions_custom.conf", [$"[{Name}]", .. Lines("_[+0-9]!", "${FILTER(0-9+,${EXTEN})}"), .. Lines("s", "s")])])
        {
            NeedsConsent = true,
        };
    }

    private static IEnumerable<string> Lines(string pattern, string target) =>
        [$"exten => {pattern},1,{Clean[0]}", $" same => n,{Clean[1]}", $" same => n,Goto(from-trunk,{target},1)"];
}

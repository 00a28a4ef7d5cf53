namespace Ringfence.Core.Dialplan;

/// <summary>
/// What is one thing today and another tomorrow, whoever calls: how many lines are in use, how the last Dial ended. A condition on that alone keeps nobody out: both ways are open.
/// </summary>
internal static class PbxStates
{
    // A flag in a database is not among them: it may have been set once and for all.
    private static readonly string[] Functions =
        ["GROUP_COUNT", "GROUP_MATCH_COUNT", "DEVICE_STATE", "EXTENSION_STATE", "CHANNELS", "STRFTIME", "RAND", "QUEUE_MEMBER", "QUEUE_WAITING_COUNT", "QUEUE_MEMBER_COUNT", "QUEUE_VARIABLES", "IFTIME", "TESTTIME", "CDR", "CALENDAR_BUSY"];

    private static readonly string[] Variables =
    [
        "DIALSTATUS", "HANGUPCAUSE", "ANSWEREDTIME", "DIALEDTIME", "AVAILSTATUS", "AVAILORIGCHAN", "VMSTATUS", "QUEUESTATUS", "PLAYBACKSTATUS", "BACKGROUNDSTATUS", "SYSTEMSTATUS", "TRYSTATUS",
        "EPOCH", "DATETIME", "TIMESTAMP", "UNIQUEID", "CONFBRIDGE_RESULT", "PAGESTATUS", "ORIGINATE_RESPONSE", "READSTATUS",
        // FreePBX: what a hook of the administrator's own said.
        "PREDIAL_HOOK_RET",
    ];

    // Parts within parts are looked at again for each: nobody writes more.
    private const int MostCharacters = 1_000;

    /// <summary>Of all that is not known in the condition each is such a state.</summary>
    public static bool Decide(string condition, CallTexts texts)
    {
        if (condition.Length > MostCharacters)
        {
            return false;
        }

        var isOne = false;
        for (var at = 0; at < condition.Length; at++)
        {
            if (TextParts.EndOfPart(condition, at) is not { } end)
            {
                continue;
            }

            var part = condition[at..end];
            if (part.StartsWith("$[", StringComparison.Ordinal))
            {
                if (Decide(TextParts.Inside(part), texts))
                {
                    isOne = true;
                }
                else if (part.Contains("${", StringComparison.Ordinal) && !IsKnown(texts.Substitute(part)))
                {
                    return false;
                }
            }
            else
            {
                var text = texts.Substitute(part);
                if (IsState(text))
                {
                    isOne = true;
                }
                else if (!IsKnown(text))
                {
                    return false;
                }
            }

            at = end - 1;
        }

        return isOne;
    }

    private static bool IsKnown(SymbolicText text) => text is ConstantText || text.IsFollowed;

    /// <summary>Applications set it anew, whatever a line gave it.</summary>
    public static bool IsVariable(string name) => Array.Exists(Variables, variable => variable == name);

    public static bool IsState(SymbolicText text) => text is UnknownText { IsState: true };

    /// <param name="written">"${GROUP_COUNT(out)}"</param>
    public static bool IsState(string written) =>
        written is ['$', '{', .. var inner] && (Variables.Contains(inner.TrimEnd('}'), StringComparer.Ordinal)
            || Functions.Any(function => inner.StartsWith(function + "(", StringComparison.Ordinal))
            || (FreePbxFamilies.Any(family => inner.StartsWith(family, StringComparison.Ordinal)) && !inner.Contains("/pinless", StringComparison.Ordinal)));

    // What FreePBX keeps of a user, his device and a trunk: names, recording, call waiting, language. None of it keeps him from calling out; "pinless" is asked where a PIN is.
    private static readonly string[] FreePbxFamilies = ["DB(AMPUSER/", "DB_EXISTS(AMPUSER/", "DB(DEVICE/", "DB_EXISTS(DEVICE/", "DB(TRUNK/", "DB_EXISTS(TRUNK/", "DB(CW/", "DB(CF/", "DB(CFB/", "DB(CFU/", "DB(DND/"];
}

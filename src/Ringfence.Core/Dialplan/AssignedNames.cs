namespace Ringfence.Core.Dialplan;

/// <summary>Variables that may hold something although no line on a call's way gave it to them.</summary>
internal sealed class AssignedNames
{
    // What Asterisk 16 to 22 set on a channel, or answer to: names that begin so (the variables of the XML documentation and of pbx_builtin_setvar_helper in the sources).
    private static readonly string[] Asterisks =
    [
        "ABANDONED", "ACCOUNTCODE", "AGENT", "AGI", "ALARMRECEIVER", "AMD", "ANI", "ANSWEREDTIME", "AOCD", "AQM", "ARG", "AST", "ATTENDEDTRANSFER", "AUTH", "AUTO_MONITOR", "AVAIL", "BACKGROUND", "BLINDTRANSFER", "BRIDGE", "CALENDAR",
        "CALLED", "CALLER", "CALLING", "CALLTYPE", "CALL_QUALIFIER", "CC_", "CDR", "CHAN", "COMMIT", "CONF", "CONTEXT", "CPLAYBACK", "CURL", "CUT", "DAHDI", "DB_", "DEST", "DIALED", "DIALSTATUS", "DIFF_DAY", "DIRECTORY", "DISA", "DNID",
        "DUNDI", "DYNAMIC", "ENTITYID", "ENUM", "ENV", "EPOCH", "ERROR", "EXTEN", "FAX", "FEATURE", "FORWARD", "GEOLOC", "GOSUB", "HANGUPCAUSE", "HASH", "HINT", "HOST", "IAX", "INVALID", "LANGUAGE", "LIMIT_", "LOCAL", "MACRO", "MAX_OVERFLOW",
        "MEETME", "MEMBER", "MESSAGE", "MFCR2", "MISDN", "MIXMONITOR", "MONITOR", "MORSE", "MVM", "MYSQL", "ODBC", "ORIG", "OSP", "PARK", "PEER", "PJSIP", "PLAYBACK", "PQM", "PRI", "PROGRESSTIME", "QUEUE", "RDNIS", "READ", "REASON", "RECEIVE",
        "RECORD", "REDIRECT", "RELOAD", "REMOTE", "RINGTIME", "ROLLBACK", "RQM", "RTP", "RTSTOREID", "SEND", "SIGNAL", "SIP", "SLA", "SMDI", "SMS", "SPY", "SRV", "SS7", "STASIS", "SYSTEM", "TALK", "TEST", "TIMEOUT", "TIMESTAMP", "TONESCAN",
        "TOUCH", "TRANSFER", "TRY", "TXTCIDNAME", "UNICAST", "UNIQUE", "UPQM", "USER", "VALUE", "VM", "VOICEMAIL", "WAIT", "ZAPATELLER", "DATETIME",
    ];

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _begins = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _known = new(StringComparer.Ordinal);

    /// <param name="given">Those that peers' sections set.</param>
    public AssignedNames(Plan plan, IEnumerable<string> given)
    {
        _names.UnionWith(given);
        _names.UnionWith(plan.Globals.Keys);
        foreach (var priority in plan.Contexts.SelectMany(static context => context.Extensions).SelectMany(static extension => extension.Priorities))
        {
            Add(priority);
        }
    }

    /// <summary>Where no line on the way did, something else may have: Asterisk, an endpoint, a global, an application that is not followed.</summary>
    public bool Contains(string name)
    {
        if (!_known.TryGetValue(name, out var isIn))
        {
            _known[name] = isIn = IsIn(name);
        }

        return isIn;
    }

    private bool IsIn(string name) =>
        _names.Contains(name) || _begins.Any(begin => name.StartsWith(begin, StringComparison.Ordinal)) || Array.Exists(Asterisks, begin => name.StartsWith(begin, StringComparison.OrdinalIgnoreCase));

    private void Add(PlanPriority priority)
    {
        if (priority.Is("Set") || priority.Is("MSet"))
        {
            Target(priority.Arguments);
        }
        else if (IsReader(priority.Application) && !(priority.Is("Read") || priority.Is("ReadExten")))
        {
            _names.UnionWith(Words(priority.Arguments));
        }

        foreach (var before in (string[])["Set(", "Read("])
        {
            for (var at = priority.Arguments.IndexOf(before, StringComparison.OrdinalIgnoreCase); at >= 0; at = priority.Arguments.IndexOf(before, at + 1, StringComparison.OrdinalIgnoreCase))
            {
                Target(priority.Arguments[(at + before.Length)..]);
            }
        }
    }

    private static bool IsReader(string application) =>
        ((string[])["Read", "ImportVar", "Parse", "MYSQL", "Set", "Lookup"]).Any(part => application.Contains(part, StringComparison.OrdinalIgnoreCase));

    // GLOBAL(NAME)=..., or a name that is put together: PRE_${X}=...
    private void Target(string assignment)
    {
        var target = CallArguments.Cut(assignment, '=').First.Trim().TrimStart('_');
        if (target.StartsWith("GLOBAL(", StringComparison.OrdinalIgnoreCase))
        {
            target = target["GLOBAL(".Length..].TrimEnd(')');
            _names.Add(target);
        }

        if (FunctionText.Split(target) is ("PUSH" or "UNSHIFT" or "ARRAY" or "EXPORT", var changed, _))
        {
            _names.UnionWith(changed.Split(','));
        }

        if (target.IndexOf("${", StringComparison.Ordinal) is >= 0 and var put)
        {
            _begins.Add(target[..put]);
        }
    }

    // Those that are not only looked at: ${NAME}.
    private static IEnumerable<string> Words(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var start = at;
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
            {
                at++;
            }

            if (at > start && !(start >= 2 && text[start - 1] == '{' && text[start - 2] == '$'))
            {
                yield return text[start..at].TrimStart('_');
            }

            at = Math.Max(at, start + 1);
        }
    }
}

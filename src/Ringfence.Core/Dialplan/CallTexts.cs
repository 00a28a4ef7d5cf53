using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Ringfence.Core.Dialplan;

/// <summary>What variables hold at one point of a call.</summary>
/// <param name="Variables">Set on the way here.</param>
/// <param name="Globals">[globals], without those that something in the dialplan sets; null: not read.</param>
internal sealed record CallTexts(string Context, SymbolicText Extension, int Priority, ImmutableSortedDictionary<string, SymbolicText> Variables, IReadOnlyDictionary<string, string?> Globals)
{
    /// <summary>Whether a variable is empty that no line on the way set; null: nothing is known of such ones.</summary>
    public Func<string, bool>? IsEmptyUnlessSet { get; init; }

    /// <summary>What no line on the way set is taken to be empty, and not to be unknown.</summary>
    public bool UnsetIsEmpty { get; init; }

    /// <summary>What each part of the caller is (<see cref="ShownText.Part"/>); null: that is not known.</summary>
    public Func<string, SymbolicText?>? Shows { get; init; }

    /// <summary>Where DIALPLAN_EXISTS looks; null: it is not known what exists.</summary>
    public Plan? Plan { get; init; }

    private const int MaxDepth = 15;

    /// <summary>So deep in other texts this one stands: the condition of an IF() is one of its own.</summary>
    public int Depth { get; init; }

    /// <summary>The same, one deeper; null: that is deeper than Asterisk goes.</summary>
    public CallTexts? Deeper => Depth < MaxDepth ? this with { Depth = Depth + 1 } : null;

    // A line of Asterisk has 4,096 characters when all is put in (EXT_DATA_SIZE of main/pbx.c is 8,192 since 13).
    private const int MostKnown = 8_192;

    // What takes arguments apart: an ampersand is looked for behind the substitution everywhere.
    private static readonly SearchValues<char> Separators = SearchValues.Create(",()?:=^");

    /// <summary>Variables and expressions put in, as Asterisk does before it calls an application.</summary>
    /// <remarks>main/pbx_variables.c, pbx_substitute_variables_helper_full_location.</remarks>
    public SymbolicText Substitute(string text) => Substitute(text, Depth);

    private SymbolicText Substitute(string text, int depth)
    {
        var parts = new List<SymbolicText>();
        var plain = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (TextParts.EndOfPart(text, at) is not { } end)
            {
                continue;
            }

            parts.Add(new ConstantText(text[plain..at]));
            // Each may look into its own parts more than once, and fifteen deep that is a second for one line.
            LanguageWork.Spend(depth);
            var inner = TextParts.Inside(text[at..end]);
            parts.Add(depth >= MaxDepth ? new UnknownText(text[at..end], TextOrigins.Elsewhere)
                : text[at + 1] == '{' ? Variable(inner, depth + 1)
                : Arithmetic(inner, text[at..end], depth + 1));
            plain = end;
            at = end - 1;
        }

        parts.Add(new ConstantText(text[plain..]));
        return SymbolicText.Join(parts);
    }

    /// <summary>
    /// The line's arguments with what is known of its variables put in, where that holds a separator: Asterisk takes apart what it has when all is put in, and Gosub(${v}) with v=out,s,1 goes out (measured).
    /// </summary>
    public string Known(string arguments)
    {
        if (!arguments.Contains("${", StringComparison.Ordinal))
        {
            return arguments;
        }

        var known = new StringBuilder();
        var plain = 0;
        for (var at = 0; at < arguments.Length && known.Length <= MostKnown; at++)
        {
            if (TextParts.EndOfPart(arguments, at) is not { } end)
            {
                continue;
            }

            if (arguments[at + 1] == '{' && Substitute(arguments[at..end]).Constant is { } constant && constant.AsSpan().ContainsAny(Separators) && !constant.Contains('$', StringComparison.Ordinal))
            {
                known.Append(arguments, plain, at - plain).Append(constant);
                plain = end;
            }

            at = end - 1;
        }

        return plain == 0 || known.Length > MostKnown ? arguments : known.Append(arguments, plain, arguments.Length - plain).ToString();
    }

    /// <summary>The same for a channel or a place to go to: where nothing is left of it but variables that no line set, it is not known.</summary>
    public SymbolicText Target(string text) =>
        Substitute(text) is { Constant: "" } empty ? UnsetIsEmpty && text.Length > 0 ? (this with { UnsetIsEmpty = false }).Substitute(text) : empty : Substitute(text);

    private SymbolicText Variable(string inner, int depth)
    {
        if (FunctionText.Split(inner) is var (function, arguments, after))
        {
            var (_, from, count) = TextParts.Name(after);
            return SymbolicText.Slice(Function(function, arguments, depth), from, count);
        }

        var substituted = Substitute(inner, depth);
        if (substituted.Constant is not { } constant)
        {
            return new UnknownText($"${{{inner}}}", substituted.Origins);
        }

        var (name, offset, length) = TextParts.Name(constant);
        return SymbolicText.Slice(Named(name), offset, length);
    }

    // Asterisk answers to these itself, whatever a line has set them to (pbx_retrieve_variable of main/pbx_variables.c, and measured).
    private static readonly string[] Own = ["CHANNEL", "UNIQUEID", "HANGUPCAUSE", "EPOCH", "SYSTEMNAME", "ENTITYID", "HINT", "HINTNAME", "CALLINGPRES", "CALLINGANI2", "CALLINGTON", "CALLINGTNS"];

    private SymbolicText Named(string name) => name switch
    {
        "EXTEN" => Extension,
        "CONTEXT" => new ConstantText(Context),
        "PRIORITY" => new ConstantText(Priority.ToString(CultureInfo.InvariantCulture)),
        _ when Array.Exists(Own, own => own == name) || PbxStates.IsVariable(name) => new UnknownText($"${{{name}}}", TextOrigins.Elsewhere),
        _ when Variables.TryGetValue(name, out var value) => Shown(UnsetIsEmpty ? SymbolicText.WithoutUnset(value) : value),
        _ when Globals.TryGetValue(name, out var value) && value is not null => new ConstantText(value),
        // FreePBX writes them for the trunks that have one: OUT_1_SUFFIX, OUTDISABLE_1, OUTMAXCHANS_1.
        _ when IsOfFreePbxTrunk(name) => SymbolicText.Nothing,
        _ when IsEmptyUnlessSet?.Invoke(name) is true => UnsetIsEmpty ? SymbolicText.Nothing : new UnknownText($"${{{name}}}", TextOrigins.Elsewhere) { IsUnset = true },
        _ => new UnknownText($"${{{name}}}", TextOrigins.Elsewhere),
    };

    private SymbolicText Function(string name, string arguments, int depth)
    {
        switch (name)
        {
            case "FILTER" when CallArguments.Split(arguments, keepsQuotes: true) is [var allowed, .. var rest] && FunctionText.Ranges(Substitute(allowed, depth).Constant) is { } ranges && rest.Count > 0:
                // Raw arguments: the text goes on behind further commas.
                return SymbolicText.Filter(Substitute(arguments[(allowed.Length + 1)..], depth), ranges);
            // Asterisk counts bytes, and how the file writes other letters is not known here.
            case "LEN" when Substitute(arguments, depth).Constant is { } constant && constant.All(char.IsAscii):
                return new ConstantText(constant.Length.ToString(CultureInfo.InvariantCulture));
            case "GLOBAL" when Substitute(arguments, depth).Constant is { } global:
                return Globals.TryGetValue(global, out var value) && value is not null ? new ConstantText(value) : new UnknownText($"${{GLOBAL({global})}}", TextOrigins.Elsewhere);
            case "LOCAL" when Substitute(arguments, depth).Constant is { } local:
                return Named(local);
            case "CALLERID" when CallerIdParts(arguments) is [var part] && Variables.TryGetValue(part, out var set):
                return Shown(set);
            // "allowed_not_screened", "0", "1": what Asterisk made of it.
            case "CALLERID" when arguments.Trim().Split('-', ',') is [_, "valid" or "plan" or "pres" or "charset", ..] or ["pres" or "pres " or "ton" or "ANI2" or "ani2", ..]:
                return new UnknownText($"${{{name}({arguments})}}", TextOrigins.Elsewhere);
            case "CALLERID" or "PJSIP_HEADER" or "PJSIP_HEADERS" or "SIP_HEADER" or "SIPPEER" or "REDIRECTING" or "CONNECTEDLINE":
                return Shown(new UnknownText($"${{{name}({arguments})}}", TextOrigins.Caller) { Part = ShownText.PartOf(name, arguments) });
            case "CUT" when arguments.Split(',') is [var cut, { Length: <= 1 } at, var field] && Substitute(cut, depth).Constant is { } named && Named(named).Constant is { } whole && int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) && wanted > 0:
                return new ConstantText(whole.Split(at.Length == 0 ? '-' : at[0]).ElementAtOrDefault(wanted - 1) ?? "");
            case "DIALPLAN_EXISTS" when Plan is not null && Substitute(arguments, depth).Constant is { } asked:
                return new ConstantText(Exists(Plan, asked) ? "1" : "0");
            case "IF" when CallArguments.Cut(arguments, '?') is ({ } condition, { } branches):
                var (then, otherwise) = CallArguments.Cut(branches, ':');
                if (CallCondition.Of(condition, this with { Depth = depth }) is { Input: null } decided && decided.Holds.IsNone != decided.Fails.IsNone)
                {
                    return decided.Fails.IsNone ? Substitute(then, depth) : Substitute(otherwise ?? "", depth);
                }

                // Which of the two it is may depend on anything; what it is comes from one of them.
                return new UnknownText($"${{IF({arguments})}}", Substitute(then, depth).PassedOn | (otherwise is null ? TextOrigins.None : Substitute(otherwise, depth).PassedOn) | TextOrigins.Elsewhere);
            case var _ when Array.Exists(Harmless, harmless => harmless == name):
                return new UnknownText($"${{{name}({arguments})}}", (Substitute(arguments, depth).Origins & ~TextOrigins.Caller) | TextOrigins.Elsewhere);
            case "DB" or "ODBC" or "CURL" or "ENV" or "FILE" or "SHELL" or "CHANNEL" or "HASH" or "RAND" or "EPOCH" or "STRFTIME":
                return new UnknownText($"${{{name}({arguments})}}", TextOrigins.Elsewhere);
            default:
                var origins = Substitute(arguments, depth).PassedOn;
                // CUT(NAME,...), FIELDQTY(NAME,...): the first argument names a variable.
                origins |= Variables.TryGetValue(arguments.Split(',')[0], out var list) ? list.PassedOn : TextOrigins.None;
                return new UnknownText($"${{{name}({arguments})}}", origins);
        }
    }

    private SymbolicText Shown(SymbolicText text) => Shows is null ? text : SymbolicText.WithParts(text, Shows);

    // context[,extension[,priority]], where the priority may be a label (funcs/func_dialplan.c).
    private static bool Exists(Plan plan, string asked) => asked.Split(',') switch
    {
        [var context] => plan[context] is not null,
        [var context, var extension] => plan.Find(context, extension) is not null,
        [var context, var extension, var priority, ..] => (int.TryParse(priority, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? plan.Find(context, extension, number) : plan.FindLabel(context, extension, priority)) is not null,
        [] => false,
    };

    // What they give has none of a shell's or Dial's own characters, whatever went in.
    private static readonly string[] Harmless =
        ["DB_EXISTS", "GROUP_COUNT", "GROUP_MATCH_COUNT", "VALID_EXTEN", "DEVICE_STATE", "EXTENSION_STATE", "MAILBOX_EXISTS", "VM_INFO", "QUEUE_MEMBER_COUNT", "MD5", "SHA1", "LEN", "BASE64_ENCODE", "URIENCODE", "STRFTIME", "MATH", "INC", "DEC", "REGEX", "ISNULL", "EXISTS", "FIELDQTY", "FIELDNUM", "KEYPADHASH"];

    /// <summary>Under which names Set(CALLERID(part)=...) is remembered; a name that stands in no dialplan.</summary>
    public static IReadOnlyList<string> CallerIdParts(string part) => part.Split(',')[0].Trim().ToLowerInvariant() switch
    {
        "all" => ["CALLERID(num)", "CALLERID(name)"],
        "number" => ["CALLERID(num)"],
        var other => [$"CALLERID({other})"],
    };

    private static bool IsOfFreePbxTrunk(string name) =>
        name.Split('_') is [['O', 'U', 'T', ..], { Length: > 0 } number, ..] parts && number.All(char.IsAsciiDigit) && (parts.Length == 2 || parts is [_, _, "SUFFIX"]);

    private SymbolicText Arithmetic(string inner, string written, int depth)
    {
        var text = Substitute(inner, depth);
        // $[0044] is calculated by nobody, and stays as it is.
        return text.Constant is { } one && one.Trim() is var digits && digits.Length > 0 && digits.All(char.IsAsciiDigit) ? new ConstantText(digits)
            : text.Constant is { } constant && FunctionText.Calculate(constant) is { } value
            ? new ConstantText(value.ToString(CultureInfo.InvariantCulture))
            : new UnknownText(written, text.Origins);
    }
}

/// <summary>Calls of functions inside of ${...}.</summary>
internal static class FunctionText
{
    /// <returns>The arguments of each ${NAME(arguments)} that stands somewhere in the text.</returns>
    public static IEnumerable<string> Calls(string name, string text)
    {
        var begin = $"${{{name}(";
        for (var at = text.IndexOf(begin, StringComparison.Ordinal); at >= 0; at = text.IndexOf(begin, at + 1, StringComparison.Ordinal))
        {
            if (TextParts.EndOfPart(text, at) is { } end && Split(TextParts.Inside(text[at..end])) is var (found, arguments, _) && found == name)
            {
                yield return arguments;
            }
        }
    }

    /// <summary>Splits NAME(arguments)after.</summary>
    /// <returns>null: it is none.</returns>
    public static (string Name, string Arguments, string After)? Split(string inner)
    {
        var open = inner.IndexOf('(', StringComparison.Ordinal);
        if (open <= 0 || !inner.AsSpan(0, open).ContainsOnlyNameCharacters())
        {
            return null;
        }

        var depth = 1;
        var at = open + 1;
        for (; at < inner.Length && depth > 0; at++)
        {
            if (TextParts.EndOfPart(inner, at) is { } end)
            {
                at = end - 1;
                continue;
            }

            depth += inner[at] == '(' ? 1 : inner[at] == ')' ? -1 : 0;
        }

        return depth == 0 ? (inner[..open], inner[(open + 1)..(at - 1)], inner[at..]) : null;
    }

    /// <summary>"0-9A-F*\x80-\xff" of FILTER().</summary>
    /// <returns>null: it wraps around, or is not known.</returns>
    public static IReadOnlyList<(char First, char Last)>? Ranges(string? allowed)
    {
        if (allowed is null)
        {
            return null;
        }

        var ranges = new List<(char First, char Last)>();
        for (var at = 0; at < allowed.Length;)
        {
            if (Character(allowed, at) is not var (first, next))
            {
                return null;
            }

            var last = first;
            if (next < allowed.Length && allowed[next] == '-')
            {
                if (Character(allowed, next + 1) is not var (until, end) || until < first)
                {
                    return null;
                }

                (last, next) = (until, end);
            }

            // By bytes: letters that are no ASCII stay whole only where all of theirs do.
            switch (first, last)
            {
                case ('\x80', '\xff'):
                    ranges.Add((NumberLanguage.LastSymbol, char.MaxValue));
                    break;
                case var _ when last >= '\x80':
                    return null;
                default:
                    ranges.Add((first, last));
                    break;
            }

            at = next;
        }

        return ranges;
    }

    // Measured on 22.10.1: \x20 and \- in FILTER; of other escapes nothing is known here.
    private static (char Character, int Next)? Character(string allowed, int at)
    {
        if (at >= allowed.Length)
        {
            return null;
        }

        return allowed.AsSpan(at) switch
        {
            ['\\', 'x', var high, var low, ..] when char.IsAsciiHexDigit(high) && char.IsAsciiHexDigit(low) => ((char)Convert.ToInt32(allowed[(at + 2)..(at + 4)], 16), at + 4),
            ['\\', '-' or '\\', ..] => (allowed[at + 1], at + 2),
            ['\\', ..] => null,
            _ => (allowed[at], at + 1),
        };
    }

    /// <summary>A number, or two with + - or * between.</summary>
    /// <returns>null: anything else.</returns>
    public static long? Calculate(string expression)
    {
        var parts = expression.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return parts switch
        {
            [var one] => Number(one) ?? Joined(one),
            [var left, "+", var right] => Number(left) + Number(right),
            [var left, "-", var right] => Number(left) - Number(right),
            [var left, "*", var right] => Number(left) * Number(right),
            _ => null,
        };
    }

    private static long? Joined(string text)
    {
        var at = text.IndexOfAny(['+', '-', '*'], Math.Min(1, text.Length));
        return at <= 0 ? null : Calculate($"{text[..at]} {text[at]} {text[(at + 1)..]}");
    }

    // A plus before a number is a mistake to Asterisk.
    private static long? Number(string text) => !text.StartsWith('+') && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool ContainsOnlyNameCharacters(this ReadOnlySpan<char> name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }

        return true;
    }
}

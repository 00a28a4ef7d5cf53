using System.Buffers;
using System.Text;
using Ringfence.Core.Dialplan;

namespace Ringfence.Core.Audit;

/// <summary>
/// Applications and functions with what they are given, as far as it is known not to be a secret: places of the dialplan, channels, files, numbers that are dialled, names of variables.
/// Of everything else only words that <paramref name="knows"/> are left, and variables: they tell nothing.
/// </summary>
/// <param name="knows">Whether a word is known and may be told.</param>
/// <param name="takesAll">false: only what an application or a function of Asterisk's is given; an invented name before a parenthesis may be prose.</param>
internal sealed class ShownCall(Func<string, bool> knows, bool takesAll)
{
    // A line of a megabyte of parentheses is no line of a dialplan.
    private const int MaxDepth = 20;

    private static readonly SearchValues<char> Number = SearchValues.Create("0123456789+*#");

    // Functions and keywords of AEL that are followed by a parenthesis and are judged elsewhere.
    private static readonly string[] Keywords = ["if", "while", "for", "switch", "random", "ifTime", "macro", "context", "case", "pattern", "catch", "hint", "regexten"];

    private static readonly string[] TellingHeaders =
        ["Alert-Info", "Call-Info", "Diversion", "P-Asserted-Identity", "P-Preferred-Identity", "P-Early-Media", "Remote-Party-ID", "Privacy", "Reason", "User-Agent", "Contact", "From", "To", "History-Info", "Referred-By"];

    // What the names of variables and functions say of what is put there.
    private static readonly string[] PlainTargets =
        ["CALLERID", "CONNECTEDLINE", "REDIRECTING", "TIMEOUT", "LANGUAGE", "MUSICCLASS", "DIALSTATUS", "GROUP", "MONITOR_FILENAME", "MIXMONITOR_FILENAME", "JITTERBUFFER", "VOLUME", "DENOISE", "AGC", "FAXOPT", "EXTEN", "NUMBER", "DIAL_NUMBER", "OUTNUM", "DESTINATION"];

    private static readonly string[] SecretNames = ["code", "key", "auth", "kennwort", "clave", "passe", "unlock"];

    public string Of(string text) => Scan(text, 0);

    /// <summary>Copies what stands around applications, functions and conditions, and shows those as far as they may be.</summary>
    private string Scan(string text, int depth)
    {
        if (depth > MaxDepth)
        {
            return ShownValues.NotShown;
        }

        var shown = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            if (TextParts.EndOfPart(text, at) is { } end)
            {
                shown.Append(Part(text[at..end], depth));
                at = end;

                // An application that a variable names.
                if (takesAll && at < text.Length && text[at] == '(')
                {
                    var behind = EndOfParenthesis(text, at);
                    shown.Append('(').Append(Words(text[(at + 1)..behind], depth));
                    at = behind;
                }

                continue;
            }

            var length = char.IsAsciiLetter(text[at]) || text[at] == '_' ? NameLength(text, at) : 0;
            if (length == 0 || (at > 0 && (char.IsAsciiLetterOrDigit(text[at - 1]) || text[at - 1] == '_')))
            {
                shown.Append(text[at++]);
                continue;
            }

            var name = text.Substring(at, length);
            var open = at + length;
            while (open < text.Length && text[open] == ' ')
            {
                open++;
            }

            if (open == text.Length || text[open] != '(' || !IsCall(name, open == at + length))
            {
                shown.Append(name);
                at += length;
                continue;
            }

            var close = EndOfParenthesis(text, open);
            var isClosed = close < text.Length;
            shown.Append(name).Append('(').Append(Application(name.ToUpperInvariant(), text[(open + 1)..close], depth + 1)).Append(isClosed ? ")" : "");
            at = isClosed ? close + 1 : close;
        }

        return shown.ToString();
    }

    private bool IsCall(string name, bool isBare) => !Keywords.Contains(name, StringComparer.Ordinal) && (IsKnown(name) || (takesAll && isBare && name is not ("n" or "s" or "hint")));

    private static bool IsKnown(string name) => KnownCalls.Contains(name) || name.StartsWith("ODBC_", StringComparison.OrdinalIgnoreCase);

    private string Application(string name, string text, int depth)
    {
        var parts = CallArguments.Split(text, keepsQuotes: true);
        switch (name)
        {
            case "AUTHENTICATE" or "DISA" or "MINIVMGREET":
                // A file is named by its path, and of a variable nobody learns anything.
                return Each(parts, depth, (part, at) => at > 0 ? Words(part, depth) : part.AsSpan().Trim() is "" or "no-password" || part.AsSpan().TrimStart().StartsWith("/") ? part : Hidden(part, depth));
            case "SENDDTMF" or "PLAYDTMF" or "DTMF" or "SAYDIGITS" or "SAYALPHA" or "SAYPHONETIC":
                return Each(parts, depth, (part, at) => at > 0 ? Plain(part, depth) : Hidden(part, depth));
            case "MEETME":
                return Each(parts, depth, (part, at) => at > 1 ? Hidden(part, depth) : Plain(part, depth));
            case "DIAL":
                return Each(parts, depth, (part, at) => at switch { 0 => Channels(part, depth), 2 => Options(part, depth), > 2 => Url(part, depth), _ => Plain(part, depth) });
            case "RETRYDIAL":
                return Each(parts, depth, (part, at) => at switch { 3 => Channels(part, depth), 5 => Options(part, depth), > 5 => Url(part, depth), _ => Plain(part, depth) });
            case "PAGE":
                return Each(parts, depth, (part, at) => at switch { 0 => Channels(part, depth), 1 => Options(part, depth), _ => Plain(part, depth) });
            case "ORIGINATE":
                return Originated(parts, depth);
            case "MACRO" or "MACROEXCLUSIVE" or "QUEUE" or "CONFBRIDGE" or "STASIS" or "CHANSPY" or "EXTENSPY" or "USEREVENT" or "VMAUTHENTICATE" or "BRIDGE" or "FOLLOWME" or "AGENTLOGIN" or "MYSQL" or "SENDTEXT":
                return Each(parts, depth, (part, at) => at == 0 && name is not ("MYSQL" or "SENDTEXT") ? Plain(part, depth) : Words(part, depth));
            case "GOSUB" or "GOTO":
                return Each(parts, depth, (part, _) => Place(part, depth));
            case "GOTOIF" or "GOSUBIF" or "EXECIF" or "MACROIF" or "GOTOIFTIME" or "EXECIFTIME" or "IF" or "IFTIME":
                var (condition, branches) = CallArguments.Cut(text, '?');
                return branches is null ? Scan(text, depth) : $"{(name.EndsWith("TIME", StringComparison.Ordinal) ? condition : Condition(condition, depth))}?{Branches(name, branches, depth)}";
            case "WHILE" or "EXITWHILE":
                return Condition(text, depth);
            case "SET":
                return Assigned(text, depth);
            case "MSET" or "ARRAY":
                return Each(parts, depth, (part, _) => Assigned(part, depth));
            case "EXEC" or "TRYEXEC":
                return Scan(text, depth);
            case "SYSTEM" or "TRYSYSTEM" or "SHELL":
                return Command(text, depth);
            case "MIXMONITOR":
                return Each(parts, depth, (part, at) => at switch { 0 => Plain(part, depth), 1 => Options(part, depth), _ => Command(part, depth) });
            case "AGI" or "EAGI" or "FASTAGI" or "DEADAGI" or "ASYNCAGI" or "EXTERNALIVR":
                return Each(parts, depth, (part, at) => at > 0 ? Words(part, depth) : Url(part, depth));
            case "CURL":
                return Each(parts, depth, (part, at) => at > 0 ? Hidden(part, depth) : Url(part, depth));
            case "SIPADDHEADER":
                var (header, value) = CallArguments.Cut(text, ':');
                return value is null ? Words(text, depth) : $"{header}:{Header(header, value, depth)}";
            case "NOOP" or "VERBOSE" or "LOG":
                return Each(parts, depth, (part, _) => Literals(part, depth, literal => PlainComment.IsProse(literal) ? literal : ShownWords.Of(literal, knows)));
            case "AES_DECRYPT" or "AES_ENCRYPT":
                return Each(parts, depth, (part, _) => Hidden(part, depth));
            case "REGEX":
                return Condition($"REGEX({text})", depth)["REGEX(".Length..^1];
            default:
                return KnownCalls.IsPlain(name) ? Plain(text, depth) : Words(text, depth);
        }
    }

    private static string Each(List<string> parts, int depth, Func<string, int, string> show) => depth > MaxDepth ? ShownValues.NotShown : string.Join(',', parts.Select(show));

    // "context", "extension", "1(arguments)"
    private string Place(string part, int depth)
    {
        var (place, arguments) = CallArguments.Cut(part, '(');
        return arguments is null ? Plain(part, depth) : $"{Plain(place, depth)}({Words(arguments, depth)}";
    }

    private string Branches(string name, string text, int depth)
    {
        var (first, second) = CallArguments.Cut(text, ':');
        return second is null ? Branch(name, first, depth) : $"{Branch(name, first, depth)}:{Branch(name, second, depth)}";
    }

    private string Branch(string name, string branch, int depth) => name switch
    {
        "EXECIF" or "EXECIFTIME" => Scan(branch, depth + 1),
        "IF" or "IFTIME" => Words(branch, depth),
        "MACROIF" => Each(CallArguments.Split(branch, keepsQuotes: true), depth, (part, at) => at > 0 ? Words(part, depth) : Plain(part, depth)),
        _ => Each(CallArguments.Split(branch, keepsQuotes: true), depth, (part, _) => Place(part, depth)),
    };

    // Originate(channel,app,name,arguments) and Originate(channel,exten,context,extension,priority)
    private string Originated(List<string> parts, int depth)
    {
        if (parts.Count < 3 || !parts[1].Trim().Equals("app", StringComparison.OrdinalIgnoreCase))
        {
            return Each(parts, depth, (part, at) => at switch { 0 => Channels(part, depth), < 5 => Plain(part, depth), _ => Words(part, depth) });
        }

        var arguments = Application(parts[2].Trim().ToUpperInvariant(), string.Join(',', parts.Skip(3)), depth + 1);
        return $"{Channels(parts[0], depth)},{parts[1]},{Plain(parts[2], depth)}{(parts.Count > 3 ? $",{arguments}" : "")}";
    }

    private string Assigned(string text, int depth)
    {
        var (name, value) = CallArguments.Cut(text, '=');
        if (value is null)
        {
            return Words(text, depth);
        }

        var parts = name.Trim().TrimStart('_').Split('(', 2);
        var arguments = parts.Length == 2 ? parts[1].TrimEnd(')', ' ') : "";
        var shownName = parts.Length == 2 ? Plain(name, depth) : name;
        var target = parts[0].Equals("GLOBAL", StringComparison.OrdinalIgnoreCase) || parts[0].Equals("SHARED", StringComparison.OrdinalIgnoreCase) ? arguments : parts[0];
        return parts[0].EndsWith("_HEADER", StringComparison.OrdinalIgnoreCase) ? $"{shownName}={Header(arguments.Split(',')[^1], value, depth)}"
            : name.Split('(', ')', ',', '/', '_', ' ').Any(SecretOptions.Contains) || Array.Exists(SecretNames, secret => name.Contains(secret, StringComparison.OrdinalIgnoreCase)) ? $"{shownName}={Hidden(value, depth)}"
            : PlainTargets.Contains(target, StringComparer.OrdinalIgnoreCase) ? $"{shownName}={Plain(value, depth)}"
            : $"{shownName}={Words(value, depth)}";
    }

    private string Header(string name, string value, int depth) => TellingHeaders.Contains(name.Trim(), StringComparer.OrdinalIgnoreCase) ? Plain(value, depth) : Words(value, depth);

    private string Channels(string text, int depth) => string.Join('&', CallArguments.Split(text, '&', keepsQuotes: true).Select(channel => Channel(channel, depth)));

    // Technology/peer, Technology/peer/number, Technology/number@peer: what stands before a colon and an @ is a login, and behind a colon is a port or a secret.
    private string Channel(string text, int depth)
    {
        var login = CallSecrets.Login(text);
        if (login is var (start, end))
        {
            return $"{Plain(text[..start], depth)}{ShownValues.NotShown}{Plain(text[end..], depth)}";
        }

        var colon = text.LastIndexOf(':');
        var isInPart = colon >= 0 && Enumerable.Range(0, colon).Any(at => TextParts.EndOfPart(text, at) is { } over && over > colon);
        return colon < 0 || isInPart || text.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0 || text.AsSpan(0, colon).EndsWith("sip", StringComparison.OrdinalIgnoreCase) || text.AsSpan(0, colon).EndsWith("sips", StringComparison.OrdinalIgnoreCase) || text[colon..].Contains('.', StringComparison.Ordinal) || text[colon..].Contains('$', StringComparison.Ordinal)
            ? Plain(text, depth)
            : $"{Plain(text[..(colon + 1)], depth)}{ShownValues.NotShown}";
    }

    // Letters, some with arguments: those that are typed for the caller, and those of a subroutine, may be a PIN.
    private string Options(string text, int depth)
    {
        var shown = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (TextParts.EndOfPart(text, at) is { } end)
            {
                shown.Append(Part(text[at..end], depth));
                at = end - 1;
                continue;
            }

            shown.Append(text[at]);
            if (at + 1 >= text.Length || text[at + 1] != '(')
            {
                continue;
            }

            var close = EndOfParenthesis(text, at + 1);
            var inner = text[(at + 2)..close];
            shown.Append('(').Append(text[at] switch
            {
                'D' or 'P' => Hidden(inner, depth),
                'b' or 'B' or 'G' or 'F' => string.Join('^', inner.Split('^', 3).Select(part => Place(part, depth))),
                'U' or 'M' => string.Join('^', inner.Split('^').Select((part, number) => number > 0 ? Words(part, depth) : Plain(part, depth))),
                'L' or 'S' or 'r' or 'm' or 'A' or 'C' or 'e' or 't' or 'w' or 'v' or 'V' or 'W' => Plain(inner, depth),
                _ => Words(inner, depth),
            }).Append(close < text.Length ? ")" : "");
            at = close;
        }

        return shown.ToString();
    }

    // The program, its flags and what is put in; words that stand there for themselves may be anything.
    private string Command(string text, int depth)
    {
        var end = text.AsSpan().TrimStart().IndexOf(' ') is >= 0 and var found ? found + (text.Length - text.AsSpan().TrimStart().Length) : text.Length;
        var program = text[..end];
        return program.Contains('=', StringComparison.Ordinal) || program.Contains('"', StringComparison.Ordinal) ? Words(text, depth) : Plain(program, depth) + Words(text[end..], depth);
    }

    // The server, and what is put in.
    private string Url(string text, int depth)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
        {
            return text.Contains('?', StringComparison.Ordinal) ? Hidden(text, depth) : Plain(text, depth);
        }

        var from = scheme + 3;
        var server = text.AsSpan(from).IndexOfAny("/?$ \"") is >= 0 and var found ? from + found : text.Length;
        var login = text.LastIndexOf('@', server - 1, server - from);
        var query = text.IndexOf('?', server);
        var path = query < 0 ? text.Length : query;
        var slash = server < text.Length && text[server] == '/' ? "/" : "";
        return $"{text[..from]}{(login >= 0 ? ShownValues.NotShown : "")}{text[(login >= 0 ? login : from)..server]}{slash}{Words(text[(server + slash.Length)..path], depth)}{(query < 0 ? "" : "?")}{Hidden(text[Math.Min(path + 1, text.Length)..], depth)}";
    }

    private string Condition(string text, int depth) => ConditionSecrets.Without(text.Contains("$[", StringComparison.Ordinal) || text.StartsWith("REGEX(", StringComparison.Ordinal) ? Inner(text, depth) : Words(text, depth), isAel: false, knows);

    // Functions inside of a condition; its own words are judged with what they are compared with.
    private string Inner(string text, int depth)
    {
        var shown = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var end = at + 1 < text.Length && text[at] == '$' && text[at + 1] == '{' ? TextParts.EndOfVariable(text, at) : at + 1;
            shown.Append(end > at + 1 ? Part(text[at..end], depth) : text[at..end]);
            at = end;
        }

        return shown.ToString();
    }

    /// <summary>A variable, a function or a condition.</summary>
    private string Part(string part, int depth)
    {
        if (depth > MaxDepth)
        {
            return ShownValues.NotShown;
        }

        if (part[1] == '[')
        {
            return Condition(part, depth + 1);
        }

        var open = part.IndexOf('(', StringComparison.Ordinal);
        if (open < 0 || part.AsSpan(2, open - 2).ContainsAny(":{["))
        {
            return open < 0 ? part : part[..2] + Plain(part[2..], depth + 1);
        }

        var close = EndOfParenthesis(part, open);
        return $"{part[..(open + 1)]}{Application(part[2..open].Trim().ToUpperInvariant(), part[(open + 1)..close], depth + 1)}{part[close..]}";
    }

    /// <summary>As it stands, but for what functions in it are given.</summary>
    private string Plain(string text, int depth) => Literals(text, depth, static literal => literal);

    /// <summary>Nothing but what is put in.</summary>
    private string Hidden(string text, int depth) => Literals(text, depth, static literal => ShownWords.Has(literal) ? ShownValues.NotShown : literal);

    /// <summary>Words that are known or too short to be a secret, and digits that stand beside a number that is dialled.</summary>
    private string Words(string text, int depth) => Literals(text, depth, literal => ShownWords.Of(literal, knows));

    private string Literals(string text, int depth, Func<string, string> show)
    {
        var shown = new StringBuilder(text.Length);
        var from = 0;
        for (var at = 0; at <= text.Length; at++)
        {
            var end = at < text.Length ? TextParts.EndOfPart(text, at) : at;
            if (end is not { } behind)
            {
                continue;
            }

            var literal = text[from..at];
            var isDialled = literal.Length > 0 && literal.AsSpan().IndexOfAnyExcept(Number) < 0 && (IsNumber(text, at) || (from > 0 && IsNumber(text, text.LastIndexOf('$', from - 1))));
            shown.Append(literal.Length == 0 || isDialled ? literal : show(literal));
            if (at == text.Length)
            {
                break;
            }

            shown.Append(Part(text[at..behind], depth + 1));
            from = behind;
            at = behind - 1;
        }

        return shown.ToString();
    }

    private static bool IsNumber(string text, int at) => at >= 0 && text.AsSpan(at).StartsWith("${EXTEN", StringComparison.Ordinal);

    private static int NameLength(string text, int from)
    {
        var end = from;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
        {
            end++;
        }

        return end - from;
    }

    // Of the closing parenthesis; the end of the text where there is none.
    private static int EndOfParenthesis(string text, int open)
    {
        var depth = 0;
        for (var at = open; at < text.Length; at++)
        {
            if (TextParts.EndOfPart(text, at) is { } end)
            {
                at = end - 1;
                continue;
            }

            depth += text[at] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth == 0)
            {
                return at;
            }
        }

        return text.Length;
    }
}

using System.Globalization;

namespace Ringfence.Core.Dialplan;

/// <summary>What must have been dialled for a condition of GotoIf, ExecIf or While to be true.</summary>
/// <remarks>
/// main/ast_expr2.y and .fl, pbx_checkcondition of main/pbx.c, Asterisk 22. A quoted text keeps its quotes when it is compared, so it never equals one without;
/// two numbers are compared by value, and only unquoted ones are numbers.
/// </remarks>
internal sealed class CallCondition
{
    private const string WordCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';\\_^#@";

    // A dot makes a number of digits into another number of digits; that is not followed.
    private static readonly NumberLanguage Words = Languages.Repeat(WordCharacters, 1);
    private static readonly NumberLanguage Digits = Languages.Repeat("0123456789", 1);
    private static readonly NumberLanguage WithQuote = Languages.Concatenate(NumberLanguage.All, Languages.Concatenate(Languages.Only("\""), NumberLanguage.All));

    // A colon outside of all parentheses ends the function that a text stands in, and the function sees what stands before the bracket (measured: 801):X&Local/...).
    private static readonly NumberLanguage WithoutParentheses = Languages.Not(Languages.Concatenate(NumberLanguage.All, Languages.Concatenate(Languages.Repeat("()", 1, 1), NumberLanguage.All)));
    private static readonly NumberLanguage BehindBracket = Languages.Concatenate(Languages.Only(")"), Languages.Concatenate(Languages.Intersect(WithoutParentheses, Languages.Not(Languages.Concatenate(NumberLanguage.All, Languages.Concatenate(Languages.Only(":"), NumberLanguage.All)))),
        Languages.Concatenate(Languages.Only(":"), NumberLanguage.All)));
    private static readonly NumberLanguage Ending = Languages.Concatenate(WithoutParentheses, BehindBracket);

    // A quotation mark in a quoted text ends it, and what stands behind is read as operators (measured: 81&Local/1" & 0 & "1).
    private static readonly NumberLanguage MakingFalse = Languages.Concatenate(NumberLanguage.All, Languages.Only("\" & 0 & \"1"));
    private static readonly NumberLanguage MakingTrue = Languages.Concatenate(NumberLanguage.All, Languages.Only("\" | 1 | \"1"));

    private readonly CallTexts _texts;
    private readonly List<Token> _tokens;
    private readonly Dictionary<string, SymbolicText> _known = new(StringComparer.Ordinal);
    private int _at;

    private CallCondition(CallTexts texts, List<Token> tokens)
    {
        _texts = texts;
        _tokens = tokens;
    }

    public static Demand Of(string condition, CallTexts texts)
    {
        if (texts.Deeper is not { } inside)
        {
            return Demand.Unknown;
        }

        var text = condition.Trim();
        if (TextParts.EndOfPart(text, 0) == text.Length)
        {
            var inner = TextParts.Inside(text);
            if (text[1] == '[')
            {
                return Tokens(inner) is { Count: <= MostTokens } tokens ? new CallCondition(inside, tokens).Whole() : Demand.Unknown;
            }

            if (Function(inner, texts) is { } called)
            {
                return called;
            }
        }

        // With its blanks: one alone is a text, and true.
        return texts.Substitute(condition).Constant is { } constant ? Demand.When(IsTrue(constant)) : Demand.Unknown;
    }

    // Empty is false, a number is false when it is 0, any other text is true.
    private static bool IsTrue(string value)
    {
        var trimmed = value.TrimStart();
        var length = trimmed.Length > 0 && trimmed[0] is '-' or '+' ? 1 : 0;
        while (length < trimmed.Length && char.IsAsciiDigit(trimmed[length]))
        {
            length++;
        }

        return value.Length > 0 && (!trimmed[..length].Any(char.IsAsciiDigit) || trimmed[..length].Any(static c => c is >= '1' and <= '9'));
    }

    /// <summary>Each may be a parenthesis, and so a call of the reader within itself; nobody writes more.</summary>
    private const int MostTokens = 1_000;

    private Demand Whole()
    {
        var value = Or();
        return _at < _tokens.Count ? Demand.Unknown
            : _tokens is [{ IsOperator: false }, { IsOperator: true }, { IsOperator: false }] ? _tokens.Where(static token => token.IsQuoted).Aggregate(Truth(value), (truth, token) => Overruled(truth, TextOf(token)))
            : Truth(value);
    }

    // One comparison, and nothing else: its answer is the caller's where the text is his.
    private Demand Overruled(Demand truth, SymbolicText text)
    {
        if (_texts.Shows is not null || text.Constant is not null || !text.IsFollowed || (truth.Input is { } input && input != text.Inputs[0]))
        {
            return truth;
        }

        var (isFalse, isTrue) = (Demand.That(text, MakingFalse), Demand.That(text, MakingTrue));
        return isFalse.Input is null || isTrue.Input is null || (isFalse.Holds.IsNone && isTrue.Holds.IsNone) ? truth
            : new Demand(text.Inputs[0], Languages.Union(Languages.Except(truth.Holds, isFalse.Holds), isTrue.Holds), Languages.Union(Languages.Except(truth.Fails, isTrue.Holds), isFalse.Holds));
    }

    // That what a function sees of a text is in a language.
    private static Demand Seen(SymbolicText text, NumberLanguage wanted) =>
        text is ConstantText ? Demand.That(text, wanted)
        : Demand.That(text, Languages.Union(Languages.Except(wanted, Ending), Languages.Concatenate(Languages.Intersect(wanted, WithoutParentheses), BehindBracket)));

    private static Demand Truth(Value? value) => value switch
    {
        TruthValue truth => truth.Demand,
        // A quoted text is no number, so it is true, and so is "" with its quotes.
        TextValue { Text.Constant: { } constant, IsQuoted: false } => Demand.When(IsTrue(constant)),
        LengthValue length => Length(length.Text, ">", "0"),
        _ => Demand.Unknown,
    };

    private Value? Or()
    {
        var left = And();
        while (Take("|") || Take("||"))
        {
            left = new TruthValue(Truth(left).Or(Truth(And())));
        }

        return left;
    }

    private Value? And()
    {
        var left = Comparison();
        while (Take("&") || Take("&&"))
        {
            left = new TruthValue(Truth(left).And(Truth(Comparison())));
        }

        return left;
    }

    private Value? Comparison()
    {
        var left = Unary();
        while (_at < _tokens.Count && _tokens[_at] is { IsOperator: true, Text: "=" or "==" or "!=" or "<" or ">" or "<=" or ">=" or "=~" } token)
        {
            _at++;
            left = new TruthValue(Compare(left, token.Text, Unary()));
        }

        return left;
    }

    private Value? Unary()
    {
        if (Take("!"))
        {
            return new TruthValue(Truth(Unary()).Opposite());
        }

        if (Take("("))
        {
            var inner = Or();
            return Take(")") ? inner : null;
        }

        if (_at >= _tokens.Count || _tokens[_at].IsOperator)
        {
            return null;
        }

        var token = _tokens[_at++];
        if (!token.IsQuoted && TextParts.EndOfPart(token.Text, 0) == token.Text.Length && token.Text[1] == '{')
        {
            var inner = TextParts.Inside(token.Text);
            if (FunctionText.Split(inner) is ("LEN", var measured, ""))
            {
                return new LengthValue(_texts.Substitute(measured));
            }

            if (Function(inner, _texts) is { } called)
            {
                return new TruthValue(called);
            }
        }

        if (!token.IsQuoted && token.Text.StartsWith("$[", StringComparison.Ordinal) && TextParts.EndOfPart(token.Text, 0) == token.Text.Length)
        {
            return new TruthValue(Of(token.Text, _texts));
        }

        return new TextValue(TextOf(token), token.IsQuoted);
    }

    private SymbolicText TextOf(Token token)
    {
        if (!_known.TryGetValue(token.Text, out var text))
        {
            _known[token.Text] = text = _texts.Substitute(token.Text);
        }

        return text;
    }

    private static Demand? Function(string inner, CallTexts texts) => FunctionText.Split(inner) switch
    {
        ("ISNULL", var text, "") => Demand.That(texts.Substitute(text), NumberLanguage.Empty),
        ("EXISTS", var text, "") => Demand.That(texts.Substitute(text), Languages.OfLength(1)),
        ("REGEX", var text, "") => Regex(text, texts),
        _ => null,
    };

    private static Demand Regex(string arguments, CallTexts texts)
    {
        var parts = CallArguments.Split(arguments, '"', keepsQuotes: false);
        if (parts.Count != 3 || texts.Substitute(parts[1]).Constant is not { } expression || RegularExpression.Found(expression) is not { } found)
        {
            return Demand.Unknown;
        }

        var searched = parts[2].StartsWith(' ') || parts[2].StartsWith('\t') ? parts[2][1..] : parts[2];
        return Seen(texts.Substitute(searched), found);
    }

    private static Demand Compare(Value? left, string operation, Value? right) => (left, right) switch
    {
        (LengthValue length, TextValue { IsQuoted: false, Text.Constant: { } bound }) => Length(length.Text, operation, bound),
        (TextValue { IsQuoted: false, Text.Constant: { } bound }, LengthValue length) => Length(length.Text, Mirrored(operation), bound),
        (LengthValue { Text: FilteredText filtered }, LengthValue whole) when filtered.Text.Equals(whole.Text) => OnlyKept(filtered, operation),
        (LengthValue whole, LengthValue { Text: FilteredText filtered }) when filtered.Text.Equals(whole.Text) => OnlyKept(filtered, operation),
        (TextValue { Text: FilteredText filtered, IsQuoted: true }, TextValue { IsQuoted: true } whole) when filtered.Text.Equals(whole.Text) => KeptWhole(filtered, operation),
        (TextValue { IsQuoted: true } whole, TextValue { Text: FilteredText filtered, IsQuoted: true }) when filtered.Text.Equals(whole.Text) => KeptWhole(filtered, operation),
        (TextValue first, TextValue second) when operation == "=~" => Search(first, second),
        (TextValue first, TextValue { Text.Constant: { } constant } second) => Texts(first, operation, second, constant),
        (TextValue { Text.Constant: { } constant } first, TextValue second) => Texts(second, Mirrored(operation), first, constant),
        (TruthValue truth, TextValue { IsQuoted: false, Text.Constant: "1" }) when operation is "=" or "==" => truth.Demand,
        (TruthValue truth, TextValue { IsQuoted: false, Text.Constant: "0" }) when operation is "=" or "==" => truth.Demand.Opposite(),
        _ => Demand.Unknown,
    };

    // ${LEN(${FILTER(0-9,${EXTEN})})} = ${LEN(${EXTEN})}: nothing was taken out, so there is nothing else in what both see of it.
    private static Demand OnlyKept(FilteredText filtered, string operation) => Equal(Seen(filtered.Text, Languages.Repeat(filtered.Kept, 0)), operation);

    // "${FILTER(0-9,${EXTEN})}" = "${EXTEN}"
    private static Demand KeptWhole(FilteredText filtered, string operation) =>
        Equal(Demand.That(filtered.Text, Languages.Repeat(filtered.Kept, 0)).DoubtfulWhere(Demand.That(filtered.Text, WithQuote)), operation);

    private static Demand Equal(Demand holds, string operation) => operation switch
    {
        "=" or "==" => holds,
        "!=" => holds.Opposite(),
        _ => Demand.Unknown,
    };

    private static string Mirrored(string operation) => operation switch { "<" => ">", ">" => "<", "<=" => ">=", ">=" => "<=", _ => operation };

    private static Demand Length(SymbolicText text, string operation, string bound) =>
        !int.TryParse(bound, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > 200 || text.Constant?.All(char.IsAscii) is false ? Demand.Unknown
        : operation switch
        {
            "=" or "==" => Seen(text, Languages.OfLength(length, length)),
            "!=" => Seen(text, Languages.OfLength(length, length)).Opposite(),
            ">" => Seen(text, Languages.OfLength(length + 1)),
            ">=" => Seen(text, Languages.OfLength(length)),
            "<" => Seen(text, Languages.OfLength(length)).Opposite(),
            "<=" => Seen(text, Languages.OfLength(length + 1)).Opposite(),
            _ => Demand.Unknown,
        };

    // Quotes are taken off for this one; what it gives is the length of the match, or a group.
    private static Demand Search(TextValue text, TextValue expression)
    {
        if (expression.Text.Constant is not { } constant || constant.Contains('(', StringComparison.Ordinal) || RegularExpression.Found(constant) is not { } found || found.Contains(""))
        {
            return Demand.Unknown;
        }

        var safe = text.IsQuoted ? Languages.Not(WithQuote) : Words;
        return Demand.That(text.Text, found).DoubtfulWhere(Demand.That(text.Text, Languages.Not(safe)));
    }

    private static Demand Texts(TextValue text, string operation, TextValue bound, string constant)
    {
        var (safe, equal) = (text.IsQuoted, bound.IsQuoted) switch
        {
            (true, true) => (Languages.Not(WithQuote), Languages.Only(constant)),
            (false, false) => (Words, IsNumber(constant) ? Languages.Exactly(long.Parse(constant, CultureInfo.InvariantCulture)) : Languages.Only(constant)),
            (true, false) => (Languages.Not(WithQuote), NumberLanguage.None),
            (false, true) => (Words, NumberLanguage.None),
        };
        // 123 = 123.0: two numbers are compared by value.
        if (!text.IsQuoted && !bound.IsQuoted && !IsNumber(constant) && double.TryParse(constant, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
        {
            return Demand.Unknown;
        }

        switch (operation)
        {
            case "=" or "==":
                break;
            case "!=":
                equal = Languages.Except(safe, equal);
                break;
            case var _ when text.IsQuoted || bound.IsQuoted || !IsNumber(constant):
                return Demand.Unknown;
            default:
                var number = long.Parse(constant, CultureInfo.InvariantCulture);
                safe = Digits;
                equal = operation switch
                {
                    "<" => Languages.Below(number),
                    "<=" => Languages.Below(number + 1),
                    ">" => Languages.Except(Digits, Languages.Below(number + 1)),
                    _ => Languages.Except(Digits, Languages.Below(number)),
                };
                break;
        }

        if (constant.Contains('"', StringComparison.Ordinal))
        {
            return Demand.Unknown;
        }

        return Demand.That(text.Text, Languages.Intersect(equal, safe)).DoubtfulWhere(Demand.That(text.Text, Languages.Not(safe)));
    }

    private static bool IsNumber(string text) => text.Length is > 0 and <= 18 && text.All(char.IsAsciiDigit);

    private bool Take(string operation)
    {
        if (_at >= _tokens.Count || !_tokens[_at].IsOperator || _tokens[_at].Text != operation)
        {
            return false;
        }

        _at++;
        return true;
    }

    /// <returns>null: a text that is not closed.</returns>
    private static List<Token>? Tokens(string text)
    {
        var tokens = new List<Token>();
        var at = 0;
        while (at < text.Length)
        {
            var c = text[at];
            if (c is ' ' or '\t' or '\r' or '\n')
            {
                at++;
                continue;
            }

            var start = at;
            if (c == '"')
            {
                at = EndOfQuoted(text, at);
                if (at < 0)
                {
                    return null;
                }

                tokens.Add(new Token(text[(start + 1)..(at - 1)], IsQuoted: true, IsOperator: false));
                continue;
            }

            while (at < text.Length && (TextParts.EndOfPart(text, at) is not null || WordCharacters.Contains(text[at], StringComparison.Ordinal) || text[at] is '.' or '$' or > '\x7f'))
            {
                at = TextParts.EndOfPart(text, at) ?? at + 1;
            }

            if (at > start)
            {
                tokens.Add(new Token(text[start..at], IsQuoted: false, IsOperator: false));
                continue;
            }

            var two = at + 1 < text.Length ? text.Substring(at, 2) : "";
            var operation = two is "||" or "&&" or "==" or "=~" or ">=" or "<=" or "!=" or "::" or "~~" ? two : c.ToString();
            tokens.Add(new Token(operation, IsQuoted: false, IsOperator: true));
            at += operation.Length;
        }

        return tokens;
    }

    private static int EndOfQuoted(string text, int start)
    {
        for (var at = start + 1; at < text.Length; at++)
        {
            if (TextParts.EndOfPart(text, at) is { } end)
            {
                at = end - 1;
            }
            else if (text[at] == '"')
            {
                return at + 1;
            }
        }

        return -1;
    }

    private readonly record struct Token(string Text, bool IsQuoted, bool IsOperator);

    private abstract record Value;

    private sealed record TextValue(SymbolicText Text, bool IsQuoted) : Value;

    private sealed record LengthValue(SymbolicText Text) : Value;

    private sealed record TruthValue(Demand Demand) : Value;
}

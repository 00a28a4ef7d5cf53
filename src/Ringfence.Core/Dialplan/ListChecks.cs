namespace Ringfence.Core.Dialplan;

/// <summary>Conditions on whether a caller stands on a list: a blacklist, a web service that knows bad numbers. Who is not on it passes, and that is nearly everybody.</summary>
internal static class ListChecks
{
    // What tells where a call comes from is not among them: CHANNEL(endpoint) is one thing for a phone and another for a trunk.
    private static readonly string[] Lists = ["BLACKLIST", "DB", "DB_EXISTS", "CURL"];

    /// <summary>The answer of those who are on no list: a value that differs from the one that is asked for, or none at all.</summary>
    /// <param name="texts">What is looked up must be the caller's own: a flag may have been set once and for all, and where what he typed is looked up the list is one of secrets.</param>
    /// <returns>false: it is the other answer, or the condition asks for something else; a value that must be there is a secret, or a list of those who may.</returns>
    public static bool IsAnswerOfOthers(string condition, bool answer, CallTexts texts)
    {
        var text = condition.Trim();
        text = text.StartsWith("$[", StringComparison.Ordinal) && TextParts.EndOfPart(text, 0) == text.Length ? TextParts.Inside(text).Trim() : text;
        if (TextParts.EndOfPart(Unquoted(text), 0) == Unquoted(text).Length)
        {
            return !answer && (Function(text, texts) is "BLACKLIST" or "DB_EXISTS");
        }

        var (left, right) = CallArguments.Cut(text, '=');
        if (right is null || left.Length == 0 || left.EndsWith('<') || left.EndsWith('>') || Function(left.TrimEnd('!'), texts) is not { } function)
        {
            return false;
        }

        var compared = Unquoted(right);
        var isEqual = left.EndsWith('!') ? !answer : answer;
        return !compared.AsSpan().ContainsAny("$&|=") && compared switch
        {
            "0" when function is "BLACKLIST" or "DB_EXISTS" => isEqual,
            "" => isEqual,
            // The answer of a service that says who may.
            "0" or "no" or "false" or "off" or "none" => false,
            _ => !isEqual,
        };
    }

    private static string Unquoted(string text) => text.Trim() is ['"', .. var inner, '"'] ? inner.Trim() : text.Trim();

    // ${DB(...)} alone.
    private static string? Function(string text, CallTexts texts) => Unquoted(text) is var part && part.StartsWith("${", StringComparison.Ordinal) && TextParts.EndOfPart(part, 0) == part.Length
        && FunctionText.Split(TextParts.Inside(part)) is ({ } name, var arguments, "") && (Lists.Contains(name, StringComparer.Ordinal) || name.StartsWith("ODBC_", StringComparison.Ordinal))
        && (name == "BLACKLIST" || IsOfCaller(texts.Substitute(arguments))) ? name : null;

    private static bool IsOfCaller(SymbolicText text) => text.Inputs.Count == 0 && text.Origins.HasFlag(TextOrigins.Caller) && !text.Origins.HasFlag(TextOrigins.Input);
}

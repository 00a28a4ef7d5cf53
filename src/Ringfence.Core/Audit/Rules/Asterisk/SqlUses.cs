using System.Buffers;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>What the dialplan hands to the functions of func_odbc.conf.</summary>
internal static class SqlUses
{
    private static readonly SearchValues<char> InNames = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_");

    /// <returns>The dialplan was read as a whole, it uses the function, and each time this argument can end no quotes.</returns>
    public static bool AreSafe(PbxSnapshot pbx, string function, SqlArgument argument)
    {
        var plan = Plan.Of(pbx);
        if (!argument.Name.StartsWith("ARG", StringComparison.Ordinal) || !int.TryParse(argument.Name.AsSpan(3), out var number)
            || !CallEntries.Of(pbx).IsWhole || plan.HasSwitches)
        {
            return false;
        }

        return pbx.Once(_ => new Callers(plan))!.AreSafe(function, number, argument.Quote);
    }

    // The texts of the dialplan by the names that stand before their parentheses: thousands of functions are not each looked for in all of them.
    private sealed class Callers
    {
        private readonly ILookup<string, string> _texts;
        private readonly Dictionary<(string Function, int Number, char? Quote), bool> _known = [];

        public Callers(Plan plan) => _texts = plan.Contexts.SelectMany(static context => context.Extensions).SelectMany(static extension => extension.Priorities)
            .SelectMany(static priority => (string[])[priority.Application, priority.Arguments]).Concat(plan.Globals.Values.Select(static value => value ?? ""))
            .SelectMany(static text => Names(text).Distinct().Select(name => (name, text))).ToLookup(static pair => pair.name, static pair => pair.text, StringComparer.Ordinal);

        public bool AreSafe(string function, int number, char? quote)
        {
            if (!_known.TryGetValue((function, number, quote), out var areSafe))
            {
                var given = _texts[Last(function)].SelectMany(text => Calls(text, function)).Select(arguments => CallArguments.Split(arguments).ElementAtOrDefault(number - 1) ?? "").ToList();
                _known[(function, number, quote)] = areSafe = given.Count > 0 && given.TrueForAll(text => IsSafe(text, quote));
            }

            return areSafe;
        }

        private static IEnumerable<string> Names(string text)
        {
            for (var at = text.IndexOf('(', StringComparison.Ordinal); at >= 0; at = text.IndexOf('(', at + 1))
            {
                yield return Last(text.AsSpan(0, at));
            }
        }

        // The last letters and digits: a name may hold other characters before them.
        private static string Last(ReadOnlySpan<char> text) => text[(1 + text.LastIndexOfAnyExcept(InNames))..].ToString().ToUpperInvariant();
    }

    // The arguments of each call. Names of functions are the same in either case (ast_custom_function_find).
    private static IEnumerable<string> Calls(string text, string function)
    {
        for (var at = text.IndexOf(function + "(", StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(function + "(", at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if (at > 0 && (char.IsAsciiLetterOrDigit(text[at - 1]) || text[at - 1] == '_'))
            {
                continue;
            }

            var start = at + function.Length + 1;
            var depth = 1;
            var end = start;
            for (; end < text.Length && depth > 0; end++)
            {
                if (TextParts.EndOfPart(text, end) is { } behind)
                {
                    end = behind - 1;
                    continue;
                }

                depth += text[end] == '(' ? 1 : text[end] == ')' ? -1 : 0;
            }

            yield return text[start..(depth == 0 ? end - 1 : end)];
        }
    }

    // Written out, or each variable in it wrapped.
    private static bool IsSafe(string text, char? quote)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (TextParts.EndOfPart(text, at) is { } end)
            {
                if (!IsWrapped(text[at..end], quote))
                {
                    return false;
                }

                at = end - 1;
            }
        }

        return true;
    }

    // SQL_ESC doubles the single quote alone. What FILTER lets through is written out before its comma.
    private static bool IsWrapped(string part, char? quote) =>
        part.EndsWith(")}", StringComparison.Ordinal)
        && ((quote == '\'' && part.StartsWith("${SQL_ESC(", StringComparison.OrdinalIgnoreCase))
            || (part.StartsWith("${FILTER(", StringComparison.OrdinalIgnoreCase) && part.IndexOf(',', StringComparison.Ordinal) is > 0 and var comma
                && part["${FILTER(".Length..comma].All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '+' or '*' or '#')));
}

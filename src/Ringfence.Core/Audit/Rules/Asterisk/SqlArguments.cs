using System.Buffers;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>Where a statement of func_odbc.conf takes in what the dialplan hands to it.</summary>
/// <param name="Name">ARG1, VAL2, VALUE.</param>
/// <param name="Quote">Between which quotes it stands; null: between none.</param>
/// <param name="Wrong">How it lets SQL in; null: it doesn't, or that is not known.</param>
internal sealed record SqlArgument(string Name, char? Quote, string? Wrong)
{
    public static SqlArgument Of(string name, IReadOnlyCollection<string> functions, char? quote) => new(
        name,
        quote,
        functions.Any(static function => !Transparent.Contains(function)) ? null
        : quote is null ? $"puts an argument into SQL without quotes{(functions.Contains("SQL_ESC") ? ", where SQL_ESC keeps nothing out" : "")}"
        : functions.Contains("SQL_ESC") ? null
        : functions.Contains("SQL_ESC_BACKSLASHES") ? "puts an argument between quotes with SQL_ESC_BACKSLASHES alone, which leaves quotes as they are"
        : "puts an argument between quotes without SQL_ESC");

    // Others may well let nothing but digits through.
    private static readonly string[] Transparent = ["SQL_ESC", "SQL_ESC_BACKSLASHES", "TOUPPER", "TOLOWER"];
}

internal static class SqlArguments
{
    private static readonly SearchValues<char> NameEnds = SearchValues.Create("({}:$,");

    /// <remarks>${FUNCTION(...${ARG1}...)}: quotes count where they stand in the statement itself. A statement that is an argument and nothing else is made in the dialplan.</remarks>
    public static IEnumerable<SqlArgument> In(string sql)
    {
        if (sql.Trim() is ['$', '{', .., '}'] whole && whole.IndexOf('}', StringComparison.Ordinal) == whole.Length - 1)
        {
            yield break;
        }

        Stack<string> open = new();
        char? quote = null;
        for (var at = 0; at < sql.Length; at++)
        {
            var c = sql[at];
            if (c == '$' && at + 1 < sql.Length && sql[at + 1] == '{')
            {
                var end = sql.AsSpan(at + 2).IndexOfAny(NameEnds) is >= 0 and var length ? at + 2 + length : sql.Length;
                var name = sql[(at + 2)..end];
                if (IsArgument(name))
                {
                    yield return SqlArgument.Of(name, [.. open], quote);
                }

                open.Push(name);
                at++;
            }
            else if (c == '}' && open.Count > 0)
            {
                open.Pop();
            }
            else if (open.Count == 0 && c is '\'' or '"' && (quote is null || quote == c))
            {
                quote = quote is null ? c : null;
            }
        }
    }

    private static bool IsArgument(string name) => name == "VALUE" || (name.Length > 3 && (name.StartsWith("ARG", StringComparison.Ordinal) || name.StartsWith("VAL", StringComparison.Ordinal)) && name.AsSpan(3).IndexOfAnyExceptInRange('0', '9') < 0 && name != "ARG0");
}

namespace Ringfence.Core.Audit.Rules.Logging;

/// <summary>The levels of a line of [logfiles]: "[json]security,verbose(3)".</summary>
internal static class Levels
{
    /// <returns>Lower case, without the number of verbose; "*" for all. What stands before a formatter's bracket is lost to Asterisk as well.</returns>
    public static HashSet<string> Of(string value)
    {
        var close = value.IndexOf(']', StringComparison.Ordinal);
        return (value.Contains('[', StringComparison.Ordinal) && close >= 0 ? value[(close + 1)..] : value)
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(static level => level.StartsWith("verbose(", StringComparison.OrdinalIgnoreCase) ? "verbose" : level.ToLowerInvariant())
            .ToHashSet(StringComparer.Ordinal);
    }

    public static bool IsJson(string value) => value.Contains("[json]", StringComparison.OrdinalIgnoreCase);
}

namespace Ringfence.Output;

/// <summary>Numbers with what they count.</summary>
internal static class Words
{
    /// <returns>"1 address", "2 addresses", "0 bans", "3 entries".</returns>
    public static string Count(long number, string one) => number == 1 ? $"1 {one}"
        : one.EndsWith("ry", StringComparison.Ordinal) ? $"{number} {one[..^1]}ies"
        : $"{number} {one}{(one.EndsWith('s') ? "es" : "s")}";
}

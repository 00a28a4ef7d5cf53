namespace Ringfence.Core.Dialplan;

/// <summary>Which country a number that is sent out is in, as far as the line says it itself.</summary>
internal static class CountryCode
{
    private static readonly string[] Prefixes = ["+", "00", "011"];

    /// <summary>The line writes a country before what was dialled, +49${EXTEN:1}: whoever wrote it chose the country, and no caller chooses another.</summary>
    /// <remarks>Of one digit are 1 and 7 alone; behind two of the others a caller's first digit says at most which of a few neighbours it is.</remarks>
    public static bool IsOfTheLine(SymbolicText number) =>
        number is JoinedText { Parts: [ConstantText { Value: var written }, ..] }
        && Array.Exists(Prefixes, prefix => written.StartsWith(prefix, StringComparison.Ordinal) && written[prefix.Length..] is (['1' or '7', ..] or [>= '2' and <= '9', >= '0' and <= '9', ..]));
}

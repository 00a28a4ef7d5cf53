namespace Ringfence.Core.Detection.Rules;

/// <summary>Whether dialled digits ask for an international call, in the forms that scanners dial.</summary>
internal static class OutsideNumber
{
    /// <summary>
    /// 00 or 011 and at least seven more digits, perhaps behind one digit for an outside line (9011972...), then at least nine more.
    /// A plain or +E.164 number is what a provider sends for an incoming call, and does not count; so does no freephone number (0800, 1800).
    /// </summary>
    public static bool IsInternational(ReadOnlySpan<byte> dialled)
    {
        dialled = dialled.TrimStart("+*"u8);
        var digits = 0;
        while (digits < dialled.Length && (uint)(dialled[digits] - '0') <= 9)
        {
            digits++;
        }

        return AfterPrefix(dialled[..digits]) >= 7 || (digits > 1 && AfterPrefix(dialled[1..digits]) >= 9);
    }

    private static int AfterPrefix(ReadOnlySpan<byte> digits) =>
        digits.StartsWith("00"u8) ? digits.Length - 2 : digits.StartsWith("011"u8) ? digits.Length - 3 : -1;
}

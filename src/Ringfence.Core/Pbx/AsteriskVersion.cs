using System.Buffers;
using System.Globalization;

namespace Ringfence.Core.Pbx;

/// <summary>A release of Asterisk: 22.10.1. Certified ones (certified/20.7-cert11) are read by the numbers of the branch that they come from.</summary>
internal readonly record struct AsteriskVersion(int Major, int Minor = 0, int Patch = 0) : IComparable<AsteriskVersion>
{
    /// <summary>What is assumed where nobody says the version: the newest with long-term support when this was written.</summary>
    public static readonly AsteriskVersion Assumed = new(22);

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <param name="text">"22", "22.10.1", "Asterisk 22.10.1~dfsg+~cs6.15.60671435-1 built by ...", "certified/20.7-cert11".</param>
    /// <returns>null: there is no number in it.</returns>
    public static AsteriskVersion? Parse(string text)
    {
        var start = text.AsSpan().IndexOfAnyInRange('0', '9');
        if (start < 0)
        {
            return null;
        }

        var rest = text.AsSpan(start);
        var end = rest.IndexOfAnyExcept(Digits);
        var numbers = (end < 0 ? rest : rest[..end]).ToString().Split('.');
        return Number(0) is { } major and > 0 ? new AsteriskVersion(major, Number(1) ?? 0, Number(2) ?? 0) : null;

        int? Number(int at) => at < numbers.Length && int.TryParse(numbers[at], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    public int CompareTo(AsteriskVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    public static bool operator <(AsteriskVersion left, AsteriskVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(AsteriskVersion left, AsteriskVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(AsteriskVersion left, AsteriskVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(AsteriskVersion left, AsteriskVersion right) => left.CompareTo(right) >= 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");
}

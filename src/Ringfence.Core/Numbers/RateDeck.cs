using System.Globalization;

namespace Ringfence.Core.Numbers;

/// <summary>What calls cost by the beginning of their number; the longest one holds.</summary>
internal sealed class RateDeck
{
    private const int Digits = 10;

    // A digit's next node: ten for each, 0 is none, and node 0 the root. A node's rate: -1 is none.
    private readonly List<int> _next = [.. new int[Digits]];
    private readonly List<int> _rates = [-1];
    private readonly List<Rate> _all = [];

    public int Count => _all.Count;

    /// <param name="rate">In place of one with the same prefix.</param>
    public void Add(Rate rate)
    {
        var node = 0;
        foreach (var c in rate.Prefix)
        {
            var at = (node * Digits) + (c - '0');
            if (_next[at] == 0)
            {
                _next[at] = _rates.Count;
                _rates.Add(-1);
                _next.AddRange(new int[Digits]);
            }

            node = _next[at];
        }

        _rates[node] = _all.Count;
        _all.Add(rate);
    }

    /// <param name="digits">Calling code and national number, without "+".</param>
    /// <returns>null: the deck has nothing for it.</returns>
    public Rate? For(ReadOnlySpan<char> digits)
    {
        var (node, found) = (0, _rates[0]);
        foreach (var c in digits)
        {
            if (!char.IsAsciiDigit(c) || (node = _next[(node * Digits) + (c - '0')]) == 0)
            {
                break;
            }

            found = _rates[node] >= 0 ? _rates[node] : found;
        }

        return found < 0 ? null : _all[found];
    }
}

/// <summary>What a call to numbers with a prefix costs. Money is in millionths of the deck's currency: sums are exact.</summary>
/// <param name="Prefix">Digits without "+".</param>
/// <param name="Name">As the deck calls the destination.</param>
/// <param name="PerMinute">Millionths.</param>
/// <param name="Connect">Millionths for each answered call.</param>
/// <param name="First">Seconds that are paid whatever the call's length.</param>
/// <param name="Every">Seconds that are paid at once behind them.</param>
internal sealed record Rate(string Prefix, string Name, long PerMinute, long Connect = 0, int First = 1, int Every = 1)
{
    /// <summary>A million is one.</summary>
    public const long Unit = 1_000_000;

    /// <summary>A minute costs no more, in millionths: the sums of calls of years hold it.</summary>
    public const long Most = 10_000 * Unit;

    /// <param name="amount">Euros, in millionths; null stays null.</param>
    /// <param name="euro">One of them in other money, in millionths.</param>
    public static long? InMoney(long? amount, long euro) => amount is { } value ? (long)((decimal)value * euro / Unit) : null;

    /// <param name="seconds">Answered; 0 or less costs nothing.</param>
    /// <returns>Millionths, rounded up.</returns>
    public long Cost(long seconds)
    {
        if (seconds <= 0)
        {
            return 0;
        }

        var behind = Math.Max(0, seconds - First);
        var billed = First + ((behind + Every - 1) / Every * Every);
        return Connect + (((PerMinute * billed) + 59) / 60);
    }

    /// <summary>The longest call of no more than so many seconds that is paid for no longer than it lasts.</summary>
    /// <returns>Seconds; 0: it is paid for longer, however short it is.</returns>
    public long Whole(long seconds) => seconds < First ? 0 : First + ((seconds - First) / Every * Every);

    /// <summary>Millionths as an amount.</summary>
    public static decimal Amount(long millionths) => millionths / (decimal)Unit;

    /// <summary>"0.0125".</summary>
    public static string Text(long millionths) => Amount(millionths).ToString("0.00####", CultureInfo.InvariantCulture);
}

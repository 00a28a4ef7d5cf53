using Ringfence.Bench.Logs;

namespace Ringfence.Bench.Fraud;

/// <summary>Chances.</summary>
internal static class Draw
{
    /// <summary>Knuth's; for means below some hundred.</summary>
    public static int Poisson(SplitMix random, double mean)
    {
        var (limit, product, count) = (Math.Exp(-mean), random.Share(), 0);
        while (product > limit)
        {
            product *= random.Share();
            count++;
        }

        return count;
    }

    public static double LogNormal(SplitMix random, double median, double spread) =>
        median * Math.Exp(spread * Math.Sqrt(-2 * Math.Log(1 - random.Share())) * Math.Cos(2 * Math.PI * random.Share()));

    /// <param name="weights">Of the 24 hours.</param>
    public static double Hour(SplitMix random, double[] weights) => Weighted(random, weights) + random.Share();

    public static int Weighted(SplitMix random, double[] weights)
    {
        var left = random.Share() * weights.Sum();
        for (var at = 0; at < weights.Length; at++)
        {
            if ((left -= weights[at]) < 0)
            {
                return at;
            }
        }

        return weights.Length - 1;
    }

    /// <summary>A number as fingers get it wrong: a digit too few, one too many, another one, a zero too much before it.</summary>
    public static string? Mistyped(SplitMix random, string dialled)
    {
        var at = 4 + random.Below(Math.Max(1, dialled.Length - 4));
        return dialled.Length < 8 ? null : random.Below(8) switch
        {
            0 or 1 => dialled[..^1],
            2 => dialled + (char)('0' + random.Below(10)),
            3 or 4 or 5 => $"{dialled[..at]}{random.Below(10)}{dialled[Math.Min(dialled.Length, at + 1)..]}",
            6 => dialled.Remove(Math.Min(at, dialled.Length - 1), 1),

            // 030 is Berlin and 0030 Greece.
            _ => dialled.StartsWith("00", StringComparison.Ordinal) ? dialled[1..] : "0" + dialled,
        };
    }
}

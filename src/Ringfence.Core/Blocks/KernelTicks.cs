using System.Globalization;

namespace Ringfence.Core.Blocks;

/// <summary>The clock by which the kernel's lists tell their times: jiffies.</summary>
/// <remarks>How many go into a second is the kernel's own (CONFIG_HZ) and stands nowhere; but they begin 300 s below 2^32 (linux/jiffies.h, INITIAL_JIFFIES), so the time since the boot tells.</remarks>
internal readonly record struct KernelTicks(long Now, long PerSecond)
{
    private const long Start = 1L << 32;
    private static readonly long[] Rates = [100, 250, 300, 1000];

    /// <param name="timerList">/proc/timer_list: "now at 73239599838986 nsecs", "jiffies: 4313202134".</param>
    /// <returns>null: it does not say, or it is a kernel of 32 bits, where they begin elsewhere.</returns>
    public static KernelTicks? Parse(string timerList)
    {
        long? now = null;
        foreach (var line in timerList.Split('\n'))
        {
            if (line.StartsWith("now at ", StringComparison.Ordinal))
            {
                now = Number(line["now at ".Length..].Split(' ')[0]);
            }
            else if (line.StartsWith("jiffies: ", StringComparison.Ordinal) && now is { } nanoseconds && Number(line["jiffies: ".Length..]) is { } jiffies)
            {
                var seconds = nanoseconds / 1e9;
                foreach (var rate in Rates)
                {
                    // In the fifth minute all rates look alike.
                    var expected = Start + ((seconds - 300) * rate);
                    if (Math.Abs(jiffies - expected) < 2 * rate && Math.Abs(seconds - 300) > 30)
                    {
                        return new KernelTicks(jiffies, rate);
                    }
                }
            }
        }

        return null;
    }

    private static long? Number(string text) => long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

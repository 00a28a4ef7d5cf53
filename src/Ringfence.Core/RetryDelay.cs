namespace Ringfence.Core;

/// <summary>When to try again what the other side did not take: twice as long behind each failure in a row.</summary>
/// <param name="First">Behind the first failure.</param>
/// <param name="Longest">It is never longer.</param>
internal readonly record struct RetryDelay(TimeSpan First, TimeSpan Longest)
{
    /// <param name="failures">In a row, 1 or more.</param>
    public TimeSpan After(int failures)
    {
        var delay = First * Math.Pow(2, Math.Clamp(failures - 1, 0, 20));
        return delay < Longest ? delay : Longest;
    }
}

namespace Ringfence.Core.Notices;

/// <summary>When to try again what the other side did not take.</summary>
internal static class RetryDelay
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(5);

    /// <summary>A mail server that greylists wants minutes, one that is being restarted seconds; RFC 5321 section 4.5.4.1 speaks of 30 minutes.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    /// <summary>RFC 5321 section 4.5.4.1: give up after 4 to 5 days. One message that the other side never takes must not hold up the others for ever.</summary>
    public static readonly TimeSpan GiveUp = TimeSpan.FromDays(4);

    /// <param name="failures">In a row, 1 or more.</param>
    public static TimeSpan After(int failures)
    {
        var delay = First * Math.Pow(2, Math.Clamp(failures - 1, 0, 20));
        return delay < Longest ? delay : Longest;
    }
}

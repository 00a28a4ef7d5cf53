namespace Ringfence.Core.Notices;

/// <summary>How long a notice waits for a receiver that does not take it.</summary>
internal static class NoticeRetry
{
    /// <summary>A mail server that greylists wants minutes, one that is being restarted seconds; RFC 5321 section 4.5.4.1 speaks of 30 minutes.</summary>
    public static readonly RetryDelay Delay = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(15));

    /// <summary>RFC 5321 section 4.5.4.1: give up after 4 to 5 days. One message that the other side never takes must not hold up the others for ever.</summary>
    public static readonly TimeSpan GiveUp = TimeSpan.FromDays(4);
}

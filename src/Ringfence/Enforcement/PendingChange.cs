using Ringfence.Core.Events;
using Ringfence.Core.Firewall;

namespace Ringfence.Enforcement;

/// <summary>A change on its way into the kernel; what the kernel refuses changes it.</summary>
internal sealed class PendingChange(BanSet set, Interval interval)
{
    public BanSet Set => set;

    public Interval Interval => interval;

    /// <summary>The host or network that it is about.</summary>
    public Network Subject => interval.Networks().First();

    /// <summary>Take out what is there, first.</summary>
    public bool Delete { get; set; }

    public bool Add { get; init; }

    /// <summary>Why it can't be; null while it can.</summary>
    public string? Failure { get; set; }

    public bool IsSettled => Failure is not null || (!Delete && !Add);
}

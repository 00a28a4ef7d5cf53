using Ringfence.Core.Firewall;

namespace Ringfence.Enforcement;

/// <summary>What the table's counters have counted since start, and who met its limits.</summary>
/// <param name="limits">null: there are none.</param>
internal sealed class TableCounts(SipLimits? limits)
{
    private readonly DropCount _drops = new();
    private readonly DropCount _limitedAlone = new();
    private readonly DropCount _limitedTogether = new();
    private readonly DropCount _heldBack = new();
    private readonly DropCount _long = new();

    /// <param name="kernel">null: there is no table yet.</param>
    /// <returns>Packets of those who are banned.</returns>
    public long Dropped(KernelTable? kernel) => _drops.See(kernel?.Packets(RulesetText.Counter));

    /// <inheritdoc cref="IFirewall.Limiting"/>
    public (long Alone, long Together) Limiting(KernelTable? kernel) => limits is not null && kernel is not null
        ? (_limitedAlone.See(kernel.Packets(LimitRules.Counter)), _limitedTogether.See(kernel.Packets(LimitRules.TogetherCounter)))
        : default;

    /// <inheritdoc cref="IFirewall.Limited"/>
    public IReadOnlyList<LimitedAddress> Limited(KernelTable? kernel) => limits is not null && kernel is not null
        ? [.. kernel.Limited(LimitSet.Limited4), .. kernel.Limited(LimitSet.Limited6)]
        : [];

    /// <param name="throttled">Who is throttled now.</param>
    public LimitStatus? Limits(KernelTable? kernel, int throttled)
    {
        if (limits is null)
        {
            return null;
        }

        var (alone, together) = Limiting(kernel);
        return new LimitStatus(limits.Rate, limits.TogetherRate, alone, together, alone == 0 ? 0 : Limited(kernel).Count)
        {
            Throttled = throttled,
            DroppedThrottled = _heldBack.See(kernel?.Packets(LimitRules.ThrottleCounter)),
            DroppedLong = _long.See(kernel?.Packets(LimitRules.LongCounter)),
        };
    }
}

using Ringfence.Core.Configuration;
using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>What counts against an address that nothing was decided about yet: refusals of one kind.</summary>
/// <param name="Enough">So many make a suspicion; null: of this kind no number alone does.</param>
/// <param name="Within">The time within which they count together.</param>
/// <param name="Accounts">Whom it tried, safe to show, the newest first; at most <see cref="MostAccounts"/>.</param>
/// <param name="Door">Which door told it; null: the PBX.</param>
internal sealed record UnderWatch(
    Address Source, EventKind Kind, Proof Proof, int Count, int? Enough, TimeSpan Within, DateTimeOffset First, DateTimeOffset Last, IReadOnlyList<string> Accounts, string? Door)
{
    public const int MostAccounts = 5;

    /// <returns>One for each kind, by the channel that told most of it: each channel is counted by itself.</returns>
    /// <param name="watchOf">The door of a number, and what holds for it.</param>
    /// <param name="accountOf">The account of a refusal, safe to show.</param>
    public static IReadOnlyList<UnderWatch> Of(
        AddressHistory history, long nowTicks, Func<ushort, (string? Door, DetectionSettings Settings)> watchOf, Func<Refusal, string> accountOf)
    {
        var counting = new List<Refusal>();
        for (var i = 0; i < history.Length; i++)
        {
            if (Counts(history[i], nowTicks, watchOf))
            {
                counting.Add(history[i]);
            }
        }

        return
        [
            .. counting.GroupBy(refusal => (refusal.Door, refusal.Kind))
                .Select(kind => kind.GroupBy(refusal => refusal.Origin).MaxBy(channel => channel.Count())!.ToList())
                .Select(told => From(history.Key, told, watchOf(told[0].Door), accountOf)),
        ];
    }

    /// <returns>How many refusals count, of whatever kind: quick, to find out who has most.</returns>
    public static int CountOf(AddressHistory history, long nowTicks, Func<ushort, (string? Door, DetectionSettings Settings)> watchOf)
    {
        var count = 0;
        for (var i = 0; i < history.Length; i++)
        {
            count += Counts(history[i], nowTicks, watchOf) ? 1 : 0;
        }

        return count;
    }

    private static bool Counts(in Refusal refusal, long nowTicks, Func<ushort, (string? Door, DetectionSettings Settings)> watchOf) =>
        !refusal.IsForgiven && Math.Abs(nowTicks - refusal.TimeTicks) <= watchOf(refusal.Door).Settings.Window.Ticks;

    private static UnderWatch From(Address source, List<Refusal> told, (string? Door, DetectionSettings Settings) watch, Func<Refusal, string> accountOf) => new(
        source,
        told[0].Kind,
        told.Max(refusal => refusal.Proof),
        told.Count,
        told[0].Kind is EventKind.PasswordRefused or EventKind.AccountUnknown or EventKind.AclRefused ? watch.Settings.Refusals : null,
        watch.Settings.Window,
        new DateTimeOffset(told.Min(refusal => refusal.TimeTicks), TimeSpan.Zero),
        new DateTimeOffset(told.Max(refusal => refusal.TimeTicks), TimeSpan.Zero),
        [.. told.AsEnumerable().Reverse().DistinctBy(refusal => refusal.AccountHash).Take(MostAccounts).Select(accountOf).Where(account => account.Length > 0)],
        watch.Door);
}

using System.Globalization;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection.Rules;
using Ringfence.Core.Events;
using Ringfence.Core.Firewall;

namespace Ringfence.Core.Detection;

/// <summary>Says when the kernel's limits of SIP begin to drop, by their counters.</summary>
internal sealed class FloodWatch(DetectionSettings settings)
{
    /// <summary>So many dropped within <see cref="Window"/> are a flood; an office whose phones start together stays below.</summary>
    public const int Dropped = 500;

    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>It is told once in so long.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromMinutes(15);

    private const int MostShown = 10;
    private static readonly Network All = new(Address.FromIPv4(0), 0);

    private readonly Queue<(DateTimeOffset Time, long Alone, long Together)> _samples = new();
    private DateTimeOffset? _told;

    /// <param name="alone">Packets dropped so far because one address sent too many.</param>
    /// <param name="together">Packets dropped so far because all strangers together sent too many.</param>
    /// <param name="limited">Who sent too many lately; asked when there is something to tell.</param>
    /// <returns>What is to be told; null: nothing.</returns>
    public Alert? See(long alone, long together, Func<IReadOnlyList<LimitedAddress>> limited, DateTimeOffset now)
    {
        while (_samples.TryPeek(out var old) && (now - old.Time > Window || old.Time > now))
        {
            _samples.Dequeue();
        }

        _samples.Enqueue((now, alone, together));
        var first = _samples.Peek();
        var (fromOne, fromAll) = (alone - first.Alone, together - first.Together);
        if (fromOne + fromAll < Dropped || (_told is { } told && now - told < Rest && now >= told)
            || settings.DisabledRules.Contains(Flood.Rule.Id, StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }

        _told = now;
        var addresses = limited();
        List<LimitedAddress> most = [.. addresses.OrderByDescending(address => address.Packets).ThenBy(address => address.Subject).Take(MostShown)];
        var who = (fromOne, fromAll) switch
        {
            (_, 0) => Sources(addresses.Count),
            (0, _) => "very many addresses, probably forged",
            _ => $"{Sources(addresses.Count)}, and of very many more together",
        };
        var subject = fromOne > 0 && most.Count > 0 ? most[0].Subject : All;
        return new Alert(0, now, subject, Flood.Rule.Id, string.Create(CultureInfo.InvariantCulture,
            $"the kernel limits SIP of {who}: {fromOne + fromAll} packets dropped within {Math.Ceiling((now - first.Time).TotalSeconds):0} s"))
        {
            Evidence = most.Count == 0
                ? [Evidence(now, $"{fromAll} packets dropped beyond the limit for all strangers together")]
                : [.. most.AsEnumerable().Reverse().Select(address => Evidence(now, $"{address.Subject} {address.Packets} packets dropped beyond the limit for one address"))],
        };
    }

    private static string Sources(int count) => count == 1 ? "1 address" : string.Create(CultureInfo.InvariantCulture, $"{count} addresses");

    private static Evidence Evidence(DateTimeOffset now, string text) => new(now, "kernel limits", 0, EventKind.LimitReached, Proof.Unproven, "", text);
}

namespace Ringfence.Core.Lists;

/// <summary>Whether a list that was read may take the place of the one that is held.</summary>
internal static class ListChange
{
    /// <summary>Lists so short shrink by half without anything being wrong.</summary>
    public const int Short = 20;

    /// <summary>Of the public addresses of a family no list of attackers holds more: half of all scanners come from a handful of /8, and the largest lists hold a hundredth.</summary>
    private const int MostShare = 16;

    // 2000::/3 in units of a /48, and 0.0.0.0/0 in addresses.
    private const ulong Public6 = 1UL << 45;
    private const ulong Public4 = 1UL << 32;

    private static readonly ProtectedNetworks Special = new(ProtectedNetworks.Special);

    /// <param name="held">Entries that are held; null: it is the first.</param>
    /// <param name="isForced">The operator wants it whatever its length.</param>
    /// <returns>Why it is refused, with what to do; null: it may.</returns>
    public static string? Refusal(ListReading reading, int? held, int maxEntries, bool isForced) => reading switch
    {
        { Refusal: { } why } => why,
        { Entries.Count: var count } when count > maxEntries => $"it has {count} entries, and max_entries is {maxEntries}",
        { Entries.Count: 0 } => "it is empty",
        _ when !isForced && Share(reading) is { } family => $"it holds more than a {MostShare}th of all public {family} addresses, as no list of attackers does: if that is right, ringfence feeds update NAME --force takes it",
        _ when !isForced && held > Short && reading.Entries.Distinct().Count() is var count && count < held / 2 => $"it shrank from {held} entries to {count}, less than half: if that is right, ringfence feeds update NAME --force takes it",
        _ => null,
    };

    // Entries inside of others are counted twice, which no list has many of.
    private static string? Share(ListReading reading)
    {
        var (all4, all6) = (0UL, 0UL);
        foreach (var network in reading.Entries)
        {
            if (network.PrefixLength > (network.IsIPv4 ? 24 : 48))
            {
                all4 += network.IsIPv4 ? 1UL << (32 - network.PrefixLength) : 0;
            }
            else if (Special.Touching(network) is not { } special || !special.Network.Contains(network))
            {
                (all4, all6) = network.IsIPv4 ? (all4 + (1UL << (32 - network.PrefixLength)), all6) : (all4, all6 + (1UL << (48 - network.PrefixLength)));
            }
        }

        return all4 > Public4 / MostShare ? "IPv4" : all6 > Public6 / MostShare ? "IPv6" : null;
    }
}

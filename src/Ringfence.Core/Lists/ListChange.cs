namespace Ringfence.Core.Lists;

/// <summary>Whether a list that was read may take the place of the one that is held.</summary>
internal static class ListChange
{
    /// <summary>Lists so short shrink by half without anything being wrong.</summary>
    public const int Short = 20;

    /// <param name="held">Entries that are held; null: it is the first.</param>
    /// <param name="isForced">The operator wants it whatever its length.</param>
    /// <returns>Why it is refused, with what to do; null: it may.</returns>
    public static string? Refusal(ListReading reading, int? held, int maxEntries, bool isForced) => reading switch
    {
        { Refusal: { } why } => why,
        { Entries.Count: var count } when count > maxEntries => $"it has {count} entries, and max_entries is {maxEntries}",
        { Entries.Count: 0 } => "it is empty",
        { Entries.Count: var count } when !isForced && held > Short && count < held / 2 => $"it shrank from {held} entries to {count}, less than half: if that is right, ringfence feeds update NAME --force takes it",
        _ => null,
    };
}

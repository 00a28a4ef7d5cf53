using Ringfence.Core.Events;

namespace Ringfence.Core.Lists;

/// <summary>An entry of a kept list, and since when the list has it: of a list in pages, when it was last named.</summary>
internal readonly record struct KeptEntry(Network Network, DateTimeOffset Since)
{
    /// <summary>A new list: entries that were on the one before keep the time since when they are.</summary>
    /// <param name="before">Sorted, none twice.</param>
    /// <returns>Sorted, none twice.</returns>
    public static IEnumerable<KeptEntry> Renewed(IReadOnlyList<Network> entries, IEnumerable<KeptEntry> before, DateTimeOffset now)
    {
        var sorted = entries.ToArray();
        Array.Sort(sorted);
        using var known = before.GetEnumerator();
        var isThere = known.MoveNext();
        for (var i = 0; i < sorted.Length; i++)
        {
            if (i > 0 && sorted[i] == sorted[i - 1])
            {
                continue;
            }

            while (isThere && known.Current.Network.CompareTo(sorted[i]) < 0)
            {
                isThere = known.MoveNext();
            }

            yield return new KeptEntry(sorted[i], isThere && known.Current.Network == sorted[i] ? known.Current.Since : now);
        }
    }
}

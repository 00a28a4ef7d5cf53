namespace Ringfence.Core.Configuration;

/// <summary>What somebody may have meant by a name that does not exist.</summary>
internal static class NearestName
{
    // Longer than any of our names by more than a slip; and the work stays bounded for a line of 8,000 characters.
    private const int MaxCharacters = 40;

    /// <returns>null if nothing is near: more than a third of the letters differ.</returns>
    public static string? Of(string name, IEnumerable<string> known)
    {
        if (name.Length > MaxCharacters)
        {
            return null;
        }

        // Names that differ by more than a third in length are not near, whatever their letters.
        known = known.Where(candidate => Math.Abs(candidate.Length - name.Length) <= Math.Max(1, Math.Max(name.Length, candidate.Length) / 3));
        var plain = name.ToLowerInvariant().Replace('-', '_');
        var (best, distance) = known.Select(candidate => (candidate, Distance(plain, candidate))).DefaultIfEmpty(("", int.MaxValue)).MinBy(pair => pair.Item2);
        return distance <= Math.Max(1, Math.Max(plain.Length, best.Length) / 3) ? best : null;
    }

    // Optimal string alignment: a swap of neighbours ("frist_ban") is one slip, not two.
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            rows[i, 0] = i;
        }

        for (var j = 0; j <= b.Length; j++)
        {
            rows[0, j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var same = a[i - 1] == b[j - 1];
                var least = Math.Min(Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1, rows[i - 1, j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    least = Math.Min(least, rows[i - 2, j - 2] + 1);
                }

                rows[i, j] = least;
            }
        }

        return rows[a.Length, b.Length];
    }
}

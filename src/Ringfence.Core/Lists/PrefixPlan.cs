namespace Ringfence.Core.Lists;

/// <summary>Which prefix lengths a set of networks is expanded to, so that few hash tables hold it: a network of a length between two of them becomes
/// all networks of the longer one inside it.</summary>
/// <remarks>Controlled prefix expansion: V. Srinivasan and G. Varghese, Fast address lookups using controlled prefix expansion, ACM TOCS 17(1), 1999. There the
/// number of lengths is given and the memory is least; here a bound of memory is given, and each length costs each packet a lookup.</remarks>
internal static class PrefixPlan
{
    /// <param name="counts">Networks by prefix length: element 0 to 32, or 0 to 128.</param>
    /// <param name="maxElements">Expanded networks that there may be; where the networks themselves are more, none is expanded.</param>
    /// <returns>The fewest lengths with which there are no more elements, and of those the ones with the fewest; ascending. Empty: there is no network.</returns>
    public static IReadOnlyList<int> Choose(IReadOnlyList<int> counts, double maxElements)
    {
        var present = Enumerable.Range(0, counts.Count).Where(length => counts[length] > 0).ToArray();
        if (present.Length == 0)
        {
            return [];
        }

        // A chosen length at which no network is could as well be the next shorter one at which some are: only these are looked at.
        // least[k][i]: the fewest elements for the lengths up to present[i], if present[i] is the longest of k + 1 chosen ones.
        var least = new List<double[]>();
        var before = new List<int[]>();
        for (var lengths = 1; ; lengths++)
        {
            var row = new double[present.Length];
            var from = new int[present.Length];
            for (var i = 0; i < present.Length; i++)
            {
                (row[i], from[i]) = lengths == 1
                    ? (Expanded(-1, i), -1)
                    : Enumerable.Range(0, i).Select(j => (least[^1][j] + Expanded(j, i), j)).DefaultIfEmpty((double.PositiveInfinity, -1)).MinBy(sum => sum.Item1);
            }

            least.Add(row);
            before.Add(from);
            if (row[^1] <= maxElements || lengths == present.Length)
            {
                return Chosen();
            }
        }

        // Elements of all networks longer than present[from] and up to present[to], at the length present[to].
        double Expanded(int from, int to)
        {
            var sum = 0.0;
            for (var i = from + 1; i <= to; i++)
            {
                sum += counts[present[i]] * Math.Pow(2, present[to] - present[i]);
            }

            return sum;
        }

        int[] Chosen()
        {
            var chosen = new List<int>();
            for (var (at, row) = (present.Length - 1, before.Count - 1); at >= 0; at = before[row--][at])
            {
                chosen.Add(present[at]);
            }

            chosen.Reverse();
            return [.. chosen];
        }
    }
}

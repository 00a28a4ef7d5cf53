using System.Globalization;

namespace Ringfence.Core.Audit.Rules.Host;

/// <summary>Keeps a rule that finds a whole tree of files from filling the report with it.</summary>
internal static class Many
{
    private const int Shown = 20;

    /// <returns>The first twenty; the last of them says how many more there are.</returns>
    public static IEnumerable<Fault> Bounded(IEnumerable<Fault> faults)
    {
        var all = faults.ToList();
        return all.Count <= Shown
            ? all
            : [.. all.Take(Shown - 1), all[Shown - 1] with { Text = all[Shown - 1].Text + string.Create(CultureInfo.InvariantCulture, $", and {all.Count - Shown:N0} more files are so") }];
    }
}

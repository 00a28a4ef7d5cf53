using System.Globalization;

namespace Ringfence.Core.Audit;

/// <summary>Puts the faults of one line together: one line of a template is one fault, whether two phones inherit it or two thousand.</summary>
internal static class FaultGroups
{
    /// <summary>So many of those who share the line are named.</summary>
    private const int Named = 3;

    /// <param name="faults">Of one rule.</param>
    /// <returns>In the order in which the first of each came.</returns>
    /// <remarks>Calls that come to one line by several ways are told one by one, and so is what is said of a file as a whole.</remarks>
    public static IEnumerable<Fault> Of(IEnumerable<Fault> faults) =>
        from fault in faults
        group fault by (fault.Place, fault.Severity, fault.Mend?.Text, Own: fault.Place.Line == 0 || fault.Way.Count > 0 ? fault.Subject + fault.Text : "") into line
        from told in Told([.. line])
        select told;

    private static List<Fault> Told(List<Fault> line)
    {
        var others = line.Select(static fault => fault.Subject).Distinct(StringComparer.Ordinal).Skip(1).ToList();
        if (others.Count == 0)
        {
            return line;
        }

        var first = line[0];
        var named = string.Join(", ", others.Take(Named)) + (others.Count > Named ? string.Create(CultureInfo.InvariantCulture, $" and {others.Count - Named} more") : "");
        return
        [
            first with
            {
                Text = $"{first.Text} (the same line: {named})",
                Mend = first.Mend is { Edits.Count: > 0 } mend ? mend with { Edits = [.. line.SelectMany(static fault => fault.Mend!.Edits).Distinct(SameEdit.Instance)] } : first.Mend,
            },
        ];
    }
}

using System.Globalization;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>One fault that stands in many lines: told once, with where.</summary>
internal static class ManyPlaces
{
    /// <summary>Who moves a PBX searches for the word; these are to find the first by.</summary>
    private const int Most = 20;

    /// <param name="places">At least one.</param>
    public static Fault One(IReadOnlyList<Place> places, string subject, string text)
    {
        var files = places.Select(static place => place.File).Distinct(StringComparer.Ordinal).ToList();
        var lines = places.Distinct().OrderBy(place => files.IndexOf(place.File)).ThenBy(static place => place.Line).ToList();
        return lines.Count == 1 ? new Fault(lines[0], subject, text) : new Fault(lines[0], subject, string.Create(CultureInfo.InvariantCulture, $"{text}; it stands in {lines.Count:N0} lines"))
        {
            Way = [.. lines.Skip(1).Take(Most - 1).Select(static place => new Step(place, "here too")), .. lines.Count > Most ? [new Step(null, string.Create(CultureInfo.InvariantCulture, $"and {lines.Count - Most:N0} more"))] : (Step[])[]],
        };
    }
}

using System.Text;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Perimeter;

/// <summary>The comments behind a zone's networks, which become the comments of its rules.</summary>
internal static class LineNotes
{
    public static PerimeterSettings Add(PerimeterSettings settings, IReadOnlyList<AsteriskFile> files)
    {
        if (!settings.Zones.Any(static zone => zone.Networks.Count > 0))
        {
            return settings;
        }

        var byName = files.DistinctBy(static file => file.Name).ToDictionary(static file => file.Name, StringComparer.Ordinal);
        return settings with
        {
            Zones = [.. settings.Zones.Select(zone => zone.Networks.Count == 0 ? zone : zone with
            {
                Networks = [.. zone.Networks.Select(noted => noted with { Note = byName.TryGetValue(noted.Place.File, out var file) ? Of(Encoding.UTF8.GetString(file.Raw(noted.Place.Line))) : "" })],
            })],
        };
    }

    // Nothing in front of it can hold a semicolon: it is a list of addresses.
    private static string Of(string line) => line.IndexOf(';', StringComparison.Ordinal) is >= 0 and var at && !line.AsSpan(at).StartsWith(";--", StringComparison.Ordinal) ? line[(at + 1)..].Trim() : "";
}

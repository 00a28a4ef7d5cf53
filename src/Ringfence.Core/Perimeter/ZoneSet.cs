using Ringfence.Core.Events;

namespace Ringfence.Core.Perimeter;

/// <summary>What an ipset holds of a zone: its networks of one family.</summary>
/// <param name="Name">By the zone's place and not by its name: a set's name has 31 characters at most (ipset(8)).</param>
internal sealed record ZoneSet(string Name, Zone Zone, bool IsIPv4)
{
    public string Family => IsIPv4 ? "inet" : "inet6";

    /// <summary>How many elements it may have.</summary>
    public int Room => Math.Max(65_536, Zone.Of(IsIPv4).Count());

    /// <summary>With what the operator noted, fit to stand between quotes; null: nothing.</summary>
    public IEnumerable<(Network Network, string? Note)> Networks =>
        Zone.Of(IsIPv4).Select(network => (network, Zone.Notes.TryGetValue(network, out var note) ? ShellScript.Quoted(note).Trim('\'') : null));

    /// <summary>All sets of these zones, none that would be empty.</summary>
    public static IEnumerable<ZoneSet> Of(IReadOnlyList<Zone> zones) =>
        from zone in zones.Index()
        from isIPv4 in (bool[])[true, false]
        where zone.Item.Of(isIPv4).Any()
        select new ZoneSet($"ringfence_z{zone.Index}_{(isIPv4 ? 4 : 6)}", zone.Item, isIPv4);
}

namespace Ringfence.Core.Configuration;

/// <summary>The kinds of sections that have names.</summary>
internal static class NamedSections
{
    public static IReadOnlyList<NamedSection> All { get; } = [DoorKeys.Named, ZoneKeys.Named, ServiceKeys.Named, FeedKeys.Named, RoamingKeys.Named, OuterKeys.Named, LimitKeys.Named, PermissionKeys.Named];

    public static NamedSection? Of(string section) => All.FirstOrDefault(kind => section == kind.Kind || section.StartsWith(kind.Kind + " ", StringComparison.Ordinal));

    /// <summary>Whether a key's section is one of many.</summary>
    public static bool Hold(ConfigKey key) => All.Any(kind => kind.Section == key.Section);

    /// <summary>A key sets the section that was begun last.</summary>
    public static IReadOnlyList<T> WithLast<T>(this IReadOnlyList<T> sections, Func<T, T> change) => [.. sections.SkipLast(1), change(sections[^1])];
}

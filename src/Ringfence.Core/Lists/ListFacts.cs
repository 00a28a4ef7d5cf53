using System.Globalization;

namespace Ringfence.Core.Lists;

/// <summary>What is known of a kept list beside its entries: a small file, written after the list.</summary>
internal sealed record ListFacts
{
    /// <summary>Where it came from: of another URL nothing counts.</summary>
    public required string Source { get; init; }

    public int Entries { get; init; }

    public int Unread { get; init; }

    /// <summary>The first of those, for people.</summary>
    public IReadOnlyList<string> FirstUnread { get; init; } = [];

    /// <summary>When these entries came.</summary>
    public DateTimeOffset Updated { get; init; }

    /// <summary>When they were last known to be the latest.</summary>
    public DateTimeOffset Checked { get; init; }

    public string? ETag { get; init; }

    public string? LastModified { get; init; }

    /// <summary>Of a list in pages: where the next begins.</summary>
    public string? NextId { get; init; }

    /// <param name="reading">What was read last; null: no page came.</param>
    public static ListFacts Of(string source, ListReading? reading, DateTimeOffset now) => new()
    {
        Source = source,
        Unread = reading?.Unread ?? 0,
        FirstUnread = [.. (reading?.FirstUnread ?? []).Select(static unread => string.Create(CultureInfo.InvariantCulture, $"line {unread.Line}: \"{unread.Text}\": {unread.Why}"))],
        Updated = now,
        Checked = now,
    };
}

using Ringfence.Core.Events;

namespace Ringfence.Core.Lists;

/// <summary>What a blocklist's bytes say.</summary>
internal sealed record ListReading
{
    public required IReadOnlyList<Network> Entries { get; init; }

    /// <summary>Why nothing of it counts; null: it is a list.</summary>
    public string? Refusal { get; init; }

    /// <summary>Lines, or values of a JSON document, that name no network.</summary>
    public int Unread { get; init; }

    /// <summary>The first few of them.</summary>
    public IReadOnlyList<UnreadEntry> FirstUnread { get; init; } = [];

    /// <summary>Where the next page begins, of a list that comes in pages (APIBAN's "ID"); null: it has none.</summary>
    public string? NextId { get; init; }

    public static ListReading Refused(string why) => new() { Entries = [], Refusal = why };
}

/// <param name="Line">From 1; of a JSON document that is no JSON lines, the number of the value.</param>
/// <param name="Text">Fit to be shown.</param>
internal readonly record struct UnreadEntry(int Line, string Text, string Why);

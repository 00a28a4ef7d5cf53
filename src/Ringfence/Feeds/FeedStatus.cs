namespace Ringfence.Feeds;

/// <summary>One blocklist, for status.</summary>
/// <param name="Where">A file, or a server's name.</param>
/// <param name="Entries">That are held, as the list has them.</param>
/// <param name="Unread">Lines of it that were no entries.</param>
/// <param name="Updated">When these entries came; null: it has never come.</param>
/// <param name="Checked">When they were last known to be the latest.</param>
/// <param name="Next">When it is fetched next.</param>
/// <param name="Problem">For people; null: all is well.</param>
internal sealed record FeedStatus(
    string Name, string Where, int Entries, int Unread, DateTimeOffset? Updated, DateTimeOffset? Checked, DateTimeOffset? Next, string? Problem)
{
    /// <summary>The last try failed, and the list is not old yet; null: it did not.</summary>
    public string? Note { get; init; }

    /// <summary>Entries, or parts of them, that are never blocked: own, trusted, private.</summary>
    public int LeftOut { get; init; }

    /// <summary>Packets dropped from addresses that this list holds, since the kernel's table was made.</summary>
    public long Dropped { get; init; }

    /// <summary>Of these, from addresses that no other list holds: what would come in without this one.</summary>
    public long DroppedAlone { get; init; }
}

/// <summary>All blocklists together.</summary>
/// <param name="Elements">What the kernel holds of them.</param>
/// <param name="Loaded">When it was put there; null: not since start.</param>
/// <param name="Problem">Why the kernel does not hold what it should; null: it does.</param>
internal sealed record ListsStatus(int Elements, DateTimeOffset? Loaded, string? Problem, IReadOnlyList<FeedStatus> Feeds);

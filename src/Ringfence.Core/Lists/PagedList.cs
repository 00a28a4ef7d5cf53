using Ringfence.Core.Configuration;
using Ringfence.Core.Events;

namespace Ringfence.Core.Lists;

/// <summary>A list that comes in pages (APIBAN), each naming whom it saw since the one before: nobody says who is not on it any more, so an entry holds for a time.</summary>
internal sealed class PagedList
{
    /// <summary>APIBAN gives some 250 addresses on a page: a week of them, and an end for a server that always has another page.</summary>
    public const int MostPages = 400;

    private readonly Dictionary<Network, DateTimeOffset> _entries;
    private readonly int _maxEntries;
    private readonly DateTimeOffset _now;
    private int _pages;

    /// <param name="kept">What is held; what is older than the list's life goes.</param>
    /// <param name="nextId">Where the next page begins; null: at the first.</param>
    public PagedList(FeedSettings settings, IEnumerable<KeptEntry> kept, string? nextId, DateTimeOffset now)
    {
        var life = settings.Kind?.Life ?? TimeSpan.MaxValue;
        _entries = kept.Where(entry => now - entry.Since < life).ToDictionary(static entry => entry.Network, static entry => entry.Since);
        _maxEntries = settings.MaxEntries;
        _now = now;
        NextId = nextId;
    }

    public string? NextId { get; private set; }

    /// <summary>The page that was read last.</summary>
    public ListReading? Last { get; private set; }

    /// <summary>There is no page behind.</summary>
    public bool IsComplete { get; private set; }

    public IEnumerable<KeptEntry> Entries => _entries.OrderBy(static entry => entry.Key).Select(static entry => new KeptEntry(entry.Key, entry.Value));

    /// <returns>Why all of it is refused; null: it is not.</returns>
    public string? Add(ListReading page)
    {
        if (page.Refusal is { } why)
        {
            return why;
        }

        Last = page;
        foreach (var entry in page.Entries)
        {
            _entries[entry] = _now;
        }

        if (_entries.Count > _maxEntries)
        {
            return $"it has more than {_maxEntries} entries (max_entries)";
        }

        if (page.NextId is null or "none" || page.NextId == NextId)
        {
            IsComplete = true;
            return null;
        }

        NextId = page.NextId;
        IsComplete = ++_pages >= MostPages;
        return null;
    }

    /// <summary>The server has nothing behind the last page.</summary>
    /// <returns>Why all of it is refused; null: it is not.</returns>
    public string? End()
    {
        IsComplete = true;
        return _entries.Count == 0 ? "it is empty" : null;
    }
}

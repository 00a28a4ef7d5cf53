using Ringfence.Core.Rules;

namespace Ringfence.Core.Notices;

/// <summary>Many notices in one.</summary>
internal sealed record NoticeDigest
{
    public required int Count { get; init; }

    public required DateTimeOffset First { get; init; }

    public required DateTimeOffset Last { get; init; }

    public required Severity Severity { get; init; }

    public required IReadOnlyList<NoticeCount> Kinds { get; init; }

    /// <summary>By rule, the most frequent first, at most <see cref="DigestBuilder.Shown"/>.</summary>
    public required IReadOnlyList<NoticeCount> Rules { get; init; }

    /// <summary>By address, the most frequent first, at most <see cref="DigestBuilder.Shown"/>.</summary>
    public required IReadOnlyList<NoticeCount> Addresses { get; init; }

    /// <summary>How many addresses there were, shown or not.</summary>
    public required int DistinctAddresses { get; init; }

    /// <summary>The headlines of the worst, in their order, at most <see cref="DigestBuilder.Shown"/>.</summary>
    public required IReadOnlyList<string> Worst { get; init; }
}

internal sealed record NoticeCount(string Name, int Count);

/// <summary>Counts notices; a queue of 100,000 is read through it row by row.</summary>
internal sealed class DigestBuilder
{
    public const int Shown = 20;

    private readonly Dictionary<string, int> _kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _addresses = new(StringComparer.Ordinal);
    private readonly List<string> _worst = [];
    private Severity _severity;
    private int _count;
    private DateTimeOffset _first;
    private DateTimeOffset _last;

    public void Add(Notice notice)
    {
        _first = _count == 0 || notice.Time < _first ? notice.Time : _first;
        _last = _count == 0 || notice.Time > _last ? notice.Time : _last;
        _count++;
        Count(_kinds, NoticeKinds.Name(notice.Kind));
        Count(_rules, notice.Rule);
        Count(_addresses, notice.Address);
        if (notice.Severity > _severity)
        {
            _severity = notice.Severity;
            _worst.Clear();
        }

        if (notice.Severity == _severity && _worst.Count < Shown)
        {
            _worst.Add(notice.Headline);
        }
    }

    public NoticeDigest Build() => new()
    {
        Count = _count,
        First = _first,
        Last = _last,
        Severity = _severity,
        Kinds = Most(_kinds),
        Rules = Most(_rules),
        Addresses = Most(_addresses),
        DistinctAddresses = _addresses.Count,
        Worst = _worst,
    };

    private static void Count(Dictionary<string, int> counts, string name)
    {
        if (name.Length > 0)
        {
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }
    }

    private static List<NoticeCount> Most(Dictionary<string, int> counts) =>
        [.. counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(Shown).Select(pair => new NoticeCount(pair.Key, pair.Value))];
}

namespace Ringfence.Core.Configuration;

/// <summary>A blocklist that is fetched again and again: [feed NAME].</summary>
internal sealed record FeedSettings
{
    public const long DefaultMaxBytes = 64 << 20;

    public const int DefaultMaxEntries = 1_000_000;

    /// <summary>As in [feed NAME]; people read it wherever the list is meant.</summary>
    public required string Name { get; init; }

    /// <summary>Where it is; null: <see cref="File"/> is, or the kind of that name knows.</summary>
    public Uri? Url { get; init; }

    /// <summary>A file of this machine in its place.</summary>
    public string? File { get; init; }

    /// <summary>null: the kind's.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>The customer's, which stands in the URL; never shown.</summary>
    public string? Key { get; init; }

    /// <summary>null: none, whatever the environment says.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>For the whole download.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Of what comes, and of what it becomes unpacked.</summary>
    public long MaxBytes { get; init; } = DefaultMaxBytes;

    public int MaxEntries { get; init; } = DefaultMaxEntries;

    public FeedKind? Kind => FeedKind.Named(Name);

    public TimeSpan Every => Interval ?? Kind?.Interval ?? TimeSpan.FromHours(4);

    /// <summary>Pages that follow each other, each telling where the next begins (APIBAN).</summary>
    public bool IsPaged => Kind is { IsPaged: true } && File is null;

    /// <summary>What is asked for; null: a file is read.</summary>
    /// <param name="id">Of a list in pages: where the next one begins; null: the first.</param>
    public Uri? Address(string? id = null) => File is not null ? null
        : (Url?.OriginalString ?? Kind?.Url) is { } url
            ? new Uri(url.Replace("{key}", Uri.EscapeDataString(Key ?? ""), StringComparison.Ordinal) + (IsPaged ? $"/{Uri.EscapeDataString(id ?? "100")}" : ""))
            : null;

    /// <summary>For people, without the path, which may hold a key.</summary>
    public string Where => File ?? (Address() is { } address ? $"{address.Host}{(address.IsDefaultPort ? "" : $":{address.Port}")}" : "nowhere");
}

/// <summary>A list that many use, known by the feed's name.</summary>
/// <param name="Interval">As often as its publisher wants or changes it.</param>
/// <param name="Least">More often its publisher does not want to be asked.</param>
/// <param name="Life">How long an entry of a list in pages holds, counted from when it was last named; null: as long as the list names it.</param>
internal sealed record FeedKind(string Name, string Url, TimeSpan Interval, TimeSpan Least, string Meaning, bool NeedsKey = false, bool IsPaged = false, TimeSpan? Life = null)
{
    /// <remarks>Intervals: VoIPBL's own script every 4 hours; APIBAN's clients some minutes; blocklist.de writes its lists each 15 minutes; Spamhaus wants an hour at least and
    /// changes DROP once a day or less.</remarks>
    public static readonly IReadOnlyList<FeedKind> All =
    [
        new("voipbl", "https://www.voipbl.org/update/", TimeSpan.FromHours(4), TimeSpan.FromHours(1), "VoIPBL: attackers of PBXs, some 50,000 networks"),
        new("apiban", "https://apiban.org/api/{key}/banned", TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(4), "APIBAN: SIP scanners of the last week; needs key", NeedsKey: true, IsPaged: true, Life: TimeSpan.FromDays(7)),
        new("blocklist.de", "https://lists.blocklist.de/lists/sip.txt", TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(15), "blocklist.de: attackers of SIP, some hundred"),
        new("spamhaus-drop", "https://www.spamhaus.org/drop/drop.txt", TimeSpan.FromHours(12), TimeSpan.FromHours(1), "Spamhaus DROP: stolen networks, IPv4"),
        new("spamhaus-dropv6", "https://www.spamhaus.org/drop/dropv6.txt", TimeSpan.FromHours(12), TimeSpan.FromHours(1), "Spamhaus DROP, IPv6"),
    ];

    public static FeedKind? Named(string name) => All.FirstOrDefault(kind => kind.Name == name);
}

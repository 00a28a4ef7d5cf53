using Ringfence.Core.Lists;

namespace Ringfence.Core.Configuration;

/// <summary>The keys of a section [feed NAME]. Each sets the last feed of the configuration, which the reader adds for the section.</summary>
internal static class FeedKeys
{
    private const string Section = "feed NAME";

    private static readonly string Kinds = string.Join(", ", FeedKind.All.Select(static kind => kind.Name));

    private static IReadOnlyList<ConfigKey> All { get; } =
    [
        new()
        {
            Section = Section, Name = "url", Type = "http or https URL", Default = "that of the list of this name", IsUnset = true, Example = "https://lists.example.com/attackers.txt",
            Meaning = "Where the list is: an address, network or range to a line, with comments behind ; or #; JSON lines; or JSON with \"ipaddress\". {key} in it is replaced by key. "
                + "Redirections are followed to http and https, never from https to http and never into this machine's or a private network, unless the URL itself is there.",
            Set = ConfigKeys.One(static (config, value) => Web(value) is { } url
                ? With(config, feed => feed with { Url = url })
                : ConfigKeys.Expect("an http or https URL without a user in it")),
        },
        new()
        {
            Section = Section, Name = "file", Type = "path", Default = "none", IsUnset = true, Example = "/etc/ringfence/blocked.txt",
            Meaning = "A file of this machine in place of a URL, looked at each interval.",
            Set = ConfigKeys.One(static (config, value) => value.StartsWith('/') ? With(config, feed => feed with { File = value }) : ConfigKeys.Expect("an absolute path, beginning with /")),
        },
        new()
        {
            Section = Section, Name = "interval", Type = "duration, 1m to 30d", Default = "as the list's publisher wants it, else 4h", IsUnset = true, Example = "4h",
            Meaning = "How often it is fetched. A server is asked whether anything has changed (ETag, Last-Modified). After a failure it is tried again sooner, at most 10m later and then twice as long each time.",
            Set = ConfigKeys.Time(TimeSpan.FromMinutes(1), TimeSpan.FromDays(30), static (config, value) => With(config, feed => feed with { Interval = value }).Config!),
        },
        new()
        {
            Section = Section, Name = "key", Type = "text", Default = "none", IsUnset = true, Example = "test-key", IsSecret = true,
            Meaning = "The key that apiban.org gave you, or what {key} in url stands for.",
            Set = ConfigKeys.One(static (config, value) => value.Length is > 0 and <= 200 ? With(config, feed => feed with { Key = value }) : ConfigKeys.Expect("a key of at most 200 characters")),
        },
        new()
        {
            Section = Section, Name = "proxy", Type = "http URL", Default = "none", IsUnset = true, Example = "http://192.0.2.8:3128",
            Meaning = "A proxy for this feed. The environment's (http_proxy) is not used.",
            Set = ConfigKeys.One(static (config, value) => Web(value) is { Scheme: "http" } url ? With(config, feed => feed with { Proxy = url }) : ConfigKeys.Expect("an http URL such as http://192.0.2.8:3128")),
        },
        new()
        {
            Section = Section, Name = "timeout", Type = "duration, 5s to 10m", Default = "2m", IsUnset = true, Example = "30s",
            Meaning = "For the whole download, however slowly it drips.",
            Set = ConfigKeys.Time(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10), static (config, value) => With(config, feed => feed with { Timeout = value }).Config!),
        },
        new()
        {
            Section = Section, Name = "max_size", Type = "size, 1M to 1G", Default = "64M", IsUnset = true, Example = "16M",
            Meaning = "A longer list, also one that only becomes so when it is unpacked, is refused.",
            Set = ConfigKeys.Size(1L << 20, 1L << 30, static (config, value) => With(config, feed => feed with { MaxBytes = value }).Config!),
        },
        new()
        {
            Section = Section, Name = "max_entries", Type = "number, 1 to 4000000", Default = "1000000", IsUnset = true, Example = "100000",
            Meaning = "A list of more entries is refused. So is one that is empty, and one with less than half of the entries that are held (`ringfence feeds update NAME --force` takes it): what was held stays.",
            Set = ConfigKeys.Number(1, 4_000_000, static (config, value) => With(config, feed => feed with { MaxEntries = value }).Config!),
        },
    ];

    public static NamedSection Named { get; } = new(
        "feed",
        $"A blocklist that is fetched and kept in the kernel; one section for each. Known by name, so that the section's name is enough: {Kinds} (apiban needs key). Nothing is fetched without a section. "
            + "What is this machine's own, trusted, private or no public address is left out of every list, and whoever is trusted or registered comes in from whatever list.",
        All,
        static (config, name) => config with { Feeds = [.. config.Feeds, new FeedSettings { Name = name }] },
        static config => Missing(config.Feeds[^1], [.. config.Feeds.SkipLast(1)]))
    {
        Example = "voipbl",
    };

    private static string? Missing(FeedSettings feed, IReadOnlyList<FeedSettings> others) =>
        Named.WrongName(feed.Name, others.Any(other => other.Name == feed.Name)) ?? feed switch
        {
            _ when others.Count >= ListMerge.MaxLists => $"is one too many: expected at most {ListMerge.MaxLists} feeds",
            { Url: not null, File: not null } => "has both url and file: expected one",
            { Url: null, File: null, Kind: null } => $"has neither url nor file: expected one, or a name that is known: {Kinds}{Near(feed.Name)}",
            { Key: null, File: null } when (feed.Url?.OriginalString ?? feed.Kind!.Url).Contains("{key}", StringComparison.Ordinal) => "has no key: expected key = what the list's publisher gave you",
            { File: null, Kind: { } kind, Interval: { } interval } when interval < kind.Least => $"has interval = {Duration.Format(interval)}: expected {Duration.Format(kind.Least)} or more, as its publisher wants",
            _ => null,
        };

    private static string Near(string name) => NearestName.Of(name, FeedKind.All.Select(static kind => kind.Name)) is { } near ? $"; did you mean [feed {near}]?" : "";

    private static Uri? Web(string text) =>
        Uri.TryCreate(text.Replace("{key}", "key", StringComparison.Ordinal), UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0 && url.UserInfo.Length == 0
            ? new Uri(text) : null;

    private static ConfigKeys.Reading With(RingfenceConfig config, Func<FeedSettings, FeedSettings> change) =>
        ConfigKeys.Ok(config with { Feeds = config.Feeds.WithLast(change) });
}

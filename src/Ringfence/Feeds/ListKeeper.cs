using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Lists;
using Ringfence.Enforcement;

namespace Ringfence.Feeds;

/// <summary>Who is never blocked by a list: what is cut out when lists are merged, and whom the kernel lets in at once when he becomes trusted.</summary>
/// <param name="Cut">For good: own addresses, what the configuration trusts.</param>
/// <param name="Trusted">Everybody who is trusted now, registered phones too.</param>
internal sealed record NeverListed(IReadOnlyList<(Network Network, string Reason)> Cut, IReadOnlyCollection<Network> Trusted);

/// <summary>Keeps the kernel's table of blocklists: at the start from disk, before any network is there, and again whenever a feed has other entries or somebody damaged the table.</summary>
internal sealed partial class ListKeeper : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(5);

    private readonly Func<ListTable>? _open;
    private readonly Func<NeverListed> _never;
    private readonly TimeProvider _clock;
    private readonly ILogger<ListKeeper> _logger;
    private IReadOnlyDictionary<string, LeftOutEntries> _leftOut = new Dictionary<string, LeftOutEntries>();
    private IReadOnlyDictionary<string, long> _dropped = new Dictionary<string, long>();
    private ListTable? _table;
    private IReadOnlyCollection<Network>? _trusted;
    private IReadOnlyList<(Network Network, string Reason)>? _cut;
    private volatile bool _isChanged = true;
    private int _elements;
    private DateTimeOffset? _loaded;
    private DateTimeOffset? _counted;
    private string? _problem;

    /// <param name="table">Makes it; null: nobody is to be blocked (observing), and lists are only fetched.</param>
    /// <param name="never">As it is now; asked each second.</param>
    public ListKeeper(IReadOnlyList<FeedSettings> settings, string stateDirectory, Func<ListTable>? table, Func<NeverListed> never, TimeProvider clock, ILogger<ListKeeper> logger)
    {
        _open = table;
        _never = never;
        _clock = clock;
        _logger = logger;
        Feeds = [.. settings.Select(one => new Feed(one, DirectoryIn(stateDirectory), () => _isChanged = true, clock, logger))];
    }

    /// <summary>In the order of the configuration.</summary>
    public IReadOnlyList<Feed> Feeds { get; }

    public static string DirectoryIn(string stateDirectory) => Path.Combine(stateDirectory, "feeds");

    /// <summary>From any thread.</summary>
    public ListsStatus Status(DateTimeOffset now)
    {
        var (leftOut, dropped) = (Volatile.Read(ref _leftOut), Volatile.Read(ref _dropped));
        return new ListsStatus(_elements, _loaded, Volatile.Read(ref _problem),
        [
            .. Feeds.Select(feed => feed.Status(now) with
            {
                LeftOut = leftOut.GetValueOrDefault(feed.Settings.Name)?.Count ?? 0,
                Dropped = dropped.Where(counter => ListRules.ListsOf(counter.Key).Contains(feed.Settings.Name)).Sum(counter => counter.Value),
                DroppedAlone = dropped.Where(counter => ListRules.ListsOf(counter.Key) is [var only] && only == feed.Settings.Name).Sum(counter => counter.Value),
            }),
        ]);
    }

    /// <summary>A part for the supervisor, beside one for each feed.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        if (_open is null)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _clock, stop);
            return;
        }

        _table?.Dispose();
        _table = _open();
        _isChanged = true;
        if (Feeds.Count == 0)
        {
            // Those of a configuration that had feeds.
            await _table.RemoveAsync(stop);
            await Task.Delay(Timeout.InfiniteTimeSpan, _clock, stop);
            return;
        }

        while (true)
        {
            await LookAsync(_table, stop);
            await Task.Delay(LookEvery, _clock, stop);
        }
    }

    public void Dispose()
    {
        _table?.Dispose();
        foreach (var feed in Feeds)
        {
            feed.Dispose();
        }
    }

    private async Task LookAsync(ListTable kernel, CancellationToken stop)
    {
        var now = _clock.GetUtcNow();
        var current = _never();
        try
        {
            var isDue = !(now - _counted < CheckEvery);
            if (isDue && _loaded is not null && !kernel.IsWhole)
            {
                LogDamaged();
                _isChanged = true;
            }

            if (_isChanged || !Same(_cut, current.Cut))
            {
                _isChanged = false;
                await LoadAsync(kernel, current, stop);
            }
            else if (_trusted is null || !current.Trusted.ToHashSet().SetEquals(_trusted))
            {
                kernel.Trust(current.Trusted);
                _trusted = current.Trusted;
            }

            if (isDue)
            {
                _counted = now;
                Volatile.Write(ref _dropped, kernel.Dropped());
            }

            Volatile.Write(ref _problem, null);
        }
        catch (Exception e) when (e is FirewallException or IOException)
        {
            // Tried again when the supervisor starts this part again: the kernel has what it had.
            _isChanged = true;
            Volatile.Write(ref _problem, e.Message);
            throw;
        }
    }

    private async Task LoadAsync(ListTable kernel, NeverListed current, CancellationToken stop)
    {
        var began = _clock.GetTimestamp();
        var names = Feeds.Select(feed => feed.Settings.Name).ToList();
        var merge = new ListMerge(new ProtectedNetworks([.. ProtectedNetworks.Special, .. current.Cut]), Feeds.Sum(feed => feed.Status(_clock.GetUtcNow()).Entries) + 64);
        for (var list = 0; list < names.Count; list++)
        {
            try
            {
                foreach (var entry in Feeds[list].Entries())
                {
                    merge.Add(entry.Network, list);
                }
            }
            catch (IOException damaged)
            {
                // What was read of it counts; the others must not go without theirs.
                Feeds[list].Doubt(damaged.Message);
            }
        }

        var ranges = merge.Merge();
        _elements = await kernel.LoadAsync(ranges, names, current.Trusted, stop);
        _trusted = current.Trusted;
        _cut = current.Cut;
        _loaded = _clock.GetUtcNow();
        Volatile.Write(ref _leftOut, merge.LeftOut.ToDictionary(one => names[one.Key], one => one.Value));
        LogLoaded(ranges.Count, _elements, _clock.GetElapsedTime(began).TotalMilliseconds);

        // Tens of megabytes that are not needed again for hours.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private static bool Same(IReadOnlyList<(Network Network, string Reason)>? before, IReadOnlyList<(Network Network, string Reason)> now) =>
        before is not null && before.Select(one => one.Network).ToHashSet().SetEquals(now.Select(one => one.Network));

    [LoggerMessage(2910, LogLevel.Information, "Blocklists: {Ranges} ranges, {Elements} elements in the kernel, in {Milliseconds:0} ms")]
    private partial void LogLoaded(int ranges, int elements, double milliseconds);

    [LoggerMessage(2911, LogLevel.Warning, "Somebody changed table inet ringfence_lists: it is made anew")]
    private partial void LogDamaged();
}

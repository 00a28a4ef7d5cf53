using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Ringfence.Core.Events;

namespace Ringfence.Sources;

/// <summary>What a configured name stands for now.</summary>
/// <param name="Addresses">The last good answer, however old; empty: never resolved since start.</param>
/// <param name="Problem">Why the last lookup failed, for people; null if it did not.</param>
internal sealed record ResolvedName(string Name, IReadOnlyList<Address> Addresses, DateTimeOffset? ResolvedAt, string? Problem)
{
    public bool NeverResolved => ResolvedAt is null;
}

/// <summary>Keeps the addresses of names current: looked up at start, when a name is new, and every five minutes; a failed lookup keeps the last good answer.</summary>
/// <remarks>Whoever answers for the name decides who is trusted, so the answer is bounded.</remarks>
internal sealed partial class DnsNames
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);
    private const int MaxAddressesPerName = 64;
    private static readonly TimeSpan LookupLimit = TimeSpan.FromSeconds(10);

    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _lookUp;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _follow = new();

    // One wish to look again is as good as many.
    private readonly Channel<bool> _new = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private ResolvedName[] _names = [];

    /// <param name="lookUp">null: the system's resolver.</param>
    public DnsNames(
        IEnumerable<string> names, TimeProvider time, ILogger<DnsNames> logger, Func<string, CancellationToken, Task<IPAddress[]>>? lookUp = null)
    {
        _time = time;
        _logger = logger;
        _lookUp = lookUp ?? Dns.GetHostAddressesAsync;
        Follow(names);
    }

    /// <summary>As of the last lookup of each name; a new list after every round. From any thread.</summary>
    public IReadOnlyList<ResolvedName> Names => Volatile.Read(ref _names);

    /// <summary>These names from now on: what is known of one stays, a new one is looked up at once, the others are forgotten. From any thread.</summary>
    public void Follow(IEnumerable<string> names)
    {
        lock (_follow)
        {
            var before = _names;
            ResolvedName[] now = [.. names.Distinct(StringComparer.OrdinalIgnoreCase).Select(name => Of(before, name) ?? new ResolvedName(name, [], null, null))];
            Volatile.Write(ref _names, now);
            if (Array.Exists(now, name => Of(before, name.Name) is null))
            {
                _new.Writer.TryWrite(true);
            }
        }
    }

    /// <summary>Looks the names up until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            _new.Reader.TryRead(out _);
            await LookUpAllAsync(stop);
            await RestAsync(stop);
        }
    }

    /// <summary>One round: all names at once, each for at most ten seconds.</summary>
    public async Task LookUpAllAsync(CancellationToken stop)
    {
        var answers = await Task.WhenAll(Names.Select(name => LookUpAsync(name, stop)));
        lock (_follow)
        {
            // Other names may be followed by now.
            Volatile.Write(ref _names, [.. _names.Select(name => Of(answers, name.Name) ?? name)]);
        }
    }

    // For the interval, or until there is a new name.
    private async Task RestAsync(CancellationToken stop)
    {
        using var rest = new CancellationTokenSource(Interval, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, rest.Token);
        try
        {
            await _new.Reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // Time for the next round.
        }
    }

    private static ResolvedName? Of(ResolvedName[] names, string name) => Array.Find(names, known => string.Equals(known.Name, name, StringComparison.OrdinalIgnoreCase));

    private async Task<ResolvedName> LookUpAsync(ResolvedName name, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(LookupLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            var addresses = await _lookUp(name.Name, either.Token).WaitAsync(either.Token);
            if (addresses.Length > 0)
            {
                return new ResolvedName(name.Name, [.. addresses.Select(Address.From).Distinct().Order().Take(MaxAddressesPerName)], _time.GetUtcNow(), null);
            }

            return Failed(name, "the name has no address");
        }
        catch (SocketException error)
        {
            return Failed(name, error.Message);
        }
        catch (ArgumentException)
        {
            return Failed(name, "not a name that can be looked up");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Failed(name, $"no answer within {LookupLimit.TotalSeconds} s");
        }
    }

    private ResolvedName Failed(ResolvedName name, string problem)
    {
        if (!string.Equals(problem, name.Problem, StringComparison.Ordinal))
        {
            if (name.NeverResolved)
            {
                LogNeverResolved(_logger, name.Name, problem);
            }
            else
            {
                LogKept(_logger, name.Name, problem, name.Addresses.Count);
            }
        }

        return name with { Problem = problem };
    }

    [LoggerMessage(2120, LogLevel.Warning, "{Name}: can't be resolved ({Problem}), so it protects nobody yet; tried again every 5 minutes")]
    private static partial void LogNeverResolved(ILogger logger, string name, string problem);

    [LoggerMessage(2121, LogLevel.Warning, "{Name}: can't be resolved ({Problem}); its last {Count} addresses stay trusted")]
    private static partial void LogKept(ILogger logger, string name, string problem, int count);
}

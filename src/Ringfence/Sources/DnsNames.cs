using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Ringfence.Core.Events;
using Ringfence.Core.Knock;

namespace Ringfence.Sources;

/// <summary>What a configured name stands for now.</summary>
/// <param name="Addresses">The last good answer, however old; empty: never resolved.</param>
/// <param name="Problem">Why the last lookup failed, for people; null if it did not.</param>
internal sealed record ResolvedName(string Name, IReadOnlyList<Address> Addresses, DateTimeOffset? ResolvedAt, string? Problem)
{
    public bool NeverResolved => ResolvedAt is null;

    /// <summary>The answer is an earlier run's: since start there was none.</summary>
    public bool IsOfBefore { get; init; }
}

/// <summary>Keeps the addresses of names current: looked up at start, when a name is new, and every five minutes; a failed lookup keeps the last good answer,
/// also an earlier run's. While one has not resolved since start, it is asked again after 5 s, 10 s, 20 s ... five minutes: at a boot the resolver comes later than the guard.</summary>
/// <remarks>
/// Whoever answers for the name decides who is trusted, so the answer is bounded. Blockers of advertising, providers' resolvers and expired names answer 0.0.0.0 or 127.0.0.1: that is
/// nobody, and no answer.
/// </remarks>
internal sealed partial class DnsNames
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);
    public const int MaxAddressesPerName = 64;

    // The resolver asks two servers twice each, for 5 s at a time (resolv.conf(5)): the second's first answer is in by then.
    private static readonly TimeSpan LookupLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);

    private const int MostShown = 4;

    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _lookUp;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _follow = new();
    private readonly NameMemory? _memory;
    private readonly Func<string, IReadOnlyList<Network>> _nobody;
    private readonly ResolvedName[] _before;

    // One wish to look again is as good as many.
    private readonly Channel<bool> _new = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private ResolvedName[] _names = [];

    /// <param name="lookUp">null: the system's resolver.</param>
    /// <param name="memory">Keeps the answers over a restart; null: nothing does.</param>
    /// <param name="nobody">Who a name can't stand for either, such as the machine itself.</param>
    public DnsNames(
        IEnumerable<string> names, TimeProvider time, ILogger<DnsNames> logger, Func<string, CancellationToken, Task<IPAddress[]>>? lookUp = null, NameMemory? memory = null,
        Func<string, IReadOnlyList<Network>>? nobody = null)
    {
        _memory = memory;
        _nobody = nobody ?? (static _ => []);
        _before = [.. (memory?.Read() ?? []).Select(name => name with { Addresses = Somebody(name.Name, name.Addresses) }).Where(static name => name.Addresses.Count > 0)];
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
            ResolvedName[] now = [.. names.Distinct(StringComparer.OrdinalIgnoreCase).Select(name => Of(before, name) ?? Of(_before, name) ?? new ResolvedName(name, [], null, null))];
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
        var pause = FirstPause;
        while (true)
        {
            _new.Reader.TryRead(out _);
            await LookUpAllAsync(stop);
            var isLate = Names.Any(name => name.NeverResolved || name.IsOfBefore);
            await RestAsync(isLate && pause < Interval ? pause : Interval, stop);
            pause = !isLate ? FirstPause : pause < Interval ? pause * 2 : pause;
        }
    }

    /// <summary>One round: all names at once, each for some seconds.</summary>
    public Task LookUpAllAsync(CancellationToken stop) => LookUpAllAsync(LookupLimit, stop);

    /// <param name="limit">How long each may take.</param>
    /// <inheritdoc cref="LookUpAllAsync(CancellationToken)"/>
    public async Task LookUpAllAsync(TimeSpan limit, CancellationToken stop)
    {
        var answers = await Task.WhenAll(Names.Select(name => LookUpAsync(name, limit, stop)));
        lock (_follow)
        {
            // Other names may be followed by now.
            Volatile.Write(ref _names, [.. _names.Select(name => Of(answers, name.Name) ?? name)]);
        }

        _memory?.Keep(Names);
    }

    // For so long, or until there is a new name.
    private async Task RestAsync(TimeSpan pause, CancellationToken stop)
    {
        using var rest = new CancellationTokenSource(pause, _time);
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

    private async Task<ResolvedName> LookUpAsync(ResolvedName name, TimeSpan limit, CancellationToken stop)
    {
        using var end = new CancellationTokenSource(limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, end.Token);
        try
        {
            var addresses = await _lookUp(name.Name, either.Token).WaitAsync(either.Token);
            List<Address> answers = [.. addresses.Select(Address.From).Distinct().Order()];
            var somebody = Somebody(name.Name, answers);
            return answers.Count == 0 ? Failed(name, "the name has no address")
                : answers.Count > MaxAddressesPerName ? Failed(name, $"the answer has {answers.Count} addresses: expected at most {MaxAddressesPerName}")
                : somebody.Count == 0 ? Failed(name, $"the answer is {string.Join(", ", answers.Take(MostShown))}{(answers.Count > MostShown ? " ..." : "")}, which is nobody who could come from elsewhere")
                : new ResolvedName(name.Name, somebody, _time.GetUtcNow(), null);
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
            return Failed(name, $"no answer within {limit.TotalSeconds} s");
        }
    }

    // One that answers for IPv6 alone with :: has still an IPv4 address that is meant.
    private List<Address> Somebody(string name, IEnumerable<Address> answers)
    {
        var nobody = _nobody(name);
        return [.. answers.Where(address => (KnockGate.IsHost(address) && !IsLinkLocal(address) && !nobody.Any(network => network.Contains(address))) || (IsLocalhost(name) && Network.Loopback.Any(network => network.Contains(address))))];
    }

    // RFC 3927, RFC 4291: of each link its own, so a name can't mean one.
    private static bool IsLinkLocal(Address address) => address.IsIPv4 ? address.IPv4Bits >> 16 == 0xa9fe : address.High >> 54 == 0x3fa;

    // RFC 6761: it is this machine by definition.
    private static bool IsLocalhost(string name) => name.TrimEnd('.') is var plain && (plain.Equals("localhost", StringComparison.OrdinalIgnoreCase) || plain.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase));

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

    [LoggerMessage(2120, LogLevel.Warning, "{Name}: can't be resolved ({Problem}), so nobody is known by it yet; tried again within seconds, then every 5 minutes")]
    private static partial void LogNeverResolved(ILogger logger, string name, string problem);

    [LoggerMessage(2121, LogLevel.Warning, "{Name}: can't be resolved ({Problem}); its last {Count} addresses stay")]
    private static partial void LogKept(ILogger logger, string name, string problem, int count);
}

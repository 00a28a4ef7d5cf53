using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Knock;
using Ringfence.Enforcement;
using Ringfence.Outer;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>Listens for knocks, opens the door for those who have a key, and remembers for whom it is open.</summary>
internal sealed partial class RoamingWatch : IDisposable
{
    private const long LongestFile = 1 << 20;

    // A kernel that buffers more would only show how many knocks nobody needs.
    private const int BufferBytes = 256 * 1024;

    // A table that is made anew begins with empty sets.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly RoamingSettings _settings;
    private readonly IRoamingDoor _door;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly StateFile _file;
    private readonly RoamingBook _book;
    private readonly KnockGate _gate;
    private readonly SemaphoreSlim _turn = new(1);

    // Why the kernel does not take a door; null: it took the last one.
    private volatile string? _problem;
    private volatile IReadOnlyList<RoamingAddress> _proven;

    /// <param name="path">The file of who roams.</param>
    public RoamingWatch(RoamingSettings settings, IRoamingDoor door, string path, TimeProvider clock, ILogger log)
    {
        _settings = settings;
        _door = door;
        _clock = clock;
        _log = log;
        _file = new StateFile(path, LongestFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var now = clock.GetUtcNow();
        var names = settings.Users.Select(static user => user.Name).Concat(settings.Sequence is null ? [] : (string[])[RoamingBook.ByPorts]).ToHashSet(StringComparer.Ordinal);
        var after = DateTimeOffset.MinValue;
        try
        {
            _book = RoamingBook.Parse(_file.Read() ?? "", names.Contains, now);
        }
        catch (IOException problem)
        {
            // Nobody knows what was let in before: what was sent by now, or by a clock that is fast, is not.
            LogUnread(_log, problem.Message);
            _book = new RoamingBook();
            after = now + settings.Window;
        }

        _proven = Users(_book);
        _gate = new KnockGate(settings.Users.Select(static user => user.Key).OfType<KnockKey>(), settings.Window, user => _book.After(user) > after ? _book.After(user) : after);
    }

    public KnockCounts Counts => _gate.Counts;

    public IReadOnlyList<RoamingAddress> Open => _book.All;

    /// <summary>Who has proven that he is a user, by a key or a password: as of a registered phone, a list does not speak against him. Ports in order prove nothing. From any thread.</summary>
    public IEnumerable<Network> Proven
    {
        get
        {
            var now = _clock.GetUtcNow();
            return _proven.Where(entry => entry.Until > now).Select(static entry => Network.Of(entry.Address));
        }
    }

    /// <summary>The page; null: there is none.</summary>
    public Func<PageCounts>? Page { get; set; }

    /// <summary>Who is in, and what was refused.</summary>
    public async Task<RoamingReport> ReportAsync(CancellationToken stop)
    {
        var now = _clock.GetUtcNow();
        await _turn.WaitAsync(stop);
        try
        {
            AdoptByPorts(now);
            var counts = Counts;
            var page = Page?.Invoke() ?? default;
            return new RoamingReport(
                [.. _book.All.Where(entry => entry.Until > now).OrderBy(static entry => entry.User, StringComparer.Ordinal).ThenBy(static entry => entry.Until).Select(static entry => new RoamingUserReport(entry.User, entry.Address.ToString(), entry.Until))],
                new KnocksReport(counts.Opened, counts.Strange, counts.Forged, counts.Late, counts.Repeated, counts.TooMany, counts.Odd),
                Page is null ? null : new PageReport(page.Opened, page.Refused, page.Waiting),
                _problem);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Shuts doors now; what is open already stays open.</summary>
    /// <param name="who">A user, or an address.</param>
    /// <exception cref="FirewallException">The kernel does not do it; they are forgotten here all the same.</exception>
    public async Task<IReadOnlyList<RoamingAddress>> CloseAsync(string who, CancellationToken stop)
    {
        var now = _clock.GetUtcNow();
        await _turn.WaitAsync(stop);
        try
        {
            AdoptByPorts(now);
            var closed = _book.Close(who, now);
            if (closed.Count > 0)
            {
                Write();
                await _door.CloseAsync([.. closed.Select(static entry => entry.Address)], stop);
                LogClosed(_log, who, string.Join(", ", closed.Select(static entry => entry.Address)));
            }

            return closed;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Takes knocks until it is stopped.</summary>
    /// <exception cref="WorldFailedException">This process may not listen.</exception>
    public async Task ListenAsync(CancellationToken stop)
    {
        using var socket = PacketSocket.Open(BufferBytes);
        socket.Filter(KnockFilter.Build(_settings.Port));
        socket.Begin();
        await ListenAsync(socket, stop);
    }

    /// <param name="socket">With the filter of knocks.</param>
    public async Task ListenAsync(PacketSocket socket, CancellationToken stop)
    {
        while (true)
        {
            await socket.WaitAsync(stop);
            foreach (var opening in Take(socket))
            {
                await OpenAsync(opening, stop);
            }
        }
    }

    /// <summary>Opens the doors again that were open, at the start and whenever somebody made the policy's table anew.</summary>
    /// <exception cref="FirewallException">There is no door: the policy is not applied.</exception>
    public async Task KeepOpenAsync(CancellationToken stop)
    {
        uint? seen = null;
        using var timer = new PeriodicTimer(LookEvery, _clock);
        do
        {
            // Each change of anybody's to any table raises it; asking takes some microseconds.
            var generation = _door.Generation();
            if (generation == seen && _settings.Sequence is null)
            {
                continue;
            }

            await _turn.WaitAsync(stop);
            try
            {
                // What a packet puts into a set raises nothing.
                AdoptByPorts(_clock.GetUtcNow());
                if (generation == seen)
                {
                    continue;
                }

                var open = seen is null ? [] : _door.Read().Select(static one => one.Address).ToHashSet();
                await _door.OpenAsync([.. _book.All.Where(entry => !open.Contains(entry.Address))], stop);
                _problem = null;
                if (seen is null)
                {
                    await _door.CloseAsync(_book.Gone, stop);
                }
            }
            catch (FirewallException shut)
            {
                _problem = shut.Message;
                throw;
            }
            finally
            {
                _turn.Release();
            }

            // Not what it is by now: our own change costs one more look, and nobody else's is missed.
            seen = generation;
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    /// <summary>By a knock.</summary>
    public Task OpenAsync(KnockOpening opening, CancellationToken stop) => OpenAsync(opening.User, "knocked", opening.Address, opening.Zone, opening.Sent, stop);

    /// <summary>By the page.</summary>
    /// <returns>Until when; null: the door stays shut, which the log and status explain.</returns>
    public Task<DateTimeOffset?> OpenAsync(string user, Address address, CancellationToken stop) => OpenAsync(user, "logged in at the page", address, "", null, stop);

    private async Task<DateTimeOffset?> OpenAsync(string user, string how, Address address, string zone, DateTimeOffset? sent, CancellationToken stop)
    {
        var now = _clock.GetUtcNow();
        await _turn.WaitAsync(stop);
        try
        {
            var entry = new RoamingAddress(address, now + _settings.Open, user, zone);
            if (sent is { } knocked)
            {
                _book.See(user, knocked);
            }

            var closed = _book.Open(entry, now);
            Write();
            await _door.OpenAsync([entry], stop);
            _problem = null;
            LogOpened(_log, user, how, address, entry.Until);
            await _door.CloseAsync([.. closed.Select(static old => old.Address)], stop);
            return entry.Until;
        }
        catch (FirewallException problem)
        {
            // KeepOpenAsync tries again, and says so in status.
            _problem = problem.Message;
            LogShut(_log, user, how, problem.Message);
            return null;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _gate.Dispose();
        _turn.Dispose();
    }

    // Before anything is awaited: what was received is overwritten by the next call.
    private List<KnockOpening> Take(PacketSocket socket)
    {
        List<KnockOpening> openings = [];
        var taken = socket.Receive();
        for (var i = 0; i < taken; i++)
        {
            var bytes = socket.At(i).Bytes;
            if (KnockFilter.SourceIn(bytes) is { } source && _gate.See(KnockFilter.PayloadIn(bytes), source, _clock.GetUtcNow()) is { } opening)
            {
                openings.Add(opening);
            }
        }

        return openings;
    }

    private static List<RoamingAddress> Users(RoamingBook book) => [.. book.All.Where(static entry => entry.User != RoamingBook.ByPorts)];

    // In the turn.
    private void AdoptByPorts(DateTimeOffset now)
    {
        if (_settings.Sequence is null)
        {
            return;
        }

        try
        {
            if (_book.Adopt(_door.Read(), now))
            {
                Write();
            }
        }
        catch (FirewallException)
        {
            // Whoever opens the door next is told.
        }
    }

    private void Write()
    {
        _proven = Users(_book);
        try
        {
            _file.Write(_book.Text());
        }
        catch (IOException problem)
        {
            LogUnwritten(_log, problem.Message);
        }
    }

    [LoggerMessage(2851, LogLevel.Information, "{User} {How}: the door is open for {Address} until {Until:u}")]
    private static partial void LogOpened(ILogger log, string user, string how, Address address, DateTimeOffset until);

    [LoggerMessage(2852, LogLevel.Error, "{User} {How} and the door stays shut: {Problem}")]
    private static partial void LogShut(ILogger log, string user, string how, string problem);

    [LoggerMessage(2853, LogLevel.Warning, "{Problem}: who roams is not known after a restart, and has to knock again")]
    private static partial void LogUnwritten(ILogger log, string problem);

    [LoggerMessage(2854, LogLevel.Warning, "{Problem}: for whom the door was open is not known; they have to knock again")]
    private static partial void LogUnread(ILogger log, string problem);

    [LoggerMessage(2855, LogLevel.Information, "The door was shut for {Who}: {Addresses}")]
    private static partial void LogClosed(ILogger log, string who, string addresses);
}

using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Knock;
using Ringfence.Enforcement;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>Listens for knocks, opens the door for those who have a key, and remembers for whom it is open.</summary>
internal sealed partial class RoamingWatch : IDisposable
{
    private const long LongestFile = 1 << 20;

    // A kernel that buffers more would only show how many knocks nobody needs.
    private const int BufferBytes = 256 * 1024;

    // A policy that is applied anew begins with empty sets.
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromMinutes(1);

    private readonly RoamingSettings _settings;
    private readonly IRoamingDoor _door;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly StateFile _file;
    private readonly RoamingBook _book;
    private readonly KnockGate _gate;
    private readonly SemaphoreSlim _turn = new(1);

    /// <param name="path">The file of who roams.</param>
    public RoamingWatch(RoamingSettings settings, IRoamingDoor door, string path, TimeProvider clock, ILogger log)
    {
        _settings = settings;
        _door = door;
        _clock = clock;
        _log = log;
        _file = new StateFile(path, LongestFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var now = clock.GetUtcNow();
        var keys = settings.Users.Select(static user => user.Key!).ToList();
        var after = DateTimeOffset.MinValue;
        try
        {
            _book = RoamingBook.Parse(_file.Read() ?? "", user => keys.Exists(key => key.User == user), now);
        }
        catch (IOException problem)
        {
            // Nobody knows what was let in before: what was sent by now, or by a clock that is fast, is not.
            LogUnread(_log, problem.Message);
            _book = new RoamingBook();
            after = now + settings.Window;
        }

        _gate = new KnockGate(keys, settings.Window, user => _book.After(user) > after ? _book.After(user) : after);
    }

    public KnockCounts Counts => _gate.Counts;

    public IReadOnlyList<RoamingAddress> Open => _book.All;

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

    /// <summary>Opens the doors again that were open, at the start and whenever somebody emptied the sets.</summary>
    /// <exception cref="FirewallException">There is no door: the policy is not applied.</exception>
    public async Task KeepOpenAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(RefreshEvery, _clock);
        do
        {
            await _turn.WaitAsync(stop);
            try
            {
                await _door.OpenAsync(_book.All, stop);
            }
            finally
            {
                _turn.Release();
            }
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    public async Task OpenAsync(KnockOpening opening, CancellationToken stop)
    {
        var now = _clock.GetUtcNow();
        await _turn.WaitAsync(stop);
        try
        {
            var entry = new RoamingAddress(opening.Address, now + _settings.Open, opening.User, opening.Zone);
            _book.See(opening.User, opening.Sent);
            var closed = _book.Open(entry, now);
            Write();
            await _door.OpenAsync([entry], stop);
            LogOpened(_log, opening.User, opening.Address, entry.Until);
            foreach (var old in closed)
            {
                await _door.CloseAsync(old.Address, stop);
            }
        }
        catch (FirewallException problem)
        {
            // KeepOpenAsync tries again, and says so in status.
            LogShut(_log, opening.User, problem.Message);
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

    private void Write()
    {
        try
        {
            _file.Write(_book.Text());
        }
        catch (IOException problem)
        {
            LogUnwritten(_log, problem.Message);
        }
    }

    [LoggerMessage(2851, LogLevel.Information, "{User} knocked: the door is open for {Address} until {Until:u}")]
    private static partial void LogOpened(ILogger log, string user, Address address, DateTimeOffset until);

    [LoggerMessage(2852, LogLevel.Error, "{User} knocked and the door stays shut: {Problem}")]
    private static partial void LogShut(ILogger log, string user, string problem);

    [LoggerMessage(2853, LogLevel.Warning, "{Problem}: who roams is not known after a restart, and has to knock again")]
    private static partial void LogUnwritten(ILogger log, string problem);

    [LoggerMessage(2854, LogLevel.Warning, "{Problem}: for whom the door was open is not known; they have to knock again")]
    private static partial void LogUnread(ILogger log, string problem);
}

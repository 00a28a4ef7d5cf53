using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Outer;
using Ringfence.Notifiers;

namespace Ringfence.Outer;

/// <summary>Keeps one firewall outside this machine as it should be: a part of the guard that looks at the bans in force and never holds them up.</summary>
internal sealed partial class OuterFirewall : IDisposable
{
    /// <summary>An address of RFC 5737, which nobody has.</summary>
    public static readonly Network Example = Network.Parse("192.0.2.1")!.Value;

    private const int MostAtOnce = 4;
    private const long LongestFile = 16 << 20;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    // Without ban each change tells all: Cloudflare works on one such list at a time, for seconds.
    private static readonly TimeSpan AllPause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly OuterBook _book;
    private readonly CurrentBans _bans;
    private readonly OuterDevice _device;
    private readonly StateFile _file;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private IReadOnlyList<OuterBan>? _seen;
    private bool _isRead;
    private bool _isAllDue;
    private int _failures;
    private DateTimeOffset _notBefore;
    private DateTimeOffset? _lastAll;
    private DateTimeOffset? _lastSuccess;
    private string? _problem;
    private string? _note;

    public OuterFirewall(OuterSettings settings, string stateDirectory, CurrentBans bans, TimeProvider clock, ILogger logger)
    {
        Settings = settings;
        _bans = bans;
        _clock = clock;
        _logger = logger;
        _book = new OuterBook(settings.EndsAlone, settings.Longest, settings.Most);
        _device = new OuterDevice(settings, clock);
        Directory.CreateDirectory(stateDirectory);
        _file = new StateFile(Path.Combine(stateDirectory, $"outer-{settings.Name}"), LongestFile);
    }

    public OuterSettings Settings { get; }

    /// <summary>From any thread.</summary>
    public OuterStatus Status(DateTimeOffset now)
    {
        lock (_lock)
        {
            var left = _book.LeftOut == 0 ? null : $"{_book.LeftOut} bans are not told: it may have {Settings.Most} (most)";
            return new OuterStatus(
                Settings.Name, Settings.Where, _book.Told, _book.Waiting(now), _book.LeftOut, _lastSuccess, _notBefore > now ? _notBefore : null, _problem, (_note, left) switch
                {
                    ({ } note, { } cut) => $"{note}; {cut}",
                    var (note, cut) => note ?? cut,
                });
        }
    }

    /// <summary>A part for the supervisor.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            var began = _clock.GetTimestamp();
            await TurnAsync(stop);
            if (LookEvery - _clock.GetElapsedTime(began) is var rest && rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, _clock, stop);
            }
        }
    }

    /// <summary>Tells all again now, whatever it was told.</summary>
    public void Sync()
    {
        lock (_lock)
        {
            _book.Doubt();
            _isAllDue = Settings.All is not null;
            _notBefore = default;
        }
    }

    /// <summary>Bans <see cref="Example"/> and lets it go, past all that waits; of a device that takes lists alone, tells it the list.</summary>
    public Task<IReadOnlyList<(string What, Answer Answer)>> TestAsync(CancellationToken stop)
    {
        IReadOnlyList<OuterBan> all;
        lock (_lock)
        {
            all = [.. _book.Desired];
        }

        return TestAsync(Settings, all, _clock, stop);
    }

    /// <param name="all">What a device that takes lists alone should hold.</param>
    public static async Task<IReadOnlyList<(string What, Answer Answer)>> TestAsync(OuterSettings settings, IReadOnlyList<OuterBan> all, TimeProvider clock, CancellationToken stop)
    {
        using var device = new OuterDevice(settings, clock);
        var example = new OuterBan(settings.Family == 6 ? Network.Parse("2001:db8::/64")!.Value : Example, clock.GetUtcNow() + TimeSpan.FromMinutes(1), "test");
        if (settings.Ban is null)
        {
            return [("with the example", await device.TellAllAsync([.. all, example], stop)), ("without it", await device.TellAllAsync(all, stop))];
        }

        var ban = await device.TellAsync(new OuterCall(example, Lifts: false), stop);

        // Also behind a refusal: an answer may be lost, and what it did stays.
        return [("ban", ban), ("unban", await device.TellAsync(new OuterCall(example, Lifts: true), stop))];
    }

    public void Dispose() => _device.Dispose();

    /// <summary>Looks once, and tells what is due.</summary>
    internal async Task TurnAsync(CancellationToken stop)
    {
        Read();
        if (_bans.Bans is not { } bans)
        {
            return;
        }

        _device.Renew();
        var now = _clock.GetUtcNow();
        List<(OuterCall Call, Action TakeBack)> calls = [];
        IReadOnlyList<OuterBan>? all = null;
        lock (_lock)
        {
            Desire(bans, now);
            if (now < _notBefore)
            {
                return;
            }

            if (IsAllDue(now))
            {
                all = _book.BeginAll(now);
            }
            else if (Settings.Ban is not null)
            {
                calls = [.. _book.Next(now, Settings.Rate).Select(call => (call, _book.Begin(call)))];
            }
        }

        if (all is not null)
        {
            await TellAllAsync(all, now, stop);
        }
        else if (calls.Count > 0)
        {
            // Written before it is done: if the process dies between, the next one knows that it may be there.
            Save();
            await Parallel.ForEachAsync(calls, new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = stop }, TellAsync);
            Save();
        }
    }

    private void Desire(IReadOnlyList<OuterBan> bans, DateTimeOffset now)
    {
        if (ReferenceEquals(bans, _seen))
        {
            return;
        }

        _seen = bans;
        _book.Desire(Settings.Family is { } family ? [.. bans.Where(ban => ban.Subject.IsIPv4 == (family == 4))] : bans);
        _lastAll ??= Settings.Ban is null ? now - AllPause : now;
    }

    private bool IsAllDue(DateTimeOffset now)
    {
        var isAgain = Settings.Again is { } every && now - _lastAll >= every;
        if (Settings.All is null)
        {
            if (isAgain)
            {
                _book.Doubt();
                _lastAll = now;
            }

            return false;
        }

        return _isAllDue || isAgain || (Settings.Ban is null && !(now - _lastAll < AllPause) && _book.Waiting(now) > 0);
    }

    private async Task TellAllAsync(IReadOnlyList<OuterBan> all, DateTimeOffset now, CancellationToken stop)
    {
        Save();
        var answer = await _device.TellAllAsync(all, stop);
        lock (_lock)
        {
            Take(answer);
            if (answer.Kind == AnswerKind.Taken)
            {
                _isAllDue = false;
                _lastAll = now;
                _book.SucceedAll(all);
            }
        }

        Save();
    }

    private async ValueTask TellAsync((OuterCall Call, Action TakeBack) planned, CancellationToken stop)
    {
        OuterCall? call;
        lock (_lock)
        {
            // Those before it may have taken a while: whoever was unbanned since is not banned late, and a device that has just failed is left alone.
            var now = _clock.GetUtcNow();
            Desire(_bans.Bans!, now);
            planned.TakeBack();
            call = now < _notBefore ? null : _book.StillRight(planned.Call, now);
            if (call is not null)
            {
                _book.Begin(call);
            }
        }

        if (call is null)
        {
            return;
        }

        var answer = await _device.TellAsync(call, stop);
        lock (_lock)
        {
            Take(answer);
            if (answer.Kind == AnswerKind.Taken)
            {
                _book.Succeed(call);
            }
            else
            {
                _book.Fail(call, _clock.GetUtcNow());
            }
        }
    }

    private void Take(Answer answer)
    {
        var now = _clock.GetUtcNow();
        if (answer.Kind == AnswerKind.Taken)
        {
            if (_problem is not null)
            {
                LogBack(Settings.Name);
            }

            _failures = 0;
            _notBefore = default;
            _problem = null;
            _lastSuccess = now;
            return;
        }

        _notBefore = now + OuterBook.Retry.After(++_failures);
        if (_problem is null)
        {
            LogFails(Settings.Name, answer.Words);
        }

        _problem = answer.Words;
    }

    private void Read()
    {
        if (_isRead)
        {
            return;
        }

        lock (_lock)
        {
            if (_file.Read() is { } text && OuterFile.Read(text, Settings.Target, _book) is { } damage)
            {
                _note = $"{_file.MoveAside(_clock.GetUtcNow())}: {damage}: what the firewall was told is not known, and what it has beside the bans of now stays there";
                LogDamaged(Settings.Name, _note);
            }

            _isRead = true;
        }
    }

    private void Save()
    {
        string text;
        lock (_lock)
        {
            text = OuterFile.Write(_book, Settings.Target);
        }

        _file.Write(text);
    }

    [LoggerMessage(2520, LogLevel.Warning, "Firewall {Name}: {Problem}; it is told when it is back")]
    private partial void LogFails(string name, string problem);

    [LoggerMessage(2521, LogLevel.Information, "Firewall {Name} answers again")]
    private partial void LogBack(string name);

    [LoggerMessage(2522, LogLevel.Warning, "Firewall {Name}: {Problem}")]
    private partial void LogDamaged(string name, string problem);
}

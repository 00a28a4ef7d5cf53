using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Parsing;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>Asks Asterisk for its registered phones: every half minute, and after a refusal sooner at first, then more and more seldom.</summary>
internal sealed partial class ContactWatch(RingfenceConfig config, AsteriskCli asterisk, TimeProvider clock, ILogger logger)
{
    // A phone that has just logged in is spared for longer than that (Decider.LoginGrace).
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    // An Asterisk that restarts is back within seconds. Where there is none, starting its program costs more than all the rest of an idle guard.
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(5);

    private readonly RegisteredContacts _phones = new(asterisk);
    private TimeSpan _delay = FirstDelay;
    private TimeSpan _pause;
    private long _askedAt;
    private volatile string? _problem;

    /// <summary>Those of the last answer, so that a contact ends with its registration also while Asterisk does not answer.</summary>
    public IReadOnlyList<RegisteredContact> Contacts { get; private set; } = [];

    /// <inheritdoc cref="ContactTrust.RewrittenContacts"/>
    public IReadOnlySet<string> Rewritten { get; private set; } = new HashSet<string>();

    /// <summary>Why the phones are not known; null: they are. From any thread.</summary>
    public string? Problem => _problem;

    /// <summary>How long until the next question; not negative.</summary>
    public TimeSpan Rest => !config.Trust.Contacts ? Interval : _pause - clock.GetElapsedTime(_askedAt) is { Ticks: > 0 } rest ? rest : TimeSpan.Zero;

    /// <summary>Asks if it is time.</summary>
    public async Task AskIfDueAsync(CancellationToken stop)
    {
        if (!config.Trust.Contacts || Rest > TimeSpan.Zero)
        {
            return;
        }

        Rewritten = ContactTrust.RewrittenContacts(config.AsteriskDirectory, new ConfigDirectory());
        var reading = await _phones.ReadAsync(stop);
        var isNew = reading.Problem is not null && reading.Problem != _problem;
        _problem = reading.Problem;
        if (isNew)
        {
            LogContacts(reading.Problem!);
        }

        if (reading.Problem is null)
        {
            Contacts = reading.Contacts;
            _delay = FirstDelay;
            _pause = Interval;
            _askedAt = clock.GetTimestamp();
            return;
        }

        _pause = _delay;
        _askedAt = clock.GetTimestamp();
        _delay = _delay * 2 < LongestDelay ? _delay * 2 : LongestDelay;
    }

    [LoggerMessage(2320, LogLevel.Warning, "{Problem}: registered phones are not known, and those that are not seen to log in over HEP or on the wire get no protection of their own")]
    private partial void LogContacts(string problem);
}

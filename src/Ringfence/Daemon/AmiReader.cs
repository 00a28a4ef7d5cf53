using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>Makes events of what the manager interface tells, and knows whether it tells anything.</summary>
/// <param name="log">The number by which the detector knows the source.</param>
internal sealed class AmiReader(AmiSettings settings, ushort log, bool managerOverHttp, TimeProvider clock)
{
    // Four pings.
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    // Asterisk tells the login itself, a few milliseconds behind its answer.
    private static readonly TimeSpan LoginTold = TimeSpan.FromSeconds(10);

    private readonly AmiParser _parser = new() { ManagerOverHttp = managerOverHttp };
    private readonly byte[] _user = Encoding.UTF8.GetBytes(settings.User ?? "");
    private int _ownPort;
    private bool _isLoggedIn;
    private bool _isLoginTold;
    private DateTimeOffset _lastHeard;

    public string Name { get; } = AmiClient.NameOf(settings);

    /// <summary>Since when it is logged in, or not.</summary>
    public DateTimeOffset Since { get; private set; } = clock.GetUtcNow();

    public AmiCounts Counts => _parser.Counts;

    public DateTimeOffset? LastEvent { get; private set; }

    public RateMeter Rate { get; } = new(clock);

    /// <returns>Why the source is blind, for people; null: all is well.</returns>
    public string? ProblemAt(DateTimeOffset now)
    {
        if (!_isLoggedIn)
        {
            return "not logged in: the part \"ami\" says why";
        }

        if (now - _lastHeard > Long)
        {
            return $"nothing was heard since {_lastHeard:yyyy-MM-dd HH:mm:ss}, not even the answer to a ping";
        }

        // Asterisk tells each login to whoever may hear it: who is not told of his own is told of nobody's.
        return !_isLoginTold && now - Since > LoginTold
            ? $"Asterisk lets {settings.User} log in and tells it no security events: its section of manager.conf needs read = security, and no eventfilter that hides them"
            : null;
    }

    /// <returns>What is odd and needs nobody; null: nothing.</returns>
    public string? Note => Counts is { Injected: 0, Unmatched: 0, Distrusted: 0 } ? null
        : $"since start: {Counts.Injected} with injected text, {Counts.Unmatched} not understood, {Counts.Distrusted} not counted because they could be somebody's invention";

    /// <summary>Reads a batch; what it leads to is then in <see cref="Judge.Decisions"/>.</summary>
    public void Read(AmiBatch batch, Judge judge)
    {
        var now = clock.GetUtcNow();
        _lastHeard = now;
        if (batch.IsLoggedIn != _isLoggedIn || batch.LocalPort != 0)
        {
            _isLoggedIn = batch.IsLoggedIn;
            Since = now;
        }

        if (batch.LocalPort != 0)
        {
            // A new stream: it begins with a message of Asterisk's.
            _parser.Begin();
            _ownPort = batch.LocalPort;
            _isLoginTold = false;
        }

        if (batch.Skipped > 0)
        {
            _parser.Skip(batch.Skipped);
        }

        judge.Log = log;
        var before = Counts.Events;
        var sink = new Sink(this, new Judge.Sink(judge));
        for (var at = 0; batch.Next(ref at) is { IsEmpty: false } message;)
        {
            _parser.Read(message, ref sink);
        }

        Rate.Add(Counts.Events - before);
    }

    private readonly struct Sink(AmiReader reader, Judge.Sink judge) : IEventSink
    {
        public void See(in PbxEvent seen)
        {
            reader.LastEvent = seen.Time;
            reader._isLoginTold |= seen.Kind == EventKind.LoginSucceeded && seen.Service == Service.Ami && seen.Port == reader._ownPort && seen.Account.SequenceEqual(reader._user);
            judge.See(seen);
        }

        public void Unmatched(ReadOnlySpan<byte> line, long lineNumber) => judge.Unmatched(line, lineNumber);
    }
}

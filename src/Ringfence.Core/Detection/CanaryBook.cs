using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>Keeps which source told of the guard's own requests (canaries): a source that should and does not is blind, however alive it looks.</summary>
/// <remarks>
/// A canary is known by its Call-ID, whose second half is drawn anew for each: nobody outside can make a blind source look well. What comes from this
/// machine with the first half is a canary's, and never counts as an attack. A source is judged if the PBX's configuration says that it tells of such
/// requests, or if it has told of one before: so none is blamed that by its nature can't.
/// </remarks>
/// <param name="isOwn">Whether an address is this machine's.</param>
internal sealed class CanaryBook(Func<Address, bool> isOwn)
{
    /// <summary>So long a source may take; Asterisk's logs have it within milliseconds.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Dictionary<ushort, CanaryReturn> _last = [];
    private readonly Dictionary<ushort, DateTimeOffset> _missing = [];
    private readonly HashSet<ushort> _back = [];
    private HashSet<ushort> _witnesses = [];
    private HashSet<ushort> _wordless = [];
    private byte[] _callId = [];
    private bool _isAnswered;
    private bool _isChallenged;

    /// <summary>How each canary's Call-ID begins: who finds the line in a log knows where it comes from.</summary>
    public static ReadOnlySpan<byte> Mark => "ringfence-canary-"u8;

    /// <summary>When what is read next came; the reader sets it.</summary>
    public DateTimeOffset Now { get; set; }

    /// <summary>When the last one was sent; null: none was.</summary>
    public DateTimeOffset? Sent { get; private set; }

    /// <summary>Whether each source that should has told of the last one.</summary>
    public bool IsWhole => !_witnesses.Any(Misses);

    /// <summary>The sources that should have told of the last one and did not, or not yet.</summary>
    public IEnumerable<ushort> Silent => _witnesses.Where(Misses);

    /// <param name="callId">It begins with <see cref="Mark"/>.</param>
    /// <param name="witnesses">The sources that must tell of it, by <see cref="Detector.AddLog"/>.</param>
    /// <param name="read">All sources that are read now.</param>
    /// <param name="wordless">The sources that see messages, not what the PBX has to say about them (HEP, the wire).</param>
    public void Send(byte[] callId, IEnumerable<ushort> witnesses, IEnumerable<ushort> read, IEnumerable<ushort> wordless, DateTimeOffset now)
    {
        HashSet<ushort> expected = [.. witnesses, .. read.Where(_last.ContainsKey)];
        foreach (var log in expected.Concat(_missing.Keys).ToList())
        {
            if (!expected.Contains(log))
            {
                _missing.Remove(log);
            }
            else if (Misses(log) && Sent is { } sent)
            {
                _missing.TryAdd(log, sent);
            }
        }

        _callId = callId;
        _witnesses = expected;
        _wordless = [.. wordless];
        _back.Clear();
        (Sent, _isAnswered, _isChallenged) = (now, false, false);
    }

    /// <summary>The PBX has answered the last one. What it refuses otherwise than by a challenge (403 of a global ACL) it tells no log of.</summary>
    public void Answer(int status)
    {
        _isAnswered = true;
        _isChallenged = status == 401;
    }

    /// <summary>Takes what is a canary's.</summary>
    /// <returns>Whether it is one: then it is nobody's attack.</returns>
    public bool Takes(in PbxEvent seen, ushort log)
    {
        if (!seen.Session.StartsWith(Mark) || !isOwn(seen.Source))
        {
            return false;
        }

        if (Sent is { } sent && seen.Session.SequenceEqual(_callId) && _back.Add(log))
        {
            _last[log] = new CanaryReturn(Now, Now > sent ? Now - sent : TimeSpan.Zero);
            _missing.Remove(log);
        }

        return true;
    }

    /// <returns>When the source last told of one; null: it did not since start.</returns>
    public CanaryReturn? LastOf(ushort log) => _last.TryGetValue(log, out var last) ? last : null;

    /// <param name="since">Since when the source is read as now: what was sent before it could not tell.</param>
    /// <returns>When the first one was sent that the source should have told of and did not; null: all is well, or nobody knows.</returns>
    public DateTimeOffset? MissedBy(ushort log, DateTimeOffset since, DateTimeOffset now)
    {
        if (_missing.TryGetValue(log, out var missed) && missed >= since)
        {
            return missed;
        }

        return Sent is { } sent && sent >= since && now - sent > Patience && Misses(log) ? sent : null;
    }

    private bool Misses(ushort log) => _witnesses.Contains(log) && !_back.Contains(log) && (_isChallenged || (_isAnswered && _wordless.Contains(log)));
}

/// <param name="Time">When it came.</param>
/// <param name="After">So long after it was sent.</param>
internal sealed record CanaryReturn(DateTimeOffset Time, TimeSpan After);

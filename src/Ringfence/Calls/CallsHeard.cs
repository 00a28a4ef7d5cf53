using Ringfence.Core.Calls;

namespace Ringfence.Calls;

/// <summary>Which calls were told of while they went on, and when nobody told of any: calls that ended then are known by their records alone. So none counts twice. In <see cref="CallDesk"/>'s turn.</summary>
/// <param name="begun">When the guard did, in milliseconds: before that calls are the past.</param>
internal sealed class CallsHeard(long begun)
{
    /// <summary>Records count in whole seconds, cut off twice: what ended within these a session may have told of, and its id says so.</summary>
    public const long Rounding = 2_000;

    private const long Span = 36 * 3_600_000;
    private const int MostGaps = 1024;
    private const int MostUnseen = 100_000;

    /// <summary>The clock of a PBX that is another machine may be so far ahead, in milliseconds.</summary>
    public const long MostAhead = 3_600_000;

    private readonly RecentKeys _told = new(Span);
    private readonly RecentKeys _asked = new(Span);

    // As far back as limits look: a file that is written anew, or a database of a week ago, tells of calls that have counted.
    private readonly RecentKeys _records = new(31 * 24 * 3_600_000L);
    private readonly Dictionary<string, long> _unseen = new(StringComparer.Ordinal);
    private readonly Queue<(long From, long To)> _gaps = new();
    private long? _deafSince = begun;

    /// <summary>When anything was last told of a call, by whomever; null: nothing was.</summary>
    public DateTimeOffset? LastEvent { get; set; }

    /// <summary>From now on each call that ends is told of.</summary>
    public void Hears(long at)
    {
        if (_deafSince is { } from)
        {
            _gaps.Enqueue((from, at));
            _deafSince = null;
            if (_gaps.Count > MostGaps)
            {
                _gaps.Dequeue();
            }
        }
    }

    /// <summary>From now on none is.</summary>
    public void Lost(long at) => _deafSince ??= at - Rounding;

    /// <summary>The clock was set by so many milliseconds: what ends from now on ended since, also where the clock says that it was before.</summary>
    public void SetClock(long by) => _deafSince += Math.Min(0, by);

    /// <summary>A session told that a call goes on.</summary>
    /// <param name="id">Of the call, or of the channel that dials.</param>
    public void Told(string id, long at)
    {
        _unseen.Remove(id);
        _told.Add(id, at);
    }

    /// <summary>Whether a call goes on nobody can say: until its record does, it has counted to that moment.</summary>
    public void LostSight(string id, long at)
    {
        if (_unseen.Count >= MostUnseen)
        {
            _unseen.Clear();
        }

        _unseen[id] = at;
    }

    /// <summary>Its record came.</summary>
    /// <returns>Since when nobody saw it; null: it was seen to its end.</returns>
    public long? TakeUnseen(string id) => _unseen.Remove(id, out var since) ? since : null;

    /// <summary>A gate let a call out.</summary>
    public void Asked(string id, long at) => _asked.Add(id, at);

    public bool WasTold(string id) => id.Length > 0 && _told.Contains(id);

    public bool WasAsked(string id) => id.Length > 0 && _asked.Contains(id);

    /// <summary>Whether nobody listened when a call ended.</summary>
    public bool WasDeaf(long ended) => ended >= _deafSince || _gaps.Any(gap => ended >= gap.From && ended <= gap.To);

    /// <summary>Whether a record is the first that tells of its call; the second time it is not.</summary>
    public bool IsNew(in PastEvent one, long now)
    {
        var ended = one.Written;
        if (WasTold(one.Call.Id) || ended > now + MostAhead || !WasDeaf(ended))
        {
            return false;
        }

        // The same in two places, or in a file that was copied and then made empty.
        var (call, attempt) = (one.Call, one.Call.Attempt);
        var to = one.Seen is null ? $"{call.Talk} {attempt.Trunk} {attempt.Dialled.Digits}" : "";
        return call.Id.Length == 0 || _records.Add($"{call.Id} {one.At} {ended} {to}", now);
    }
}

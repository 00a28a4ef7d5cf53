using Ringfence.Core.Numbers;

namespace Ringfence.Core.Fraud;

/// <summary>Calls to numbers that called in shortly before.</summary>
/// <param name="window">Over how long they are counted, in milliseconds.</param>
/// <param name="within">How long after the call in, in milliseconds.</param>
/// <param name="longestRing">Only where nobody answered that within so many seconds; 0: whatever became of it.</param>
internal sealed class CallBackMeter(long window, long within, int longestRing) : CallMeter
{
    // Who floods a site with calls to fill this pushes out his own.
    private const int Most = 4096;

    // What a caller's number is shown as (with 00, with +, with neither) differs at its beginning.
    private const int Shown = 9;
    private const int Least = 6;

    private readonly Dictionary<ulong, long> _seen = [];
    private readonly Queue<(ulong Number, long At)> _order = new();
    private readonly SlidingSum _sum = new(window);

    // Of calls that go on.
    private readonly HashSet<LiveCall> _counted = [];
    private LiveCall? _last;

    public override void See(SiteEvent seen)
    {
        if (seen.Kind != SiteEventKind.CallIn || (longestRing > 0 && (seen.Seconds <= 0 || seen.Seconds > longestRing)) || Tail(seen.Name) is not { } number)
        {
            return;
        }

        Forget(seen.At);
        _seen[number] = seen.At;
        _order.Enqueue((number, seen.At));
        while (_order.Count > Most)
        {
            Drop();
        }
    }

    public override long Asked(in CallAttempt attempt, long at) => IsBack(attempt, at) ? Figure(at) + 1 : 0;

    public override long AskedAgain(in CallAttempt attempt, long at) => IsBack(attempt, at) ? Figure(at) : 0;

    public override long Figure(long at) => _sum.At(at);

    public override void Begin(LiveCall call, long at)
    {
        if (!call.IsAgain && IsBack(call.Attempt, at))
        {
            _sum.Add(at, 1);
            _counted.Add(call);
            _last = call;
        }
    }

    public override void End(LiveCall call, long at) => _counted.Remove(call);

    public override void TakeBack(LiveCall call, long at)
    {
        if (_counted.Remove(call))
        {
            _sum.Add(call.Since, -1);
            _last = _last == call ? null : _last;
        }
    }

    public override bool Counts(LiveCall call) => call == _last;

    private bool IsBack(in CallAttempt attempt, long at) =>
        attempt.Dialled.Kind == DialledKind.Outside && Tail(attempt.Number.Digits) is { } number && _seen.TryGetValue(number, out var before) && at >= before && at - before <= within;

    private void Forget(long at)
    {
        while (_order.TryPeek(out var oldest) && at - oldest.At > within)
        {
            Drop();
        }
    }

    private void Drop()
    {
        var (number, at) = _order.Dequeue();
        if (_seen.TryGetValue(number, out var last) && last == at)
        {
            _seen.Remove(number);
        }
    }

    private static ulong? Tail(ReadOnlySpan<char> text)
    {
        var (number, digits, scale) = (0UL, 0, 1UL);
        for (var at = text.Length - 1; at >= 0 && digits < Shown; at--)
        {
            if (char.IsAsciiDigit(text[at]))
            {
                number += (ulong)(text[at] - '0') * scale;
                scale *= 10;
                digits++;
            }
        }

        return digits >= Least ? number + scale : null;
    }
}

namespace Ringfence.Core.Fraud;

/// <summary>How many different things were called within a window: numbers, countries, numbers of one block.</summary>
/// <param name="of">What is told apart, and the group within which it is counted: of the last call's.</param>
/// <param name="isOfAnswered">Only of calls that somebody answered: over weeks mistyped numbers come together.</param>
internal sealed class DistinctMeter(long window, DistinctMeter.Thing of, bool isOfAnswered = false) : CallMeter
{
    /// <summary>So many it tells apart: then the oldest goes.</summary>
    public const int Most = 128;

    // Each with how many calls within the window were to it.
    private readonly List<(ulong Group, ulong Thing, long At, int Calls)> _all = [];
    private ulong _group;

    /// <returns>A group and a thing in it.</returns>
    public delegate (ulong Group, ulong Thing) Thing(in CallAttempt attempt);

    public override long Asked(in CallAttempt attempt, long at)
    {
        var (group, thing) = of(attempt);
        return Count(group, at, thing) + 1;
    }

    public override long Figure(long at) => Count(_group, at, but: null);

    public override void Begin(LiveCall call, long at)
    {
        if (!isOfAnswered)
        {
            Add(call, at);
        }
    }

    public override void Answer(LiveCall call, long at)
    {
        if (isOfAnswered)
        {
            Add(call, at);
        }
    }

    public override void TakeBack(LiveCall call, long at)
    {
        if ((isOfAnswered ? call.AnsweredAt : call.Since) is var counted && counted > at - window && Place(call) is >= 0 and var place)
        {
            var one = _all[place];
            _all[place] = one with { Calls = one.Calls - 1 };
            if (one.Calls == 1)
            {
                _all.RemoveAt(place);
            }
        }
    }

    private void Add(LiveCall call, long at)
    {
        var (group, thing) = of(call.Attempt);
        var calls = 1;
        _group = group;
        if (Place(call) is >= 0 and var known)
        {
            calls += _all[known].At > at - window ? _all[known].Calls : 0;
            at = Math.Max(at, _all[known].At);
            _all.RemoveAt(known);
        }

        if (_all.Count == Most)
        {
            _all.RemoveAt(0);
        }

        // In order of time: what is told late goes where it was.
        var next = _all.Count;
        while (next > 0 && _all[next - 1].At > at)
        {
            next--;
        }

        _all.Insert(next, (group, thing, at, calls));
    }

    private int Place(LiveCall call)
    {
        var (group, thing) = of(call.Attempt);
        for (var place = 0; place < _all.Count; place++)
        {
            if (_all[place].Thing == thing && _all[place].Group == group)
            {
                return place;
            }
        }

        return -1;
    }

    /// <summary>The digits as a number: 19 of them are told apart.</summary>
    public static ulong Number(ReadOnlySpan<char> digits)
    {
        var number = 1UL;
        foreach (var c in digits)
        {
            number = unchecked((number * 10) + (ulong)(c - '0'));
        }

        return number;
    }

    /// <summary>Eight letters are told apart.</summary>
    public static ulong Letters(string? name)
    {
        var letters = 0UL;
        foreach (var c in name ?? "")
        {
            letters = (letters << 8) | (byte)c;
        }

        return letters;
    }

    private long Count(ulong group, long at, ulong? but)
    {
        var count = 0;
        for (var place = _all.Count - 1; place >= 0 && _all[place].At > at - window; place--)
        {
            count += _all[place].Group == group && _all[place].Thing != but ? 1 : 0;
        }

        return count;
    }
}

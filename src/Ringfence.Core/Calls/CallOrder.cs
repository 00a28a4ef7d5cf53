namespace Ringfence.Core.Calls;

/// <summary>Puts what records tell in the order in which it began: they are written when calls end.</summary>
/// <remarks>
/// A ring with a list for each second: to add and to take costs the same however much it holds. What is written twice (files that overlap, a database that was
/// asked again) is taken once. A clock that jumps is believed when so many records in a row agree with it; fewer are odd ones, which no order can hold.
/// </remarks>
/// <param name="take">Gets everything in order.</param>
/// <param name="restart">The PBX's clock went back for good: what comes next begins anew.</param>
internal sealed class CallOrder(PastEventSink take, Action restart)
{
    // 36 hours: the longest call that is put where it began. Longer ones are told late.
    private const int Ring = 1 << 17;

    // Some 300 MB. A site that makes more in 36 hours has its oldest calls told first.
    private const int MostHeld = 1 << 20;

    // Without calls a site may well be for some weeks, and then it begins again; one record far ahead of all others is a clock that was wrong.
    private const int Agreeing = 50;

    private readonly int[] _first = new int[Ring];
    private readonly int[] _last = new int[Ring];
    private readonly List<PastEvent> _odd = new(Agreeing);
    private (PastEvent Event, int Next)[] _slots = new (PastEvent, int)[1024];
    private int _free;
    private int _used = 1;

    // Seconds: the next one to be told, and the latest at which a record was written.
    private long _next;
    private long _latest;

    public int Held { get; private set; }

    /// <summary>Records that are there twice.</summary>
    public int Doubled { get; private set; }

    /// <summary>Records whose time fits no other's: nobody was told of them.</summary>
    public int Odd { get; private set; }

    /// <summary>Calls that were told later than they began: they lasted longer than the order reaches back.</summary>
    public int Late { get; private set; }

    /// <summary>How often the clock went back for good.</summary>
    public int Restarts { get; private set; }

    public void Add(in PastEvent one)
    {
        var (at, written) = (one.At / 1000, one.Written / 1000);
        if (at <= Ring)
        {
            // A PBX without a clock of its own begins in 1970.
            Odd++;
            return;
        }

        if (_latest == 0)
        {
            if (written - at > Ring && _odd.Count < Agreeing)
            {
                // Whether such a call stands where it began (a database's list) or where it ended (a file) the next record tells.
                _odd.Add(one);
                return;
            }

            PastEvent[] before = [.. _odd];
            _odd.Clear();
            (_next, _latest) = (written - Ring + 1, written);
            foreach (var waiting in before)
            {
                Add(waiting);
            }
        }

        if (written > _latest + Ring && at <= _latest + Ring && at >= _latest - Ring)
        {
            // A call of days in a list by beginnings: what stands around it began when it did.
            Put(one, at, at);
            return;
        }

        if (written > _latest + Ring || written < _latest - Ring)
        {
            _odd.Add(one);
            if (_odd.Count >= Agreeing)
            {
                Believe();
            }

            return;
        }

        Odd += _odd.Count;
        _odd.Clear();
        Put(one, at, written);
    }

    /// <summary>Nothing comes any more.</summary>
    public void Finish()
    {
        // At the end nobody can contradict what is ahead.
        if (_odd.Count > 0 && _odd.TrueForAll(one => one.Written / 1000 > _latest))
        {
            Believe();
        }

        Odd += _odd.Count;
        _odd.Clear();
        Release(_latest + 1);
    }

    private void Believe()
    {
        PastEvent[] agreed = [.. _odd];
        _odd.Clear();
        Release(_latest + 1);
        var earliest = agreed.Min(static one => one.Written) / 1000;
        if (earliest < _latest)
        {
            Restarts++;
            restart();
        }

        (_next, _latest) = (earliest - Ring + 1, earliest);

        // Where nobody calls for days again and again (one line at home), records are in order all the same: a clock that is wrong makes no such row.
        var isQuiet = agreed.Zip(agreed.Skip(1)).All(static pair => pair.First.Written <= pair.Second.Written);
        foreach (var one in agreed)
        {
            var written = one.Written / 1000;
            if (isQuiet && written > _latest + Ring)
            {
                Release(_latest + 1);
                (_next, _latest) = (written - Ring + 1, written);
            }

            if (written <= _latest + Ring && written >= _latest - Ring)
            {
                Put(one, one.At / 1000, written);
            }
            else
            {
                Odd++;
            }
        }
    }

    private void Put(in PastEvent one, long at, long written)
    {
        if (written > _latest)
        {
            _latest = written;
            Release(_latest - Ring + 1);
        }

        if (at < _next)
        {
            // Its money counts from now on: the engine's time goes one way.
            Late++;
            at = _next;
        }

        var second = (int)(at % Ring);
        for (var slot = _first[second]; slot != 0; slot = _slots[slot].Next)
        {
            if (IsSame(_slots[slot].Event, one))
            {
                Doubled++;
                return;
            }
        }

        if (Held == MostHeld)
        {
            Release(Oldest() + 1);
        }

        var free = Slot();
        ref var place = ref _slots[free];
        place.Next = 0;
        if (at * 1000 > one.At)
        {
            place.Event = At(one, at * 1000);
        }
        else
        {
            place.Event = one;
        }

        if (_first[second] == 0)
        {
            _first[second] = free;
        }
        else
        {
            _slots[_last[second]].Next = free;
        }

        _last[second] = free;
        Held++;
    }

    private static PastEvent At(in PastEvent one, long at) =>
        one.Seen is { } seen ? one with { Seen = seen with { At = at } } : one with { Call = one.Call with { Attempt = one.Call.Attempt with { At = at } } };

    private static bool IsSame(in PastEvent one, in PastEvent other) =>
        one.Written == other.Written && one.Call.Id.Length > 0 && one.Call.Id == other.Call.Id && one.Seen == other.Seen
        && one.Call.Talk == other.Call.Talk && one.Call.Attempt.Trunk == other.Call.Attempt.Trunk && one.Call.Attempt.Dialled.Digits == other.Call.Attempt.Dialled.Digits;

    private long Oldest()
    {
        var second = _next;
        while (_first[(int)(second % Ring)] == 0)
        {
            second++;
        }

        return second;
    }

    private void Release(long until)
    {
        for (; _next < until; _next++)
        {
            if (Held == 0)
            {
                _next = until;
                return;
            }

            var second = (int)(_next % Ring);
            for (var slot = _first[second]; slot != 0;)
            {
                // What it held stays there until it holds another: nothing of it is large.
                ref var held = ref _slots[slot];
                take(in held.Event);
                (held.Next, _free, slot) = (_free, slot, held.Next);
                Held--;
            }

            (_first[second], _last[second]) = (0, 0);
        }
    }

    private int Slot()
    {
        if (_free != 0)
        {
            var free = _free;
            _free = _slots[free].Next;
            return free;
        }

        if (_used == _slots.Length)
        {
            Array.Resize(ref _slots, _slots.Length * 2);
        }

        return _used++;
    }
}

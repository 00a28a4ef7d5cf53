using Ringfence.Core.Calls;
using Ringfence.Core.Fraud;

namespace Ringfence.Calls;

/// <summary>Tells the engine of calls by their records, as they are written: of those of which nobody told while they went on. In <see cref="CallDesk"/>'s turn.</summary>
internal sealed class CallsRecorded(LiveCalls live, EngineInForce inForce, CallsHeard heard, CallsAsked asked, TimeProvider clock)
{
    /// <param name="isUp">Whether a session tells of calls.</param>
    /// <returns>How many there were.</returns>
    public int Tell(IEnumerable<PastEvent> read, bool isUp, long now)
    {
        var count = 0;
        foreach (var one in read.Where(one => heard.WasDeaf(one.Written)).OrderBy(static one => one.At))
        {
            var known = one.Seen is null ? IdOf(one) : "";
            if (heard.WasTold(known))
            {
                // It went on when the session was lost: nobody else tells of its end.
                if (heard.TakeUnseen(known) is { } since)
                {
                    TellRest(one.Call, since, now);
                }
                else if (!isUp)
                {
                    live.End(known, now);
                    inForce.Engine.End(known, now);
                }
            }
            else if (heard.IsNew(one, now))
            {
                count++;
                Tell(one, known, now);
            }
        }

        if (count > 0)
        {
            heard.LastEvent = clock.GetUtcNow();
        }

        return count;
    }

    // What it has cost since nobody saw it: it has counted as a call.
    private void TellRest(in PastCall call, long since, long now)
    {
        var end = call.Attempt.At + call.Ring + call.Talk;
        var from = Math.Max(since, end - call.Talk);
        if (end > from)
        {
            inForce.Engine.Tell(call with { Attempt = call.Attempt with { At = from }, Ring = 0, Talk = end - from }, now, isBegun: true);
        }
    }

    private void Tell(in PastEvent one, string known, long now)
    {
        if (one.Seen is { } seen)
        {
            inForce.Engine.Tell(seen, now);
            return;
        }

        asked.End(known, now);
        inForce.Engine.Tell(one.Call, now, heard.WasAsked(known));
    }

    // By what a session or the gate knows the call that a record is of: mostly its own id. Where records have none (cdr.conf without loguniqueid), or a channel called several numbers at once, by who called whom and when.
    private string IdOf(in PastEvent one)
    {
        var (attempt, number, until) = (one.Call.Attempt, one.Call.Attempt.Dialled.ToString(), one.Written + CallsHeard.Rounding);
        foreach (var call in inForce.Engine.Live)
        {
            if (Is(call.Attempt))
            {
                return call.Id;
            }
        }

        var id = one.Call.Id;
        return heard.WasTold(id) || heard.WasAsked(id) ? id : asked.Out.FirstOrDefault(call => Is(call.Attempt)).Id ?? id;

        bool Is(in CallAttempt other) =>
            other.At >= attempt.At - CallsHeard.Rounding && other.At <= until && other.Extension == attempt.Extension && other.Dialled.ToString() == number;
    }
}

namespace Ringfence.Core.Fraud;

/// <summary>Calls within a window that moves along.</summary>
/// <param name="shortest">0: all that begin; else those that ended so soon after their answer, in milliseconds.</param>
internal sealed class CountMeter(long window, long shortest = 0) : CallMeter
{
    private readonly SlidingSum _sum = new(window);

    public override long Asked(in CallAttempt attempt, long at) => Figure(at) + (shortest == 0 ? 1 : 0);

    public override long AskedAgain(in CallAttempt attempt, long at) => Figure(at);

    public override long Figure(long at) => _sum.At(at);

    public override void Begin(LiveCall call, long at)
    {
        if (shortest == 0 && !call.IsAgain)
        {
            _sum.Add(at, 1);
        }
    }

    public override void TakeBack(LiveCall call, long at)
    {
        if (shortest == 0 && !call.IsAgain)
        {
            _sum.Add(call.Since, -1);
        }
    }

    public override void End(LiveCall call, long at)
    {
        if (shortest > 0 && call.AnsweredAt > 0 && at - call.AnsweredAt <= shortest)
        {
            _sum.Add(at, 1);
        }
    }
}

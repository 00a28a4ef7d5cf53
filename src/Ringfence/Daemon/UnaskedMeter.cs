namespace Ringfence.Daemon;

/// <summary>Refusals by the PBX that belong to no request which a source showed, and when so many came that the source is blind for some of what is asked.</summary>
/// <param name="clock">Its steady time counts: a clock that is set makes no minute longer.</param>
internal sealed class UnaskedMeter(TimeProvider clock)
{
    // A guard that starts sees answers to what was asked before, and a flood pushes out a few requests before they are answered. Whoever hides what he asks can
    // dilute it with refusals of forged requests: a thousand packets for each of his.
    private const int Enough = 20;
    private const int OneIn = 1_000;
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(10);

    private readonly (long Stamp, long Refusals)[] _latest = new (long, long)[Enough];

    /// <summary>Since start.</summary>
    public long Total { get; private set; }

    /// <param name="refusals">By the PBX since start, these among them.</param>
    public void Add(long count, long refusals)
    {
        var now = clock.GetTimestamp();
        for (; count > 0; count--)
        {
            _latest[Total++ % Enough] = (now, refusals);
        }
    }

    /// <returns>What is wrong now, for people; null: nothing.</returns>
    public string? Problem(long refusals)
    {
        if (Total < Enough)
        {
            return null;
        }

        var (stamp, before) = _latest[Total % Enough];
        return clock.GetElapsedTime(stamp) > Within || (refusals - before) / OneIn > Enough
            ? null
            : $"{Enough} refusals by the PBX within {Within.TotalMinutes:0} minutes answer no request that was seen: somebody is asked for a password by a way that is not read, or hides what he asks";
    }
}

using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>When an address is not looked at, because it has been judged.</summary>
/// <remarks>
/// By the clock of the events. It has a beginning, for a PBX whose clock runs ahead for a while (10 days, before its first NTP answer) would
/// else keep whoever was judged then unseen until that day comes; but what a log tells a second time, long after, is before the judgement too.
/// </remarks>
/// <param name="JudgedTicks">The event that was judged.</param>
/// <param name="FromTicks">Quiet from here...</param>
/// <param name="UntilTicks">...until here.</param>
/// <param name="Judged">The proof that the judgement stood on: what is better proven is looked at all the same.</param>
/// <param name="AlsoBeforeTicks">And before this, by the true clock, if the events' clock ran ahead; 0: it did not.</param>
internal readonly record struct QuietTime(long JudgedTicks, long FromTicks, long UntilTicks, Proof Judged, long AlsoBeforeTicks = 0)
{
    /// <summary>The same moments by the clock of now.</summary>
    public QuietTime After(ClockStep step) => !step.IsOld(JudgedTicks) ? this : this with
    {
        JudgedTicks = JudgedTicks - step.ByTicks,
        FromTicks = FromTicks - step.ByTicks,
        UntilTicks = UntilTicks - step.ByTicks,
    };

    public bool Holds(in PbxEvent seen) =>
        seen.Proof <= Judged && ((seen.TimeTicks >= FromTicks && seen.TimeTicks < UntilTicks) || seen.TimeTicks < AlsoBeforeTicks);
}

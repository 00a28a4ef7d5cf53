namespace Ringfence.Core.Fraud;

/// <summary>A call of the past, as it went without anybody in its way.</summary>
/// <param name="Ring">Milliseconds from its beginning to its answer; of a call that nobody answered to its end.</param>
/// <param name="Talk">Milliseconds from the answer to the end; 0: nobody answered.</param>
internal readonly record struct PastCall(string Id, CallAttempt Attempt, long Ring, long Talk)
{
    public long Cost => Attempt.Price.Rate.Cost((Talk + 999) / 1000);
}

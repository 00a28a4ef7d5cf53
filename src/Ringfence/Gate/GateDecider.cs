using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Gate;
using Ringfence.Core.Numbers;

namespace Ringfence.Gate;

/// <summary>What becomes of a call that asks.</summary>
internal sealed class GateDecider(GateSettings settings, IGate gate, DiallingRules rules, Tariff tariff, TimeProvider clock)
{
    // A call whose trunk fails asks again for the next one, and its caller has typed his PIN.
    private const long PinHolds = 60_000;

    private readonly Dictionary<(string Id, string Number), long> _given = [];

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <returns>null: that depends on whether its caller knows his PIN.</returns>
    public GateDecision? Decide(GateCall call)
    {
        var attempt = Attempt(call);
        if (attempt.Dialled.Kind == DialledKind.Unreadable)
        {
            return GateDecision.Deny(GateDecision.NoNumber, "not a number");
        }

        if (rules.IsInside(call.Trunk))
        {
            return GateDecision.Of(GateAnswer.Fine);
        }

        var hasPin = HasGiven((call.Id, attempt.Dialled.ToString()), attempt.At);
        if (settings.Pins.Wants(attempt, rules.Home.Region) && !hasPin)
        {
            return null;
        }

        var answer = gate.Ask(call.Id, attempt, hasPin);
        return answer.Verdict == GateVerdict.AskPin ? null : GateDecision.Of(answer);
    }

    /// <summary>The same, when its caller has given his PIN.</summary>
    public GateDecision DecideWithPin(GateCall call)
    {
        var attempt = Attempt(call);
        lock (_given)
        {
            _given[(call.Id, attempt.Dialled.ToString())] = attempt.At;
        }

        return GateDecision.Of(gate.Ask(call.Id, attempt, hasPin: true));
    }

    public CallAttempt Attempt(GateCall call) => call.Attempt(Now, rules, NumberPlans.BuiltIn, tariff);

    private bool HasGiven((string Id, string Number) call, long now)
    {
        lock (_given)
        {
            foreach (var (old, at) in _given)
            {
                if (now - at is < 0 or > PinHolds)
                {
                    _given.Remove(old);
                }
            }

            return _given.ContainsKey(call);
        }
    }
}

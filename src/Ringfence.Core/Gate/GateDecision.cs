using Ringfence.Core.Fraud;

namespace Ringfence.Core.Gate;

/// <summary>What the dialplan is told: variables that it reads when AGI() has ended.</summary>
/// <param name="Seconds">The longest that the call may last; null: no limit.</param>
/// <param name="Cause">Of Q.850, for Hangup(); 0 for a call that leaves.</param>
/// <param name="Why">For people; "" where nothing is to be said.</param>
internal sealed record GateDecision(bool IsAllowed, int? Seconds, int Cause, string Why)
{
    /// <summary>Q.850 "call rejected": a phone gets 403.</summary>
    public const int Rejected = 21;

    /// <summary>Q.850 "invalid number format": a phone gets 484.</summary>
    public const int NoNumber = 28;

    /// <summary>What every name of a variable begins with.</summary>
    public const string Prefix = "RINGFENCE_";

    public static GateDecision Of(GateAnswer answer) =>
        answer.Verdict == GateVerdict.Allow ? new GateDecision(true, answer.Seconds, 0, answer.Why) : Deny(Rejected, answer.Why);

    public static GateDecision Deny(int cause, string why) => new(false, null, cause, why);

    /// <summary>In order: the verdict is the last one, so that what is cut off is no verdict.</summary>
    public IEnumerable<string> Commands()
    {
        if (Seconds is { } seconds)
        {
            yield return AgiCommand.SetVariable($"{Prefix}SECONDS", seconds.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        if (Cause > 0)
        {
            yield return AgiCommand.SetVariable($"{Prefix}CAUSE", Cause.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        if (Why.Length > 0)
        {
            yield return AgiCommand.SetVariable($"{Prefix}WHY", Why);
        }

        yield return AgiCommand.SetVariable($"{Prefix}VERDICT", IsAllowed ? "allow" : "deny");
    }
}

using Ringfence.Core.Fraud;

namespace Ringfence.Core.Gate;

/// <summary>Which calls want the caller's PIN, whatever limits say.</summary>
internal enum GatePin
{
    None,

    /// <summary>Those to destinations that cost most.</summary>
    Risky,

    /// <summary>Those, and all to other countries.</summary>
    Abroad,

    /// <summary>All to outside, but emergency calls.</summary>
    All,
}

internal static class GatePinRule
{
    /// <param name="home">The site's country.</param>
    public static bool Wants(this GatePin pin, in CallAttempt attempt, string home) =>
        attempt.Dialled.Kind is Numbers.DialledKind.Outside or Numbers.DialledKind.Short
        && pin switch
        {
            GatePin.All => true,
            GatePin.Abroad => attempt.IsRisky || attempt.Number.Region != home,
            GatePin.Risky => attempt.IsRisky,
            _ => false,
        };
}

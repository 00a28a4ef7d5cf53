namespace Ringfence.Core.Fraud;

/// <summary>One extension, trunk... with what each limit has counted for it.</summary>
/// <param name="limits">How many limits the policy has.</param>
internal sealed class LimitKey(LimitScope scope, string name, int limits)
{
    public LimitScope Scope => scope;

    /// <summary>"201", "201 SL", "trunk-a"; of the site "".</summary>
    public string Name => name;

    /// <summary>By the limit's number; null: it never looked.</summary>
    public CallMeter?[] Meters { get; } = new CallMeter?[limits];

    /// <summary>Its calls that were asked about or go on.</summary>
    public List<LiveCall> Calls { get; } = [];
}

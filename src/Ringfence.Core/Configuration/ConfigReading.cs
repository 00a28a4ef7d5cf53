using Ringfence.Core.Pbx;

namespace Ringfence.Core.Configuration;

/// <summary>What came of reading ringfence.conf.</summary>
/// <param name="Config">null if there is any mistake: a daemon that guards by half of what was meant is worse than one that says no.</param>
/// <param name="Mistakes">All of them, in the order of the file.</param>
internal sealed record ConfigReading(RingfenceConfig? Config, IReadOnlyList<ConfigMistake> Mistakes)
{
    /// <summary>What could be read all the same, the defaults in place of what is wrong: enough to find a running guard's socket and its journal.</summary>
    public RingfenceConfig Readable { get; init; } = Config ?? RingfenceConfig.Default;
}

/// <summary>One mistake of the operator: place first, then what was expected. Safe to print.</summary>
internal sealed record ConfigMistake(Place Place, string Text)
{
    public override string ToString() => $"{Place}: {Text}";
}

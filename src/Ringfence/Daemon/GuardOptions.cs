using Ringfence.Core.Configuration;

namespace Ringfence.Daemon;

/// <summary>What <c>ringfence guard</c> was told.</summary>
/// <param name="Enforce">Fail with exit code 3 where bans can't be enforced, in place of observing; stronger than a preset "observe" in the configuration.</param>
/// <param name="Observe">Decide and show, enforce nothing, whatever the configuration says. Never together with <paramref name="Enforce"/>.</param>
internal sealed record GuardOptions(RingfenceConfig Config, bool Enforce, bool Observe)
{
    /// <summary>Where <see cref="Config"/> was read; null: nobody asks whether it changes.</summary>
    public ReadFile? File { get; init; }
}

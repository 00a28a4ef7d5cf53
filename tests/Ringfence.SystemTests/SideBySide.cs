using Xunit;

// These tests wait for other processes far more than they compute, so there are more of them at once than a small machine has cores.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]

// The longest takes 45 s on a machine of two cores, and twice as long where 30 processes want them.
[assembly: Ringfence.Tests.EndsInTime(300)]

namespace Ringfence.SystemTests;

/// <summary>Tests that say how soon something happens run after all others, one at a time: what they measure is not the neighbours.</summary>
[CollectionDefinition(nameof(Timed), DisableParallelization = true)]
public sealed class Timed;

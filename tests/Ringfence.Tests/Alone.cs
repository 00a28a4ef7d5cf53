using Xunit;

namespace Ringfence.Tests;

/// <summary>Tests that measure the process, its memory or its time, run while no other does: what a test beside them holds would be in the figure.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

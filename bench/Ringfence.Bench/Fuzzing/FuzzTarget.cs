namespace Ringfence.Bench.Fuzzing;

/// <summary>A parser, and samples of what it reads.</summary>
/// <param name="Samples">Made when the target runs.</param>
internal sealed record FuzzTarget(string Name, Func<FuzzSamples, IEnumerable<byte[]>> Samples, FuzzTarget.Parser Parse)
{
    public delegate void Parser(ReadOnlySpan<byte> input);
}

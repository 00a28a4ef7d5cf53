namespace Ringfence.Bench.Measuring;

/// <summary>Order statistics of a sample.</summary>
internal sealed class Quantiles
{
    private readonly double[] _sorted;

    /// <param name="sample">At least one number.</param>
    public Quantiles(IEnumerable<double> sample)
    {
        _sorted = [.. sample.Order()];
    }

    public double Min => _sorted[0];

    public double Max => _sorted[^1];

    public double Median => (_sorted[(_sorted.Length - 1) / 2] + _sorted[_sorted.Length / 2]) / 2;

    /// <summary>The smallest number that at least <paramref name="share"/> of the sample does not exceed (nearest rank).</summary>
    public double At(double share) => _sorted[Math.Clamp((int)Math.Ceiling(share * _sorted.Length) - 1, 0, _sorted.Length - 1)];
}

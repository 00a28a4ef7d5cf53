namespace Ringfence.Core.Wire;

/// <summary>Bytes of a stream that its receiver has.</summary>
/// <param name="Run">As its kernel reads them.</param>
/// <param name="Others">How else they may read, where they were written more than once.</param>
/// <param name="Urgent">Where bytes stand that the receiver takes out of the stream.</param>
internal readonly record struct TcpRelease(byte[]? Run, IReadOnlyList<(TcpVersion Version, byte[] Run)> Others, IReadOnlyList<int> Urgent)
{
    public bool IsEmpty => Run is null;

    /// <summary>There is one way to read them.</summary>
    public bool IsPlain => Others.Count == 0 && Urgent.Count == 0;

    /// <returns>The bytes without the urgent ones.</returns>
    public static byte[] Without(byte[] run, IEnumerable<int> urgent)
    {
        var left = run.ToList();
        foreach (var at in urgent.OrderDescending())
        {
            left.RemoveAt(at);
        }

        return [.. left];
    }
}

using System.Runtime;

namespace Ringfence.Sources;

/// <summary>Room for garbage that nobody collects until it is full: for long work on large files, in a process that does nothing else.</summary>
/// <remarks>
/// The youngest generation has 2 MB, for the guard's sake (Ringfence.csproj), and at each collection what a backtest holds is looked through again. Of two million CDRs (6.0 s) that
/// takes 1.6 s, with this room 0.5 s (4.6 s in all), and 60 MB more of memory; with 128 MB or 200 MB it is no faster, for new memory is not in the processor's cache.
/// </remarks>
internal static class GarbageRoom
{
    private const long Bytes = 64 << 20;

    // Smaller files are read before it is worth it.
    private const long LeastFile = 64 << 20;

    /// <summary>Makes room again where it is used up; to be called now and then.</summary>
    public static void Renew(long fileBytes)
    {
        if (fileBytes < LeastFile || GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
        {
            return;
        }

        try
        {
            // false: there is no memory for it, and collections are as before.
            _ = GC.TryStartNoGCRegion(Bytes);
        }
        catch (ArgumentOutOfRangeException)
        {
            // More than this machine, or its container, lets the heap have.
        }
    }
}

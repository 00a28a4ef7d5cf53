namespace Ringfence.Tests;

/// <summary>What a piece of code allocates, in bytes.</summary>
internal static class Allocations
{
    /// <summary>The least of three times: a collection of garbage that another test causes meanwhile counts what was left of this thread's allocation context, up to 8 KB.</summary>
    public static long Of(Action code)
    {
        var least = long.MaxValue;
        for (var time = 0; time < 3; time++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            code();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}

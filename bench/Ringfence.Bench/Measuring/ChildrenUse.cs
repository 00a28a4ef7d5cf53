using System.Runtime.InteropServices;

namespace Ringfence.Bench.Measuring;

/// <summary>What our ended children, and theirs, have used.</summary>
/// <remarks>man 2 getrusage, RUSAGE_CHILDREN. Its ru_maxrss is of no use: a child begins with the memory of the process that made it, this one.</remarks>
internal static partial class ChildrenUse
{
    public static TimeSpan Cpu
    {
        get
        {
            Span<long> usage = stackalloc long[18];
            _ = GetUsage(-1, usage);
            return TimeSpan.FromSeconds(usage[0] + usage[2]) + TimeSpan.FromMicroseconds(usage[1] + usage[3]);
        }
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetUsage(int who, Span<long> usage);
}

using System.Runtime.InteropServices;

namespace Ringfence.Tests;

/// <summary>How long this thread's work kept a processor busy. What else the machine does is not in it, so a claim about how work grows holds on a loaded machine too.</summary>
internal static partial class ProcessorTime
{
    private const int ClockThreadCpuTime = 3;

    public static TimeSpan Of(Action work)
    {
        var before = Now();
        work();
        return Now() - before;
    }

    private static TimeSpan Now() =>
        ClockGetTime(ClockThreadCpuTime, out var time) == 0
            ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0)
            : throw new InvalidOperationException("clock_gettime(CLOCK_THREAD_CPUTIME_ID) failed");

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Timespec(nint Seconds, nint Nanoseconds);
}

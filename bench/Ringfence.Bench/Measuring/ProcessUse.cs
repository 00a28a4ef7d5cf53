using System.Globalization;
using System.Runtime.InteropServices;

namespace Ringfence.Bench.Measuring;

/// <summary>What a process has used so far, as /proc says.</summary>
/// <param name="Cpu">Of its own threads, also those that ended.</param>
/// <param name="ChildrenCpu">Of children that ended and were waited for.</param>
internal sealed partial record ProcessUse(TimeSpan Cpu, TimeSpan ChildrenCpu, double RssMB, double PeakRssMB)
{
    private const int Terminate = 15;

    /// <remarks>man 5 proc, /proc/pid/stat: fields 14 to 17, in ticks of 10 ms (USER_HZ is 100 on every Linux that .NET runs on).</remarks>
    /// <exception cref="IOException">The process is gone.</exception>
    public static ProcessUse Of(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var status = File.ReadAllLines($"/proc/{pid}/status");
        return new ProcessUse(Ticks(fields, 11), Ticks(fields, 13), MB(status, "VmRSS:"), MB(status, "VmHWM:"));
    }

    /// <summary>Asks it to end. It must be our own child, or one whose number was given to us.</summary>
    public static void End(int pid) => _ = Kill(pid, Terminate);

    private static TimeSpan Ticks(string[] fields, int first) =>
        TimeSpan.FromMilliseconds(10 * fields[first..(first + 2)].Sum(field => long.Parse(field, CultureInfo.InvariantCulture)));

    private static double MB(string[] status, string key)
    {
        var line = status.FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024 / 1e6;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}

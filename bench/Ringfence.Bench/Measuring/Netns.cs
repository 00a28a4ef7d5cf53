using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Ringfence.Bench.Measuring;

/// <summary>Network namespaces: sockets stay in the one in which they were made, so one thread can hold both ends of a link.</summary>
internal static partial class Netns
{
    private const int NewNetwork = 0x40000000;

    /// <summary>The calling thread goes on in the namespace.</summary>
    /// <param name="path">As /run/netns/NAME.</param>
    /// <exception cref="Win32Exception">Not root, or it is no namespace.</exception>
    public static void Enter(string path)
    {
        using var file = File.OpenHandle(path);
        if (SetNamespace(file, NewNetwork) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeHandle file, int type);
}

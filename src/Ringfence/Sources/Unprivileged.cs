using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Ringfence.Sources;

/// <summary>Starts programs that need none of the service's capabilities without them.</summary>
/// <remarks>
/// capabilities(7): what AmbientCapabilities= of the unit gives, every program that the service runs gets too. Of them nft alone needs one; whoever
/// runs the guard as root runs its programs as root. Not capset(2), which could take the inheritable ones as well: the unit's system call filter has no
/// place for it (@privileged), and under NoNewPrivileges they give nothing.
/// </remarks>
internal static partial class Unprivileged
{
    private const int AmbientCapabilities = 47; // PR_CAP_AMBIENT
    private const nuint ClearAll = 4;           // PR_CAP_AMBIENT_CLEAR_ALL

    /// <inheritdoc cref="Process.Start(ProcessStartInfo)"/>
    public static Process? Start(ProcessStartInfo start)
    {
        Process? process = null;
        Win32Exception? problem = null;

        // Capabilities are a thread's: one that ends has none to miss. A child is a copy of the thread that forks.
        var thread = new Thread(() =>
        {
            try
            {
                Drop();
                process = Process.Start(start);
            }
            catch (Win32Exception e)
            {
                problem = e;
            }
        });
        thread.Start();
        thread.Join();
        return problem is null ? process : throw problem;
    }

    private static void Drop()
    {
        if (Control(AmbientCapabilities, ClearAll, 0, 0, 0) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, nuint first, nuint second, nuint third, nuint fourth);
}

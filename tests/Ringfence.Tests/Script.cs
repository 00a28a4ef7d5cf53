using System.Diagnostics;

namespace Ringfence.Tests;

/// <summary>Programs that a test writes and then runs.</summary>
internal static class Script
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Writes one that everybody may run.</summary>
    /// <remarks>By another process: a file that this one has open for writing is open in each child that another thread starts meanwhile, until that child
    /// executes its program; to execute the file before then fails (execve(2), ETXTBSY).</remarks>
    public static void Write(string path, string text)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "cat > \"$0\" && chmod 755 \"$0\"", path]) { RedirectStandardInput = true, UseShellExecute = false })!;
        shell.StandardInput.Write(text);
        shell.StandardInput.Close();
        if (!shell.WaitForExit(Patience) || shell.ExitCode != 0)
        {
            throw new IOException($"{path} was not written");
        }
    }
}

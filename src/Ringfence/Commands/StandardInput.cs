using System.Runtime.InteropServices;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary>Takes the terminal's keys away from a process that reads none.</summary>
internal static partial class StandardInput
{
    private const int Descriptor = 0;

    /// <summary>Whether it is a terminal, and this process in front of it: one in the background is stopped when it reads.</summary>
    public static bool IsForeground => IsTerminal(Descriptor) == 1 && ForegroundGroup(Descriptor) == OwnGroup();

    /// <summary>Puts /dev/null in the place of a terminal. What is piped in stays.</summary>
    /// <remarks>
    /// .NET remembers the terminal's settings and puts them back when the process ends. A process in the background may not do that: the kernel stops it with
    /// SIGTTOU, and "timeout 5 ringfence guard" in a script hung for ever. Ignoring that signal would let the old settings be put under whatever runs in front by then.
    /// Where standard input is no terminal .NET leaves it alone (Debian 12, .NET 10.0: a guard on a pty, ended by timeout(1)).
    /// </remarks>
    public static void LetGoOfTerminal()
    {
        if (IsTerminal(Descriptor) != 1 || Libc.OpenToRead("/dev/null").File is not { } nothing)
        {
            return;
        }

        using (nothing)
        {
            _ = Duplicate(nothing, Descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "isatty")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int IsTerminal(int descriptor);

    [LibraryImport("libc", EntryPoint = "tcgetpgrp")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int ForegroundGroup(int descriptor);

    [LibraryImport("libc", EntryPoint = "getpgrp")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int OwnGroup();

    [LibraryImport("libc", EntryPoint = "dup2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Duplicate(SafeHandle from, int to);
}

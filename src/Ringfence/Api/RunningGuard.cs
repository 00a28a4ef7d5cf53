using System.Globalization;

namespace Ringfence.Api;

/// <summary>A guard that runs and does not answer where it is asked: its socket's directory was removed, or it has another one.</summary>
internal static class RunningGuard
{
    /// <param name="proc">Where the kernel tells of processes.</param>
    /// <returns>null: there is none, or this user may not see it.</returns>
    /// <remarks>
    /// proc(5): cmdline has a zero behind each argument. The lock goes with the directory, the process does not. One in another network namespace (a container, a lab) guards
    /// another firewall. The mount namespace says nothing: systemd gives the service one of its own (PrivateTmp= and others).
    /// </remarks>
    public static GuardProcess? Find(string proc = "/proc")
    {
        foreach (var directory in Directory.EnumerateDirectories(proc))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != Environment.ProcessId
                && IsGuard(GuardProcess.Read($"{directory}/cmdline")) && (NetworkOf(directory) is not { } network || network == NetworkOf($"{proc}/self")))
            {
                return GuardProcess.Of(id, proc);
            }
        }

        return null;
    }

    // namespaces(7): "net:[4026531833]"; null: another user's process.
    private static string? NetworkOf(string directory) => new FileInfo($"{directory}/ns/net").LinkTarget;

    /// <param name="commandLine">Each argument with a zero behind it.</param>
    public static bool IsGuard(ReadOnlySpan<byte> commandLine)
    {
        var end = commandLine.IndexOf((byte)0);
        if (end < 0)
        {
            return false;
        }

        var program = commandLine[..end];
        program = program[(program.LastIndexOf((byte)'/') + 1)..];
        return program.SequenceEqual("ringfence"u8) && commandLine[(end + 1)..].StartsWith("guard\0"u8);
    }
}

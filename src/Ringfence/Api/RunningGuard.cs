using System.Globalization;

namespace Ringfence.Api;

/// <summary>A guard that runs and does not answer where it is asked: its socket's directory was removed, or it has another one.</summary>
internal static class RunningGuard
{
    /// <returns>Its process id; null: there is none, or this user may not see it.</returns>
    /// <remarks>proc(5): cmdline has a zero behind each argument. The lock goes with the directory, the process does not.</remarks>
    public static int? Find()
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != Environment.ProcessId && IsGuard(CommandLineOf(directory)))
            {
                return id;
            }
        }

        return null;
    }

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

    private static byte[] CommandLineOf(string directory)
    {
        try
        {
            return File.ReadAllBytes($"{directory}/cmdline");
        }
        catch (Exception gone) when (FileTrouble.Is(gone))
        {
            return [];
        }
    }
}

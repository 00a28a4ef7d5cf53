using Xunit;

namespace Ringfence.SystemTests;

/// <summary>What a system test needs of the machine. Without it the test is skipped with the reason; under CI=true it fails,
/// so that a build machine that lost a tool is noticed.</summary>
internal static class Requires
{
    public static void Root()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Missing("needs root (network namespaces, nftables)");
        }
    }

    /// <param name="name">A program to be found in PATH, or in /usr/sbin, which the PATH of a plain user lacks.</param>
    public static void Tool(string name)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        if (!folders.Append("/usr/sbin").Append("/sbin").Any(folder => File.Exists(Path.Combine(folder, name))))
        {
            Missing($"needs the program {name}");
        }
    }

    /// <summary>Says that something is missing: skips the test, or fails it under CI=true.</summary>
    public static void Missing(string what)
    {
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
        {
            Assert.Fail(what);
        }

        Assert.Skip(what);
    }
}

namespace Ringfence.SystemTests.Asterisk;

/// <summary>The program under test.</summary>
internal static class RingfenceProgram
{
    // False as long as `ringfence guard` is not there yet: the tests that need it are skipped.
    private static bool HasGuard => false;

    /// <value>What RINGFENCE_PROGRAM names (a published file), or the one that was built with these tests.</value>
    public static string Path { get; } =
        Environment.GetEnvironmentVariable("RINGFENCE_PROGRAM") ?? System.IO.Path.Combine(AppContext.BaseDirectory, "ringfence");

    public static void RequireGuard()
    {
        if (!HasGuard && Environment.GetEnvironmentVariable("RINGFENCE_PROGRAM") is null)
        {
            Requires.Missing("needs the verb guard, which is not there yet");
        }
    }
}

namespace Ringfence.SystemTests.Asterisk;

/// <summary>The program under test.</summary>
internal static class RingfenceProgram
{
    /// <value>What RINGFENCE_PROGRAM names (a published file), or the one that was built with these tests.</value>
    public static string Path { get; } =
        Environment.GetEnvironmentVariable("RINGFENCE_PROGRAM") ?? System.IO.Path.Combine(AppContext.BaseDirectory, "ringfence");
}

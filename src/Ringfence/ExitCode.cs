namespace Ringfence;

/// <summary>What the process tells its caller. Scripts depend on the numbers; a test holds them.</summary>
internal static class ExitCode
{
    public const int Fine = 0;

    /// <summary>It looked and found something: <c>replay --fail-on</c>, audit findings.</summary>
    public const int Found = 1;

    /// <summary>The operator's mistake: arguments, configuration, an address that must not be banned.</summary>
    public const int Mistake = 2;

    /// <summary>The world failed: no permission, no nft, no daemon.</summary>
    public const int WorldFailed = 3;
}

using Ringfence.Core.Configuration;

namespace Ringfence.Daemon;

/// <summary>The account that the canary asks for: this installation's own, drawn at its first start and kept beside the journal.</summary>
/// <remarks>Whoever reads the source of this program knows no name by which to tell a guarded PBX, or a line of the guard, from another.</remarks>
internal sealed partial class CanaryName(string path, ILogger<CanaryName> logger)
{
    private const UnixFileMode OwnerAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int LongestBytes = 64;
    private const int RandomBytes = 6;

    private readonly StateFile _file = new(path, LongestBytes, OwnerAlone);

    /// <returns>What was kept; else a new one, which is kept. Where it can't be, one for this start alone.</returns>
    public string Take()
    {
        try
        {
            if (_file.Read()?.Trim() is { } kept && CanarySettings.IsAccount(kept))
            {
                return kept;
            }

            var drawn = Draw();
            _file.Write(drawn + "\n");
            return drawn;
        }
        catch (IOException problem)
        {
            LogUnkept(path, problem.Message);
            return Draw();
        }
    }

    // A letter first: no office numbers its phones so.
    private static string Draw() => $"x{SystemRandom.Hex(RandomBytes)}";

    [LoggerMessage(2395, LogLevel.Warning, "{Path}: the canary's account can't be kept, and is another one after the next start: {Problem}")]
    private partial void LogUnkept(string path, string problem);
}

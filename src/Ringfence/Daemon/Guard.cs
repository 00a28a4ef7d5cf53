using Ringfence.Commands;

namespace Ringfence.Daemon;

/// <summary>The daemon's beginning and end.</summary>
internal static class Guard
{
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(GuardOptions options, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(options);
        stop.ThrowIfCancellationRequested();
        return Task.FromResult(ExitCode.WorldFailed);
    }
}

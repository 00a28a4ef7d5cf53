using Ringfence.Api;

namespace Ringfence.Daemon;

/// <summary>The configuration's file as it was when the guard read it. What it includes is not looked at.</summary>
internal sealed class ReadFile(string path)
{
    private readonly DateTime _written = File.GetLastWriteTimeUtc(path);

    /// <summary>That it was changed since, for people; null: it was not.</summary>
    public string? Staleness => File.GetLastWriteTimeUtc(path) == _written
        ? null
        : $"{path} has changed since the guard read it: ringfence guard --check, then {GuardProcess.Restart(GuardProcess.Of(Environment.ProcessId))}";
}

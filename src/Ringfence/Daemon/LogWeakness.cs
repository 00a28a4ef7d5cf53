using Ringfence.Core.Configuration;
using Ringfence.Core.Pbx;

namespace Ringfence.Daemon;

/// <summary>Whether the guard reads no more of the PBX than a log that attackers can write into.</summary>
internal static class LogWeakness
{
    /// <param name="watched">The logs that the guard reads.</param>
    /// <returns>What is missing and the cure, for people; null: nothing, or the logs are somebody's whose logger.conf is not here.</returns>
    public static string? Of(RingfenceConfig config, IReadOnlyList<string> watched, IConfigFiles files)
    {
        if (watched.Count == 0 || config.Hep.Listen is not null || config.Ami.User is not null || config.Wire.IsUsed)
        {
            return null;
        }

        var written = LoggerConf.Read(config.AsteriskDirectory, files, Environment.MachineName).Files;
        return watched.All(log => written.Any(file => file.Path == log && file.Rank == LogRank.Mixed))
            ? "no security_json, no HEP: packet dumps and callers' text stand in the one kind of log that is read, and hide attacks: ringfence init says what to add"
            : null;
    }
}

using System.CommandLine;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary>What parse and replay share: files to read, and the zone of their dates.</summary>
internal static class LogArguments
{
    public static Argument<string[]> Files() => new("FILE")
    {
        Description = "Logs of Asterisk in any form, plain, .gz or .xz; - for the standard input.",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Option<string?> TimeZone() => new("--timezone")
    {
        Description = "Zone of dates that do not say theirs, such as Europe/Berlin (default: replay: that of the configuration; else that of the machine).",
        HelpName = "ZONE",
    };

    /// <exception cref="MistakeException">There is no such zone.</exception>
    public static TimeZoneInfo Zone(string? name, TimeProvider clock)
    {
        if (name is null)
        {
            return clock.LocalTimeZone;
        }

        return TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone)
            ? zone
            : throw new MistakeException($"--timezone {name}: no such zone; expected a name such as UTC or Europe/Berlin (see /usr/share/zoneinfo)");
    }

    /// <exception cref="MistakeException">A file that can't be opened.</exception>
    public static LogReplay Open(IReadOnlyList<string> paths, TimeZoneInfo zone)
    {
        try
        {
            return new LogReplay(paths, zone);
        }
        catch (LogFileException problem)
        {
            throw new MistakeException(problem.Message);
        }
    }
}

using System.CommandLine;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary>What parse and replay share: files to read, and the zone of their dates.</summary>
internal static class LogArguments
{
    public static Argument<string[]> Files() => new("FILE")
    {
        Description = "Logs of Asterisk in any form, or with --door of another program, and captures of SIP (pcap, pcapng); plain, .gz or .xz; - for the standard input. What AMI sends and CDR files are not read.",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Option<string?> TimeZone() => new("--timezone")
    {
        Description = "Zone of dates that do not say theirs, such as Europe/Berlin (default: replay: that of the configuration; else that of the machine).",
        HelpName = "ZONE",
    };

    public static Option<string?> Door() => new("--door")
    {
        Description = "What wrote the logs, when not Asterisk: sshd, freepbx, web, kamailio, opensips, or the name of a [door] of the configuration.",
        HelpName = "NAME",
    };

    /// <summary>Whose log a path is: as --door says, or as the configuration names the log and those rotated away from it.</summary>
    /// <param name="name">What --door says; null: nothing.</param>
    /// <exception cref="MistakeException">There is no such door.</exception>
    public static Func<string, DoorSettings?> DoorOf(string? name, IReadOnlyList<DoorSettings> doors)
    {
        if (name is null)
        {
            return path => path == "-" ? null : doors.FirstOrDefault(door => door.Writes(Path.GetFullPath(path)));
        }

        var kind = DoorSettings.Kinds.FirstOrDefault(known => known.Name == name && known.Kind != DoorKind.Pattern).Kind;
        var door = doors.FirstOrDefault(known => known.Name == name) ?? (kind == DoorKind.Unset ? null : new DoorSettings { Name = name, Kind = kind });
        return door is not null
            ? _ => door
            : throw new MistakeException($"--door {name}: expected {string.Join(", ", DoorSettings.Kinds.Where(known => known.Kind != DoorKind.Pattern).Select(known => known.Name))}, or the name of a [door] in the configuration");
    }

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

    public static Option<string[]> Pbx() => new("--pbx")
    {
        Description = "In captures: an address of the PBX (default: who answers the most peers; it is said which). More than once for several.",
        HelpName = "ADDRESS",
    };

    public static Option<ushort[]> SipPorts() => new("--sip-port")
    {
        Description = "In captures: a port of SIP (default: 5060 and 5061). More than once for several.",
        HelpName = "PORT",
    };

    /// <exception cref="MistakeException">One of them is no address.</exception>
    public static CaptureReading Captures(string[]? pbx, ushort[]? ports) => new(
        ports is { Length: > 0 } ? ports : CaptureReading.DefaultPorts,
        [.. (pbx ?? []).Select(text => Address.Parse(text) ?? throw new MistakeException($"--pbx {text}: expected an IPv4 or IPv6 address"))]);

    /// <param name="verb">Who reads, for advice.</param>
    /// <exception cref="MistakeException">One is no file that is read here.</exception>
    /// <exception cref="WorldFailedException">One can't be read.</exception>
    public static LogReplay Open(IReadOnlyList<string> paths, TimeZoneInfo zone, string verb, CaptureReading? captures = null, Func<string, DoorSettings?>? doorOf = null)
    {
        try
        {
            return new LogReplay(paths, zone, captures ?? Captures(null, null), doorOf);
        }
        catch (LogFileException problem)
        {
            throw NamedFile.Trouble(problem, verb);
        }
    }

    /// <summary>Whether the file is no log at all: nothing of it is known, and its form is not Asterisk's.</summary>
    public static bool IsForeign(string path, LogCounts counts, DoorSettings? door) =>
        counts is { Lines: > 0, Events: 0, Unmatched: 0 } && door is null && IsForeign(path);

    /// <exception cref="MistakeException">Not one of them is a log or a capture: that nobody would have been banned says nothing.</exception>
    public static void RefuseForeign(LogReplay logs)
    {
        if (logs.Captures.All(capture => capture is null) && logs.Logs.Zip(logs.Doors).All(log => IsForeign(log.First.Path, log.First.Counts, log.Second)))
        {
            throw new MistakeException(logs.Logs.Count == 1
                ? $"{logs.Logs[0].Path} is no log of Asterisk and no capture; of another program: --door NAME"
                : "none of these files is a log of Asterisk or a capture; of another program: --door NAME");
        }
    }

    /// <summary>Whether no line of the file's beginning has the form that Asterisk gives to a line of a log.</summary>
    /// <remarks>Looked at once more, behind the reading: counting it there would cost every line of every log.</remarks>
    private static bool IsForeign(string path)
    {
        if (path == "-")
        {
            return false;
        }

        try
        {
            using var file = LogFile.Open(path);
            var bytes = new byte[64 * 1024];
            var length = 0;
            for (var read = -1; read != 0 && length < bytes.Length; length += read)
            {
                read = file.Read(bytes.AsSpan(length));
            }

            var text = bytes.AsSpan(0, length);
            foreach (var line in text.Split((byte)'\n'))
            {
                var at = text[line];
                if ((at.Length > 0 && at[0] == '{') || LineHeader.Read(at).Level != LogLevelName.None)
                {
                    return false;
                }
            }

            return length > 0;
        }
        catch (LogFileException)
        {
            // It was said when the whole was read.
            return false;
        }
    }
}

using System.CommandLine;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary>What parse and replay share: files to read, and the zone of their dates.</summary>
internal static class LogArguments
{
    public static Argument<string[]> Files() => new("FILE")
    {
        Description = "Logs of Asterisk in any form and captures of SIP (pcap, pcapng), plain, .gz or .xz; - for the standard input.",
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
    /// <exception cref="MistakeException">A file that can't be opened.</exception>
    public static LogReplay Open(IReadOnlyList<string> paths, TimeZoneInfo zone, string verb, CaptureReading? captures = null)
    {
        try
        {
            return new LogReplay(paths, zone, captures ?? Captures(null, null));
        }
        catch (LogFileException problem)
        {
            throw new MistakeException(problem.Message.Replace("ringfence parse -", $"ringfence {verb} -", StringComparison.Ordinal));
        }
    }

    /// <summary>Whether no line of the file's beginning has the form that Asterisk gives to a line of a log.</summary>
    /// <remarks>Looked at once more, behind the reading: counting it there would cost every line of every log.</remarks>
    public static bool IsForeign(string path)
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

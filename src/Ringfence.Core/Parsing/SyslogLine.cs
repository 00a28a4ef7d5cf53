namespace Ringfence.Core.Parsing;

/// <summary>A line as rsyslog and syslog-ng write it: <c>Nov 21 10:00:00 pbx sshd[123]: text</c>, or with a date as RFC 3339 has it (Debian 12 and later).</summary>
/// <remarks>Read from the left: date, host and tag are the logger's own and hold no blank, so no text of a sender can come before them.</remarks>
internal readonly ref struct SyslogLine
{
    /// <summary>Empty: the line is none.</summary>
    public ReadOnlySpan<byte> Date { get; private init; }

    /// <summary>The program's name, without a path and without its number: "sshd".</summary>
    public ReadOnlySpan<byte> Tag { get; private init; }

    public ReadOnlySpan<byte> Message { get; private init; }

    public static SyslogLine Read(ReadOnlySpan<byte> line)
    {
        var date = DateLength(line);
        if (date == 0)
        {
            return default;
        }

        var host = line[(date + 1)..];
        var blank = host.IndexOf((byte)' ');
        if (blank <= 0)
        {
            return default;
        }

        var rest = host[(blank + 1)..];
        var end = rest.IndexOf(": "u8);
        var tag = end < 0 ? default : rest[..end];
        if (tag.IsEmpty || tag.Contains((byte)' '))
        {
            return default;
        }

        var number = tag.IndexOf((byte)'[');
        tag = number < 0 ? tag : tag[..number];
        return new SyslogLine { Date = line[..date], Tag = tag[(tag.LastIndexOf((byte)'/') + 1)..], Message = rest[(end + 2)..] };
    }

    // "Nov 21 10:00:00", "Nov  1 10:00:00", "2026-11-20T23:58:33.337123+01:00"
    private static int DateLength(ReadOnlySpan<byte> line)
    {
        if (line.Length > 16 && char.IsAsciiLetter((char)line[0]) && line[3] == ' ' && line[6] == ' ' && line[9] == ':' && line[15] == ' ')
        {
            return 15;
        }

        var blank = line.IndexOf((byte)' ');
        return blank is >= 19 and <= 35 && line[4] == '-' && line[10] == 'T' ? blank : 0;
    }
}

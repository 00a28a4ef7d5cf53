namespace Ringfence.Core.Parsing;

/// <summary>Asterisk's log levels, as far as they matter here.</summary>
internal enum LogLevelName : byte
{
    None,
    Security,
    Notice,
    Warning,
    Error,

    /// <summary>VERBOSE, DEBUG, DTMF and FAX: levels whose text callers write freely, line ends included.</summary>
    Talkative,
}

/// <summary>
/// What stands before the message of a line of an Asterisk log, in all the forms that its logger and syslog give it:
/// <c>[date] NOTICE[22956] chan_sip.c: </c>, <c>[date] NOTICE[22956][C-00000001]: chan_sip.c:123 function: </c>,
/// <c>Nov 21 00:15:05 pbx asterisk[812]: NOTICE[1]: chan_sip.c:123 in function: </c>, each also with ANSI colours; for pjproject,
/// whose lines have no number and no function, <c>pjproject:&lt;?&gt;: </c>, <c>pjproject:0 in &lt;?&gt;: </c> and <c>pjproject:0 &lt;?&gt;: </c>.
/// </summary>
/// <remarks>
/// Hot path (bench: replay). Everything here was written by Asterisk or syslog, not by a caller; so a caller's text that starts a
/// line of its own has to bring all of it along, which is how far each grammar behind can be trusted.
/// </remarks>
internal readonly ref struct LineHeader
{
    /// <summary>The text of the date, without brackets; empty if the line has none.</summary>
    public ReadOnlySpan<byte> Date { get; private init; }

    public LogLevelName Level { get; private init; }

    /// <summary>The source file that logged it, such as <c>res_pjsip/pjsip_distributor.c</c>.</summary>
    public ReadOnlySpan<byte> Module { get; private init; }

    /// <summary>Where the message starts in the line.</summary>
    public int MessageStart { get; private init; }

    /// <summary>The header of a line as the default formatter writes security events, which is nearly every line of a security log.</summary>
    /// <param name="dateLength">Length of the previous line's date.</param>
    /// <returns>A header with <see cref="Level"/> None if the line is another: ask <see cref="Read"/>.</returns>
    public static LineHeader ReadSecurity(ReadOnlySpan<byte> line, int dateLength)
    {
        var rest = "] res_security_log.c: "u8;
        var at = dateLength + 12;
        if (line.Length < at + 64 || line[0] != '[' || !line[(dateLength + 1)..].StartsWith("] SECURITY["u8) || line.Slice(1, dateLength).Contains((byte)']'))
        {
            return default;
        }

        while ((uint)(line[at] - '0') <= 9 && at < line.Length - 32)
        {
            at++;
        }

        return at > dateLength + 12 && line[at..].StartsWith(rest)
            ? new LineHeader { Date = line.Slice(1, dateLength), Level = LogLevelName.Security, Module = line.Slice(at + 2, 18), MessageStart = at + rest.Length }
            : default;
    }

    /// <returns>A header with <see cref="Level"/> None if the line has none of the forms.</returns>
    public static LineHeader Read(ReadOnlySpan<byte> line)
    {
        var at = 0;
        ReadOnlySpan<byte> date = default;
        if (line.Length < 20)
        {
            return default;
        }

        if (line[0] != '[')
        {
            at = SkipSyslog(line);
            if (at < 0)
            {
                return default;
            }

            date = SyslogDate(line);
            at = SkipColour(line, at);
        }

        if (at < line.Length && line[at] == '[')
        {
            // No dateformat that anybody uses is longer than 48 bytes, nor holds a bracket.
            var window = line.Slice(at + 1, Math.Min(48, line.Length - at - 1));
            var close = window.IndexOf((byte)']');
            if (close < 0)
            {
                return default;
            }

            date = window[..close];
            at += close + 2;
            if (at >= line.Length || line[at] != ' ')
            {
                return default;
            }

            at = SkipColour(line, at + 1);
        }

        var (level, width) = LevelAt(line[at..]);
        if (level == LogLevelName.None)
        {
            return default;
        }

        at = SkipColour(line, at + width);
        at = SkipThread(line, at);
        if (at < 0)
        {
            return default;
        }

        // "[C-0000002a]": the call that the line belongs to.
        if (at + 3 < line.Length && line[at] == '[' && line[at + 1] == 'C' && line[at + 2] == '-')
        {
            var close = line[at..].IndexOf((byte)']');
            if (close is < 0 or > 24)
            {
                return default;
            }

            at += close + 1;
        }

        if (at < line.Length && line[at] == ':')
        {
            at++;
        }

        if (at >= line.Length || line[at] != ' ')
        {
            return default;
        }

        at = SkipColour(line, at + 1);
        var colon = line[at..].IndexOfAny((byte)':', (byte)' ', (byte)0x1b);
        if (colon <= 0 || line[at + colon] == ' ')
        {
            return default;
        }

        var module = line.Slice(at, colon);
        if (module[^1] == 'm' && module.IndexOf("#033"u8) is > 0 and var escaped)
        {
            module = module[..escaped];
            colon = escaped;
        }

        at = SkipColour(line, at + colon);
        if (at + 1 >= line.Length || line[at] != ':')
        {
            return default;
        }

        at = SkipColour(line, at + 1);
        if (at >= line.Length)
        {
            return default;
        }

        if (line[at] != ' ')
        {
            // ":114 security_event_stasis_cb: " or ":114 in security_event_stasis_cb: "
            var digits = at;
            while (at < line.Length && (uint)(line[at] - '0') <= 9)
            {
                at++;
            }

            var numbered = at > digits;
            at = SkipColour(line, at);
            if (numbered)
            {
                if (at >= line.Length || line[at] != ' ')
                {
                    return default;
                }

                at = SkipColour(line, at + 1);
                if (line[at..].StartsWith("in "u8))
                {
                    at += 3;
                }
            }

            var function = at;
            if (line[at..].StartsWith("<?>"u8))
            {
                at += 3;
            }
            else
            {
                while (numbered && at < line.Length && (char.IsAsciiLetterOrDigit((char)line[at]) || line[at] == '_'))
                {
                    at++;
                }
            }

            at = SkipColour(line, at);
            if (at == function || at + 1 >= line.Length || line[at] != ':' || line[at + 1] != ' ')
            {
                return default;
            }

            at++;
        }

        // Past the blank. A message may itself begin with blanks or tabs; those are its own.
        return new LineHeader { Date = date, Level = level, Module = module, MessageStart = at + 1 };
    }

    private static (LogLevelName Level, int Width) LevelAt(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("SECURITY"u8))
        {
            return (LogLevelName.Security, 8);
        }

        if (text.StartsWith("NOTICE"u8))
        {
            return (LogLevelName.Notice, 6);
        }

        if (text.StartsWith("WARNING"u8))
        {
            return (LogLevelName.Warning, 7);
        }

        if (text.StartsWith("ERROR"u8))
        {
            return (LogLevelName.Error, 5);
        }

        if (text.StartsWith("VERBOSE"u8))
        {
            return (LogLevelName.Talkative, 7);
        }

        if (text.StartsWith("DEBUG"u8))
        {
            return (LogLevelName.Talkative, 5);
        }

        return text.StartsWith("DTMF"u8) ? (LogLevelName.Talkative, 4) : default;
    }

    // "[22956]"
    private static int SkipThread(ReadOnlySpan<byte> line, int at)
    {
        if (at >= line.Length || line[at] != '[')
        {
            return -1;
        }

        var start = ++at;
        while (at < line.Length && (uint)(line[at] - '0') <= 9)
        {
            at++;
        }

        return at > start && at < line.Length && line[at] == ']' ? at + 1 : -1;
    }

    // "\e[1;33m", or "#033[1;33m" where rsyslog has escaped it.
    private static int SkipColour(ReadOnlySpan<byte> line, int at)
    {
        while (at < line.Length && line[at] is 0x1b or (byte)'#')
        {
            var bracket = line[at] == 0x1b ? at + 1 : line[at..].StartsWith("#033"u8) ? at + 4 : -1;
            if (bracket < 0 || bracket >= line.Length || line[bracket] != '[')
            {
                return at;
            }

            var end = bracket + 1;
            while (end < line.Length && (line[end] == ';' || (uint)(line[end] - '0') <= 9))
            {
                end++;
            }

            if (end >= line.Length || line[end] != 'm')
            {
                return at;
            }

            at = end + 1;
        }

        return at;
    }

    // "Nov 21 00:15:05 pbx asterisk[812]: " or "2026-11-21T00:15:05.123456+00:00 pbx asterisk[812]: ".
    private static int SkipSyslog(ReadOnlySpan<byte> line)
    {
        if (line[0] is 0x1b or (byte)'#')
        {
            return SkipColour(line, 0);
        }

        var date = SyslogDate(line).Length;
        if (date == 0 || date + 1 >= line.Length)
        {
            return -1;
        }

        var at = date + 1;
        var host = line[at..].IndexOf((byte)' ');
        if (host is <= 0 or > 255)
        {
            return -1;
        }

        at += host + 1;
        if (!line[at..].StartsWith("asterisk"u8))
        {
            return -1;
        }

        var colon = line[at..].IndexOf(": "u8);
        if (colon is < 0 or > 48 || line.Slice(at, colon).Contains((byte)' '))
        {
            return -1;
        }

        return at + colon + 2;
    }

    private static ReadOnlySpan<byte> SyslogDate(ReadOnlySpan<byte> line)
    {
        // RFC 3164: fifteen characters.  RFC 3339: up to the blank.
        if (line.Length > 16 && line[3] == ' ' && line[6] == ' ' && line[9] == ':' && line[12] == ':' && line[15] == ' ')
        {
            return line[..15];
        }

        if (line.Length > 26 && line[4] == '-' && line[10] == 'T')
        {
            var blank = line[..Math.Min(40, line.Length)].IndexOf((byte)' ');
            return blank > 19 ? line[..blank] : default;
        }

        return default;
    }
}

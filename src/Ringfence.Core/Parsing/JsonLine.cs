namespace Ringfence.Core.Parsing;

/// <summary>
/// A line of a log with the <c>[json]</c> formatter:
/// <c>{"hostname":"","timestamp":"...","identifiers":{"lwp":1,"callid":""},"logmsg":{"location":{"filename":"res_security_log.c",...},"level":"SECURITY","message":"..."}}</c>.
/// The one text log whose lines can't be forged: everything an attacker wrote is inside an escaped string.
/// </summary>
/// <remarks>Read by hand because the order and the names are Asterisk's own (main/logger.c, format_log_json), and because a general
/// reader costs six times as much per line.</remarks>
internal readonly ref struct JsonLine
{
    public ReadOnlySpan<byte> Date { get; private init; }

    public LogLevelName Level { get; private init; }

    public ReadOnlySpan<byte> Module { get; private init; }

    /// <summary>The message, unescaped, without its final line end; lies in the scratch buffer, or in the line if nothing was escaped.</summary>
    public ReadOnlySpan<byte> Message { get; private init; }

    public bool IsValid { get; private init; }

    /// <param name="scratch">As long as the line, at least.</param>
    public static JsonLine Read(ReadOnlySpan<byte> line, Span<byte> scratch)
    {
        if (!line.StartsWith("{\"hostname\":\""u8) || !line.EndsWith("\"}}"u8))
        {
            return default;
        }

        var at = 13;
        at = SkipString(line, at);
        var date = Value(line, ref at, ",\"timestamp\":\""u8);
        at = Skip(line, at, ",\"identifiers\":{\"lwp\":"u8);
        while (at >= 0 && at < line.Length && (uint)(line[at] - '0') <= 9)
        {
            at++;
        }

        _ = Value(line, ref at, ",\"callid\":\""u8);
        var module = Value(line, ref at, "},\"logmsg\":{\"location\":{\"filename\":\""u8);
        _ = Value(line, ref at, ",\"function\":\""u8);
        at = Skip(line, at, ",\"line\":"u8);
        while (at >= 0 && at < line.Length && (uint)(line[at] - '0') <= 9)
        {
            at++;
        }

        var level = Value(line, ref at, "},\"level\":\""u8);
        at = Skip(line, at, ",\"message\":\""u8);
        if (at < 0 || at > line.Length - 3 || SkipString(line, at) != line.Length - 2)
        {
            return default;
        }

        var message = Unescape(line[at..^3], scratch);
        if (message < 0)
        {
            return default;
        }

        var text = scratch[..message];
        return new JsonLine
        {
            Date = date,
            Level = LevelNamed(level),
            Module = module,
            Message = text.EndsWith("\n"u8) ? text[..^1] : text,
            IsValid = true,
        };
    }

    private static int Skip(ReadOnlySpan<byte> line, int at, scoped ReadOnlySpan<byte> expected) =>
        at >= 0 && at <= line.Length && line[at..].StartsWith(expected) ? at + expected.Length : -1;

    // Behind the closing quote of a string that starts at `at`.
    private static int SkipString(ReadOnlySpan<byte> line, int at)
    {
        while (at >= 0 && at < line.Length)
        {
            var next = line[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
            {
                return -1;
            }

            at += next;
            if (line[at] == '"')
            {
                return at + 1;
            }

            at += 2;
        }

        return -1;
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> line, scoped ref int at, scoped ReadOnlySpan<byte> name)
    {
        at = Skip(line, at, name);
        if (at < 0)
        {
            return default;
        }

        var start = at;
        at = SkipString(line, at);
        return at < 0 ? default : line[start..(at - 1)];
    }

    /// <returns>Bytes written, or -1 if an escape is not JSON's (RFC 8259 section 7).</returns>
    private static int Unescape(ReadOnlySpan<byte> text, Span<byte> into)
    {
        var written = 0;
        while (true)
        {
            var plain = text.IndexOf((byte)'\\');
            if (plain < 0)
            {
                text.CopyTo(into[written..]);
                return written + text.Length;
            }

            text[..plain].CopyTo(into[written..]);
            written += plain;
            if (plain + 1 >= text.Length)
            {
                return -1;
            }

            var escape = text[plain + 1];
            text = text[(plain + 2)..];
            if (escape == 'u')
            {
                if (text.Length < 4 || !System.Buffers.Text.Utf8Parser.TryParse(text[..4], out ushort unit, out var used, 'X') || used != 4)
                {
                    return -1;
                }

                // A surrogate becomes U+FFFD: nothing that we compare holds one, and three bytes for six can't outgrow the scratch.
                text = text[4..];
                var rune = System.Text.Rune.TryCreate((char)unit, out var valid) ? valid : System.Text.Rune.ReplacementChar;
                written += rune.EncodeToUtf8(into[written..]);
                continue;
            }

            var literal = escape switch
            {
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'"' or (byte)'\\' or (byte)'/' => escape,
                _ => (byte)0,
            };
            if (literal == 0)
            {
                return -1;
            }

            into[written++] = literal;
        }
    }

    private static LogLevelName LevelNamed(ReadOnlySpan<byte> name) => name switch
    {
        _ when name.SequenceEqual("SECURITY"u8) => LogLevelName.Security,
        _ when name.SequenceEqual("NOTICE"u8) => LogLevelName.Notice,
        _ when name.SequenceEqual("WARNING"u8) => LogLevelName.Warning,
        _ when name.SequenceEqual("ERROR"u8) => LogLevelName.Error,
        _ => LogLevelName.Talkative,
    };
}

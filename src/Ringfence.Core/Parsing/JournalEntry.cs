using System.Text.Json;

namespace Ringfence.Core.Parsing;

/// <summary>One entry of systemd's journal, as <c>journalctl --output=json</c> prints it: one object a line.</summary>
/// <remarks>systemd.journal-fields(7): fields that begin with an underscore are journald's own, nobody can write them. A MESSAGE that is not
/// UTF-8, or has control characters, comes as an array of its bytes; one over 4 KiB as null unless --all is given.</remarks>
internal sealed class JournalEntry
{
    private readonly byte[] _message = new byte[8_192];
    private readonly byte[] _tag = new byte[64];
    private int _messageLength;
    private int _tagLength;

    public ReadOnlySpan<byte> Message => _message.AsSpan(0, _messageLength);

    /// <summary>SYSLOG_IDENTIFIER, which a program gives itself; _COMM where it gave none.</summary>
    public ReadOnlySpan<byte> Tag => _tag.AsSpan(0, _tagLength);

    /// <summary>When journald received it, UTC.</summary>
    public long TimeTicks { get; private set; }

    /// <returns>false: the line is no entry with a time and a message.</returns>
    public bool Read(ReadOnlySpan<byte> line)
    {
        (_messageLength, _tagLength, TimeTicks) = (0, 0, 0);
        try
        {
            var json = new Utf8JsonReader(line);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                Field(ref json);
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return TimeTicks > 0 && _messageLength > 0;
    }

    private void Field(ref Utf8JsonReader json)
    {
        if (json.ValueTextEquals("MESSAGE"u8))
        {
            json.Read();
            _messageLength = json.TokenType == JsonTokenType.StartArray ? Bytes(ref json) : Text(ref json, _message);
        }
        else if (json.ValueTextEquals("SYSLOG_IDENTIFIER"u8))
        {
            json.Read();
            _tagLength = Text(ref json, _tag);
        }
        else if (json.ValueTextEquals("_COMM"u8))
        {
            json.Read();
            _tagLength = _tagLength > 0 ? _tagLength : Text(ref json, _tag);
        }
        else if (json.ValueTextEquals("__REALTIME_TIMESTAMP"u8))
        {
            json.Read();
            Span<byte> digits = stackalloc byte[20];
            var length = Text(ref json, digits);

            // Microseconds since 1970; 16 digits until the year 2286.
            TimeTicks = length is 15 or 16 && System.Buffers.Text.Utf8Parser.TryParse(digits[..length], out long micros, out var used) && used == length
                ? DateTime.UnixEpoch.Ticks + (micros * 10)
                : 0;
        }
        else
        {
            json.Read();
            json.Skip();
        }
    }

    // A text that is longer than its room is none.
    private static int Text(ref Utf8JsonReader json, scoped Span<byte> room)
    {
        if (json.TokenType != JsonTokenType.String || json.ValueSpan.Length > room.Length)
        {
            json.Skip();
            return 0;
        }

        if (!json.ValueIsEscaped)
        {
            json.ValueSpan.CopyTo(room);
            return json.ValueSpan.Length;
        }

        try
        {
            return json.CopyString(room);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, or bytes that are no UTF-8: journald writes neither.
            return 0;
        }
    }

    private int Bytes(ref Utf8JsonReader json)
    {
        var length = 0;
        while (json.Read() && json.TokenType == JsonTokenType.Number)
        {
            if (length == _message.Length || !json.TryGetByte(out _message[length]))
            {
                length = -1;
                break;
            }

            length++;
        }

        while (json.TokenType != JsonTokenType.EndArray && json.Read())
        {
        }

        return Math.Max(0, length);
    }
}

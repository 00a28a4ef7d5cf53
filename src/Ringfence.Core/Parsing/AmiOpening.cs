using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>The beginning of a SecurityEvent on the manager interface, as far as Asterisk alone has written it: up to EventVersion.</summary>
/// <remarks>
/// "Event: InvalidAccountID", "Privilege: security,all", then Timestamp (timestampevents), SequenceNumber, File, Line and Func (debug), SystemName
/// (asterisk.conf), each if it is on, then the required fields of every security event (Asterisk main/manager.c and main/security_events.c).
/// </remarks>
internal readonly ref struct AmiOpening
{
    public ReadOnlySpan<byte> Name { get; private init; }

    public ReadOnlySpan<byte> EventTime { get; private init; }

    public Service Service { get; private init; }

    /// <summary>Where the text starts that others may have written; 0: this is no SecurityEvent.</summary>
    public int Length { get; private init; }

    public bool IsValid => Length > 0;

    public static AmiOpening Read(ReadOnlySpan<byte> message)
    {
        var at = 0;
        var name = Value(message, ref at, "Event: "u8);
        if (at < 0 || !Value(message, ref at, "Privilege: "u8).StartsWith("security,"u8))
        {
            return default;
        }

        Skip(message, ref at, "Timestamp: "u8);
        Skip(message, ref at, "SequenceNumber: "u8);
        Skip(message, ref at, "File: "u8);
        Skip(message, ref at, "Line: "u8);
        Skip(message, ref at, "Func: "u8);
        Skip(message, ref at, "SystemName: "u8);
        var time = Value(message, ref at, "EventTV: "u8);
        Value(message, ref at, "Severity: "u8);
        var service = Value(message, ref at, "Service: "u8);
        Value(message, ref at, "EventVersion: "u8);
        return at < 0 ? default : new AmiOpening { Name = name, EventTime = time, Service = SecurityFields.ServiceNamed(service), Length = at };
    }

    private static void Skip(ReadOnlySpan<byte> message, scoped ref int at, scoped ReadOnlySpan<byte> name)
    {
        if (at >= 0 && message[at..].StartsWith(name))
        {
            Value(message, ref at, name);
        }
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> message, scoped ref int at, scoped ReadOnlySpan<byte> name)
    {
        if (at < 0 || !message[at..].StartsWith(name))
        {
            at = -1;
            return default;
        }

        var value = message[(at + name.Length)..];
        var length = value.IndexOf("\r\n"u8);
        at = length < 0 ? -1 : at + name.Length + length + 2;
        return length < 0 ? default : value[..length];
    }
}

using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>Where in a record of a text log text of the sender stands that may hold line ends, and with them lines of his own making.</summary>
internal enum SenderLines : byte
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>Behind the address: that is true, what follows the line may be the sender's.</summary>
    BehindAddress,

    /// <summary>Before the address: the line may have ended inside the sender's text, and then the address is his too.</summary>
    BeforeAddress,
}

/// <summary>What one record of a log says about somebody's address. Spans point into the log's bytes.</summary>
internal readonly ref struct LogRecord
{
    /// <summary>None if the message says nothing about an address, or is no whole record.</summary>
    public EventKind Kind { get; init; }

    public Service Service { get; init; }

    public Transport Transport { get; init; }

    public Address Source { get; init; }

    public ushort Port { get; init; }

    public ReadOnlySpan<byte> Account { get; init; }

    /// <summary>The account holds a line end: somebody tried to write lines, headers or events of his own.</summary>
    public bool IsInjected => Account.IndexOfAny((byte)'\r', (byte)'\n') >= 0;

    public ReadOnlySpan<byte> Session { get; init; }

    /// <summary>Asterisk's name of the event or its reason, or the ACL's name where that says more.</summary>
    public ReadOnlySpan<byte> Detail { get; init; }

    /// <summary>EventTV of a SecurityEvent as it stands: <c>2026-11-20T23:58:33.337+0000</c>, or before Asterisk 12 seconds-microseconds.</summary>
    public ReadOnlySpan<byte> EventTime { get; init; }

    /// <summary>For a record that tells its time as a number: UTC ticks; 0: it does not.</summary>
    public long TimeTicks { get; init; }

    public SenderLines SenderLines { get; init; }

    /// <summary>The message belongs to one of the grammars of notices and breaks off: what follows in the log may be its tail, written by an attacker.</summary>
    public bool IsBroken { get; init; }
}

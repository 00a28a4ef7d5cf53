namespace Ringfence.Core.Wire;

/// <summary>Which segments a receiver's kernel takes, by what it says itself: a segment that it drops must not stand in the stream in place of the true one.</summary>
/// <remarks>
/// Linux, net/ipv4/tcp_input.c: tcp_check_req, tcp_validate_incoming, tcp_ack. What is not known (a connection that was open before anybody looked) refuses nothing.
/// </remarks>
internal sealed class TcpWindow
{
    // An acknowledgment is too old beyond the greatest window that the sender of it ever offered: nobody offers more over a SIP connection, and each power of two
    // is one that a forger need not guess.
    private const int Oldest = 1 << 20;

    // TCP_PAWS_WINDOW.
    private const int OldestTimestamp = 1;

    private uint? _told;
    private uint? _sent;
    private uint _acknowledged;
    private uint? _recent;
    private int? _scale;
    private uint? _limit;
    private uint _received;

    /// <summary>The receiver took the connection.</summary>
    /// <param name="answer">Its SYN-ACK.</param>
    public void Begin(in TcpSegment answer)
    {
        _told = answer.Sequence + 1;
        _sent = _told;
        _acknowledged = _told.Value;
        _received = answer.Acknowledgment;
        _recent = answer.Timestamps?.Echo;
        _scale = answer.WindowScale ?? 0;
        _limit = answer.Acknowledgment + answer.Window;
    }

    /// <summary>The number of the first byte that the receiver sent; null: its SYN-ACK was not seen.</summary>
    public uint? Told => _told;

    /// <summary>Takes what the receiver says.</summary>
    public void See(in TcpSegment said)
    {
        if (_sent is not { } sent || (int)(said.End - sent) > 0)
        {
            _acknowledged = _sent is null ? said.Sequence : _acknowledged;
            _sent = said.End;
        }

        if (said.IsReset)
        {
            return;
        }

        _received = (int)(said.Acknowledgment - _received) > 0 || _told is null ? said.Acknowledgment : _received;

        // The receiver sends back the newest of the sender's clock that it took (RFC 7323 section 4.3).
        if (said.Timestamps is { } times && (_recent is not { } recent ? _told is null : (int)(times.Echo - recent) > 0))
        {
            _recent = times.Echo;
        }

        if (_scale is { } scale && said.Acknowledgment + ((uint)said.Window << scale) is var limit && (_limit is not { } known || (int)(limit - known) > 0))
        {
            _limit = limit;
        }
    }

    /// <returns>Whether the receiver's kernel takes a segment of an open connection. Not of one that begins or resets it.</returns>
    /// <param name="next">The number of the byte that comes next.</param>
    public bool Takes(in TcpSegment segment, uint next)
    {
        if (!segment.HasAcknowledgment || segment.IsFirst)
        {
            return false;
        }

        // It was never sent. Of an old one that is next in the stream the kernel's fast path asks nothing.
        if (_sent is { } sent && ((int)(segment.Acknowledgment - sent) > 0 || ((int)(_acknowledged - segment.Acknowledgment) > Oldest && segment.Sequence != next)))
        {
            return false;
        }

        if (_recent is { } recent && segment.Timestamps is { } old && (int)(recent - old.Value) > OldestTimestamp)
        {
            return false;
        }

        if ((_limit is { } limit && (int)(segment.Sequence - limit) > 0) || (_told is not null && (int)(segment.End - _received) < 0))
        {
            return false;
        }

        if (_sent is not null && (int)(segment.Acknowledgment - _acknowledged) > 0)
        {
            _acknowledged = segment.Acknowledgment;
        }

        // tcp_replace_ts_recent: not of what comes early.
        if (_recent is { } before && segment.Timestamps is { } times && (int)(segment.Sequence - _received) <= 0 && (int)(times.Value - before) > 0)
        {
            _recent = times.Value;
        }

        return true;
    }
}

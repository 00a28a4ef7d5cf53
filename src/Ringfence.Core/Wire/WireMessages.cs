using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Core.Sip;

namespace Ringfence.Core.Wire;

/// <summary>Hands the SIP messages that datagrams and streams carry to the exchanges, and counts them.</summary>
/// <param name="isMirrored">The frames come from a mirror port (SPAN), where nobody says which of them the PBX sent: its answers are those from its addresses and ports.</param>
internal sealed class WireMessages(SipExchanges exchanges, WirePorts ports, bool isMirrored)
{
    /// <summary>SIP messages since start.</summary>
    public long Count { get; private set; }

    /// <summary>What came on a SIP port and is no SIP.</summary>
    public long Invalid { get; set; }

    /// <summary>Number of the frame that is read.</summary>
    public long Frame { get; set; }

    /// <summary>Of the frame that is read.</summary>
    public FrameDirection Direction { get; set; }

    public bool IsOwn(Address address) => exchanges.IsOwn(address);

    public void See<TSink>(ReadOnlySpan<byte> message, Endpoint from, Endpoint to, Transport transport, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        // Line ends alone keep a connection or a NAT open (RFC 5626 section 4.4.1, RFC 3261 section 7.5), as does the null byte of some phones.
        if (message.TrimStart("\r\n\0"u8).IsEmpty)
        {
            return;
        }

        var isFromOutside = Direction == FrameDirection.In || (isMirrored && !(IsOwn(from.Address) && ports.IsSip(from.Port)));
        if (exchanges.See(message, from, to, transport, timeTicks, Frame, ref sink, isFromOutside))
        {
            Count++;
        }
        else
        {
            Invalid++;
        }
    }

    public void SeeMalformed<TSink>(ReadOnlySpan<byte> bytes, Endpoint from, Transport transport, long timeTicks, ref TSink sink)
        where TSink : IEventSink, allows ref struct => SipExchanges.SeeMalformed(bytes, from, transport, timeTicks, Frame, ref sink);
}

using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>What Kamailio and OpenSIPS log of attackers by themselves: floods that their module pike stopped.</summary>
/// <remarks>
/// Kamailio: <c>WARNING: pike [pike_funcs.c:151]: pike_check_req(): PIKE - BLOCKing ip 198.51.100.7, node=0x7f7e073f7dd0</c>; OpenSIPS:
/// <c>WARNING:pike:pike_check_req: PIKE - BLOCKing ip 198.51.100.7, node=0x7f..</c>. The line "ALERT: pike blocking REGISTER from sip:x@y (IP:198.51.100.7:5060)" of Kamailio's
/// own kamailio.cfg is of the same flood and is not counted again. Many other lines hold a sender's text, so all before the address has to be the module's own; between
/// level and module kamailio.cfg sets log_prefix, <c>{1 1 REGISTER CALL-ID} </c>. Whoever got past that had forged what a flood of forged packets gives him as well:
/// over UDP no address is proven. Wrong passwords neither logs by itself: an xlog line of your own and kind = pattern read them.
/// </remarks>
internal sealed class SipProxyLog(Service service) : SyslogDoor
{
    private readonly byte[] _tag = service == Service.Kamailio ? "kamailio"u8.ToArray() : "opensips"u8.ToArray();

    protected override bool IsOwn(ReadOnlySpan<byte> tag) => tag.SequenceEqual(_tag);

    protected override LogRecord Message(ReadOnlySpan<byte> message)
    {
        const int LongestNode = 18; // 0x and 16 digits

        var node = message.LastIndexOf(", node=0x"u8);
        var start = message.LastIndexOf("PIKE - BLOCKing ip "u8);
        if (node < 0 || start < 0 || start > node)
        {
            return default;
        }

        var pointer = message[(node + ", node=0x"u8.Length)..];
        if (pointer.Length > LongestNode || pointer.IndexOfAnyExcept(Hexadecimal) >= 0
            || Address.Parse(message[(start + "PIKE - BLOCKing ip "u8.Length)..node]) is not { } source)
        {
            return new LogRecord { IsBroken = true };
        }

        return new LogRecord
        {
            Kind = EventKind.DoorFailed,
            Service = service,
            Transport = Transport.Udp,
            Source = source,
            Detail = "pike"u8,
            SenderLines = IsModule(message[..start]) ? SenderLines.None : SenderLines.BeforeAddress,
        };
    }

    private static readonly System.Buffers.SearchValues<byte> Hexadecimal = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF"u8);

    // "WARNING: pike [pike_funcs.c:135]: pike_check_ipaddr(): " or "WARNING:pike:pike_check_req: ", and not a byte more: a script's own lines (xlog) hold the User-Agent
    // or whatever else their writer wanted. Behind the first "} ", which ends log_prefix: a later one is a sender's, and so is the first where his Call-ID holds it;
    // then what follows is not the module's text alone.
    private static bool IsModule(ReadOnlySpan<byte> before)
    {
        var level = before.IndexOf((byte)':');
        if (level <= 0 || before[..level].IndexOfAnyExceptInRange((byte)'A', (byte)'Z') >= 0)
        {
            return false;
        }

        var rest = before[(level + 1)..].TrimStart((byte)' ');
        if (rest.StartsWith("{"u8) && rest.IndexOf("} "u8) is > 0 and var end)
        {
            rest = rest[(end + 2)..];
        }

        if (rest.StartsWith("pike [pike_funcs.c:"u8) && rest.IndexOf("]: "u8) is > 0 and var line)
        {
            return rest["pike [pike_funcs.c:"u8.Length..line].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 && IsFunction(rest[(line + 3)..], "(): "u8);
        }

        return rest.StartsWith("pike:"u8) && IsFunction(rest[5..], ": "u8);
    }

    // pike_check_req, pike_check_ipaddr: the name is another in each version.
    private static bool IsFunction(ReadOnlySpan<byte> text, ReadOnlySpan<byte> end) =>
        text.StartsWith("pike_check_"u8) && text.EndsWith(end) && "pike_check_".Length + end.Length <= text.Length
        && text["pike_check_".Length..^end.Length].IndexOfAnyExceptInRange((byte)'a', (byte)'z') < 0;
}

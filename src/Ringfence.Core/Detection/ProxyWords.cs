using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>What a SIP request says of having come through a proxy, for the operator alone: a ban of his own proxy cuts off everybody behind it.</summary>
/// <remarks>RFC 3261 section 16.6: each proxy puts its Via above those that are there; section 8.2.6.2: the PBX's answer, which is the record, repeats them all. Anybody can write more of them, so nobody is ever spared for it.</remarks>
internal static class ProxyWords
{
    /// <returns>A half sentence for the end of a reason; empty: the request came from its sender himself, or is not seen.</returns>
    public static string Of(in PbxEvent seen) => seen.Origin == Origin.Sip && CountOfVias(seen.Record) is > 1 and var count
        ? $"; it sends requests for others ({count} Via headers): if it is your own proxy, trust it"
        : "";

    /// <returns>How many Via values a message has, as far as its record goes.</returns>
    public static int CountOfVias(ReadOnlySpan<byte> message)
    {
        var count = 0;
        while (message.IndexOf((byte)'\n') is >= 0 and var end)
        {
            message = message[(end + 1)..];
            var line = message.IndexOf((byte)'\n') is >= 0 and var next ? message[..next] : message;
            if (line.TrimEnd((byte)'\r').IsEmpty)
            {
                break;
            }

            count += IsVia(line) ? 1 + line.Count((byte)',') : 0;
        }

        return count;
    }

    // RFC 3261 section 7.3.3: v is its short form. White space may stand before the colon.
    private static bool IsVia(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        if (colon < 0)
        {
            return false;
        }

        var name = line[..colon].TrimEnd(" \t"u8);
        return System.Text.Ascii.EqualsIgnoreCase(name, "Via"u8) || System.Text.Ascii.EqualsIgnoreCase(name, "v"u8);
    }
}

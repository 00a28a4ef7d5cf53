namespace Ringfence.Core.Calls;

/// <summary>Names of channels: "PJSIP/1009-00000010", "IAX2/office-4711", "DAHDI/i1/5551234-2", "Local/200@from-internal-00000a;2".</summary>
internal static class ChannelName
{
    private const string Dahdi = "DAHDI/";

    /// <returns>The endpoint, peer or line: what stands between the technology and the number that makes the channel unique; of an ISDN span not the number that is called or calls ("i1"); "" for what is no name of a channel.</returns>
    public static ReadOnlySpan<char> Endpoint(ReadOnlySpan<char> channel)
    {
        var slash = channel.IndexOf('/');
        if (slash < 0)
        {
            return default;
        }

        var name = channel[(slash + 1)..];
        if (channel.StartsWith(Dahdi, StringComparison.Ordinal) && name.IndexOf('/') is > 0 and var span)
        {
            return name[..span];
        }

        var dash = name.LastIndexOf('-');
        return dash > 0 ? name[..dash] : name;
    }

    /// <summary>A span of chan_dahdi's (ISDN, SS7): "i1". A line to a network, and no phone's.</summary>
    public static bool IsSpan(ReadOnlySpan<char> endpoint) => endpoint is ['i', _, ..] && !endpoint[1..].ContainsAnyExceptInRange('0', '9');

    /// <summary>Whether an endpoint was dialled at an address ("PJSIP/201/sip:0023279000001@203.0.113.9"): mostly one that a phone registered, with whatever it likes before the host.</summary>
    public static bool IsAddress(ReadOnlySpan<char> data, ReadOnlySpan<char> endpoint)
    {
        const string Uri = "/sip:";
        for (var from = 0; data[from..].IndexOf(Uri, StringComparison.Ordinal) is >= 0 and var at; from += at + Uri.Length)
        {
            if (data[..(from + at)].EndsWith(endpoint, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <param name="data">What Dial was given: "PJSIP/011972599999999@trunk-ip,20,T".</param>
    /// <param name="target">The endpoint that took the call, which says which of several channels it was; "": the first.</param>
    /// <returns>The number that is sent to the other side; "" where the channel is an endpoint that gets none, or goes on in the dialplan (Local).</returns>
    public static ReadOnlySpan<char> SentNumber(ReadOnlySpan<char> data, ReadOnlySpan<char> target = default)
    {
        var channels = data[..(data.IndexOf(',') is >= 0 and var end ? end : data.Length)];
        var one = channels[..(channels.IndexOf('&') is >= 0 and var and ? and : channels.Length)];
        if (one.Length < channels.Length && target.Length > 0)
        {
            foreach (var range in channels.Split('&'))
            {
                if (channels[range].IndexOf(target, StringComparison.Ordinal) >= 0)
                {
                    one = channels[range];
                    break;
                }
            }
        }

        var slash = one.IndexOf('/');
        if (slash < 0 || one.StartsWith("Local/", StringComparison.OrdinalIgnoreCase))
        {
            return default;
        }

        var rest = one[(slash + 1)..];

        // "PJSIP/trunk/sip:00123@host": the number is in the URI. "SIP/trunk/00123", "DAHDI/g1/00123": behind the second stroke.
        if (rest.IndexOf("sip:", StringComparison.Ordinal) is >= 0 and var uri)
        {
            rest = rest[(uri + 4)..];
            return rest[..(rest.IndexOfAny('@', ';') is >= 0 and var host ? host : rest.Length)];
        }

        // "IAX2/user:secret@peer/00123@context": what stands before the host is no number, and may be a password.
        var at = rest.IndexOf('@');
        if (at > 0 && !rest[at..].Contains('/'))
        {
            return one.StartsWith("IAX2/", StringComparison.OrdinalIgnoreCase) && rest.LastIndexOf('/') is var stroke ? Before(rest[(stroke + 1)..], stroke >= 0) : rest[..at];
        }

        return rest.LastIndexOf('/') is >= 0 and var second ? Before(rest[(second + 1)..], isThere: true) : default;
    }

    private static ReadOnlySpan<char> Before(ReadOnlySpan<char> text, bool isThere) => !isThere ? default : text.IndexOf('@') is >= 0 and var context ? text[..context] : text;
}

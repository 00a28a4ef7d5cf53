namespace Ringfence.Core.Calls;

/// <summary>Names of channels: "PJSIP/1009-00000010", "IAX2/office-4711", "DAHDI/i1/5551234-2", "Local/200@from-internal-00000a;2".</summary>
internal static class ChannelName
{
    /// <returns>The endpoint, peer or line: what stands between the technology and the number that makes the channel unique; "" for what is no name of a channel.</returns>
    public static ReadOnlySpan<char> Endpoint(ReadOnlySpan<char> channel)
    {
        var slash = channel.IndexOf('/');
        if (slash < 0)
        {
            return default;
        }

        var name = channel[(slash + 1)..];
        var dash = name.LastIndexOf('-');
        return dash > 0 ? name[..dash] : name;
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

using System.Buffers;
using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>PJSIP's notice of a request that it refused.</summary>
/// <remarks>
/// Asterisk prints the From into 512 bytes of its stack (res_pjsip/pjsip_distributor.c, log_failed_request; pjsip/sip_uri.c). Of a user, a password and most parameters
/// PJSIP escapes blanks, quotes, angles and line ends, so the first blank behind them is Asterisk's. What it decodes and prints as it is: the parameter
/// <c>user</c>, a value that begins with a quote, a host in brackets; there the sender writes what he likes, lines of his own too (measured on 22.10.1). A From that does
/// not fit is cut at any of its parts, and what the stack held stands behind it, up to a NUL: pointers and the source of a nonce, in 164 cuts measured on one build none of a sender's text.
/// </remarks>
internal static class RefusedRequest
{
    /// <summary>The source file that logs it.</summary>
    public static ReadOnlySpan<byte> Module => "res_pjsip/pjsip_distributor.c"u8;

    private static readonly SearchValues<byte> Ipv6 = SearchValues.Create("[0123456789abcdefABCDEF:."u8);

    private static LogRecord Broken => new() { IsBroken = true };

    private static ReadOnlySpan<byte> Anchor => "' failed for '"u8;

    // 'REGISTER' from '"name" <sip:5555@10.99.0.1>' failed for '198.51.100.7:34336' (callid: anything) - No matching endpoint found
    /// <param name="text">What stands behind "Request ".</param>
    /// <param name="escaped">Line ends are escaped: what is read here is one message and a whole one.</param>
    public static LogRecord Read(ReadOnlySpan<byte> text, bool escaped)
    {
        var at = 0;
        if (text.StartsWith("'"u8))
        {
            // The method is a token of the sender: no blank in it, so the blank ends it (RFC 3261 section 25.1).
            var blank = text.IndexOf((byte)' ');
            if (blank < 3 || text[blank - 1] != '\'')
            {
                return Broken;
            }

            at = blank + 1;
        }

        if (!text[at..].StartsWith("from '"u8))
        {
            return Broken;
        }

        // Asterisk's own words stand in every whole message, so where they stand once they are its.
        at += 6;
        var first = text[at..].IndexOf(Anchor);
        var isOnce = first >= 0 && text[(at + first + 1)..].IndexOf(Anchor) < 0;
        var uri = SkipDisplayName(text, at);
        var length = uri < 0 ? -1 : text[uri..].IndexOfAny((byte)' ', (byte)'\n') - 1;
        var form = length < 0 || !text[(uri + length)..].StartsWith(Anchor) ? From.Garbled : FormOf(text.Slice(uri, length));
        if (escaped && isOnce && form != From.Whole)
        {
            (uri, length, form) = (at, first, From.Cut);
        }

        if (form == From.Garbled || (form == From.Cut && !isOnce) || (form == From.Raw && escaped))
        {
            return Broken;
        }

        var from = text.Slice(uri, length);
        at = uri;
        at += length + Anchor.Length;
        var close = text[at..].IndexOf((byte)'\'');
        var (source, port) = close < 0 ? default : NoticeRecord.AddressAndPort(text.Slice(at, close), portAlways: true);
        if (source is not { } sender)
        {
            return Broken;
        }

        at += close + 1;
        var reasonAt = text[at..].LastIndexOf(") - "u8);
        if (!text[at..].StartsWith(" (callid: "u8) || reasonAt < 10)
        {
            return Broken;
        }

        var session = text[(at + 10)..(at + reasonAt)];
        var reason = text[(at + reasonAt + 4)..];
        var kind = reason switch
        {
            _ when reason.StartsWith("No matching endpoint found"u8) => EventKind.AccountUnknown,
            _ when reason.StartsWith("Failed to authenticate"u8) || reason.StartsWith("Error to authenticate"u8) => EventKind.PasswordRefused,
            _ when reason.StartsWith("Not match Endpoint ACL"u8) || reason.StartsWith("Not match Endpoint Contact ACL"u8) => EventKind.AclRefused,
            _ when reason.StartsWith("AOR "u8) || reason.StartsWith("Registration attempt"u8) => EventKind.RequestRefused,
            _ => EventKind.None,
        };
        if (kind == EventKind.None)
        {
            return form == From.Whole ? default : Broken;
        }

        return new LogRecord
        {
            Kind = kind,
            Service = Service.Pjsip,
            Source = sender,
            Port = port,

            // Of a From that was cut before the user's end nothing is the sender's for certain.
            Account = form == From.Cut && !from.Contains((byte)'@') ? default : SipText.User(from),
            Session = session,
            Detail = reason,
            SenderLines = form == From.Raw ? SenderLines.BeforeAddress : SenderLines.None,
        };
    }

    private enum From : byte
    {
        /// <summary>All of it, and all of it escaped.</summary>
        Whole,

        /// <summary>It did not fit; what follows the part that did is the stack's.</summary>
        Cut,

        /// <summary>Text of the sender's may stand in it as he wrote it, and what looks like the end of the From may be that text.</summary>
        Raw,

        /// <summary>PJSIP does not write this, or it is not seen where it ends.</summary>
        Garbled,
    }

    /// <param name="from">Without the display name, as far as the first blank or line end.</param>
    private static From FormOf(ReadOnlySpan<byte> from)
    {
        var open = from.IndexOf((byte)'[');
        if (open >= 0)
        {
            // An IPv6 address; of any other text in brackets PJSIP asks nothing.
            var end = from[open..].IndexOfAnyExcept(Ipv6);
            if (end < 0 || from[open + end] != ']' || from[(open + 1)..].Contains((byte)'['))
            {
                return From.Raw;
            }
        }

        if (from.IndexOf(";user="u8) >= 0 || from.Contains((byte)'"'))
        {
            return From.Raw;
        }

        var isNameAddress = from.StartsWith("<"u8);
        var close = from.IndexOf((byte)'>');
        if (from.LastIndexOf((byte)'<') > 0 || (close >= 0 && (!isNameAddress || close < from.Length - 1)))
        {
            return From.Garbled;
        }

        return (isNameAddress ? close < 0 : !from.StartsWith("sip"u8)) ? From.Cut : From.Whole;
    }

    // '"a \" b" ' before the URI.
    private static int SkipDisplayName(ReadOnlySpan<byte> text, int at)
    {
        if (at >= text.Length || text[at] != '"')
        {
            return at;
        }

        for (at++; at < text.Length; at++)
        {
            if (text[at] == '\\')
            {
                at++;
            }
            else if (text[at] == '"')
            {
                at++;
                return at < text.Length && text[at] == ' ' ? at + 1 : at;
            }
        }

        return -1;
    }
}

using System.Buffers;

namespace Ringfence.Core.Sip;

/// <summary>A parameter of a message's topmost Via: the branch, by which an answer knows its request; maddr, where the answer goes.</summary>
/// <remarks>
/// RFC 3261 sections 8.1.1.7 and 20.42. A PBX writes the Via of its answer anew: parameters in another order, blanks and comments gone, of a
/// parameter that stands twice the last one, odd characters as %NN (Asterisk 22.10.1). So this reads what a text search for "branch=" would not.
/// </remarks>
internal static class ViaParameter
{
    private static readonly SearchValues<byte> NameEnds = SearchValues.Create("=;,( "u8);
    private static readonly SearchValues<byte> ValueEnds = SearchValues.Create("; ,(\t\r\n"u8);

    private static ReadOnlySpan<byte> Blank => " \t\r\n"u8;

    /// <param name="via">The value of the first Via header; there may be several in it.</param>
    /// <param name="lower">Its name, in lower case.</param>
    /// <returns>As written, with the quotes if there are any; empty: none.</returns>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> via, scoped ReadOnlySpan<byte> lower)
    {
        ReadOnlySpan<byte> found = default;

        // Protocol and port hold neither, and a host only in brackets, where PJSIP takes any text.
        var at = via.IndexOfAny(";,(["u8);
        if (at >= 0 && via[at] == '[')
        {
            at += via[at..].IndexOf((byte)']') is > 0 and var close ? close : via.Length - at;
            at = via[at..].IndexOfAny((byte)';', (byte)',', (byte)'(') is >= 0 and var next ? at + next : -1;
        }

        for (var rest = at < 0 ? default : via[at..]; rest is [(byte)';', ..];)
        {
            rest = rest[1..];
            var end = rest.IndexOfAny(NameEnds);
            end = end < 0 ? rest.Length : end;
            var name = rest[..end].Trim(Blank);
            rest = rest[end..].TrimStart(Blank);
            if (name.IsEmpty && rest is not [(byte)'=', ..] && !rest.IsEmpty && rest[0] is not ((byte)';' or (byte)',' or (byte)'('))
            {
                // The blank stood before the name.
                end = rest.IndexOfAny(NameEnds);
                end = end < 0 ? rest.Length : end;
                name = rest[..end].Trim(Blank);
                rest = rest[end..].TrimStart(Blank);
            }

            ReadOnlySpan<byte> value = default;
            if (rest is [(byte)'=', ..])
            {
                rest = rest[1..].TrimStart(Blank);
                value = rest[..ValueLength(rest)];
                rest = rest[value.Length..].TrimStart(Blank);
            }

            if (name.Length == lower.Length && System.Text.Ascii.EqualsIgnoreCase(name, lower) && !value.IsEmpty)
            {
                found = value;
            }
        }

        return found;
    }

    private static int ValueLength(ReadOnlySpan<byte> value)
    {
        if (value is not [(byte)'"', ..])
        {
            var end = value.IndexOfAny(ValueEnds);
            return end < 0 ? value.Length : end;
        }

        for (var at = 1; at < value.Length; at++)
        {
            if (value[at] == '\\')
            {
                at++;
            }
            else if (value[at] == '"')
            {
                return at + 1;
            }
        }

        return value.Length;
    }
}

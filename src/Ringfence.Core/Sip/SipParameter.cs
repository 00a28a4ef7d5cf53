using System.Buffers;

namespace Ringfence.Core.Sip;

/// <summary>Parameters inside header values: name=value, name="quoted".</summary>
internal static class SipParameter
{
    private static readonly SearchValues<byte> Ends = SearchValues.Create(", ;\t\r\n"u8);

    /// <summary>The next value of the parameter, wherever it stands; the text behind it in <paramref name="rest"/>.</summary>
    /// <param name="rest">A header's value, or several with what stands between them.</param>
    /// <param name="nameAndEquals">In lower case, with its "=".</param>
    /// <returns>Without the quotes, escapes as written; empty: none is left, or it is empty.</returns>
    public static ReadOnlySpan<byte> Next(scoped ref ReadOnlySpan<byte> rest, scoped ReadOnlySpan<byte> nameAndEquals)
    {
        while (true)
        {
            var at = IndexOf(rest, nameAndEquals);
            if (at < 0)
            {
                rest = default;
                return default;
            }

            var isWhole = at == 0 || rest[at - 1] is (byte)' ' or (byte)'\t' or (byte)',' or (byte)';' or (byte)'\n';
            rest = rest[(at + nameAndEquals.Length)..];
            if (!isWhole)
            {
                continue;
            }

            if (rest.StartsWith("\""u8))
            {
                var close = rest[1..].IndexOf((byte)'"');
                var quoted = close < 0 ? rest[1..] : rest.Slice(1, close);
                rest = close < 0 ? default : rest[(close + 2)..];
                return quoted;
            }

            var end = rest.IndexOfAny(Ends);
            var value = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[end..];
            return value;
        }
    }

    /// <returns>The first value of the parameter; empty: none.</returns>
    public static ReadOnlySpan<byte> First(ReadOnlySpan<byte> value, scoped ReadOnlySpan<byte> nameAndEquals) => Next(ref value, nameAndEquals);

    private static int IndexOf(ReadOnlySpan<byte> text, scoped ReadOnlySpan<byte> nameAndEquals)
    {
        // "=" is rarer than any letter.
        for (var from = 0; from < text.Length;)
        {
            var equals = text[from..].IndexOf((byte)'=');
            if (equals < 0)
            {
                return -1;
            }

            equals += from;
            var start = equals + 1 - nameAndEquals.Length;
            if (start >= 0 && System.Text.Ascii.EqualsIgnoreCase(text[start..(equals + 1)], nameAndEquals))
            {
                return start;
            }

            from = equals + 1;
        }

        return -1;
    }
}

using System.Buffers;

namespace Ringfence.Core.Sip;

/// <summary>Parameters inside header values: name=value, name = "quoted".</summary>
/// <remarks>
/// RFC 3261 section 25.1: around the "=" there may be blanks and a folded line, and a quoted text may hold anything, the name of a parameter too. Asterisk 22 reads both so:
/// whoever wrote <c>nonce = "..."</c> was never seen to echo one (bench/duel: register-nonce-blanks, register-nonce-decoy, register-nonce-line-end).
/// </remarks>
internal static class SipParameter
{
    private static readonly SearchValues<byte> Separators = SearchValues.Create(", ;\t\r\n"u8);
    private static readonly SearchValues<byte> NameEnds = SearchValues.Create("=\", ;\t\r\n"u8);

    /// <summary>The next value of the parameter; the text behind it in <paramref name="rest"/>.</summary>
    /// <param name="rest">A header's value.</param>
    /// <param name="nameAndEquals">In lower case, with its "=".</param>
    /// <returns>Without the quotes, escapes as written; empty: none is left, or it is empty.</returns>
    public static ReadOnlySpan<byte> Next(scoped ref ReadOnlySpan<byte> rest, scoped ReadOnlySpan<byte> nameAndEquals)
    {
        for (var start = rest.IndexOfAnyExcept(Separators); start >= 0; start = rest.IndexOfAnyExcept(Separators))
        {
            rest = rest[start..];
            if (rest[0] == '"')
            {
                Quoted(ref rest);
                continue;
            }

            var end = rest.IndexOfAny(NameEnds);
            var name = end < 0 ? rest : rest[..end];
            rest = rest[name.Length..];
            if (Unfolded(rest) is not [(byte)'=', .. var behind])
            {
                // A word alone: "Digest", a URI.
                continue;
            }

            rest = Unfolded(behind);
            var value = rest is [(byte)'"', ..] ? Quoted(ref rest) : Token(ref rest);
            if (name.Length == nameAndEquals.Length - 1 && System.Text.Ascii.EqualsIgnoreCase(name, nameAndEquals[..^1]))
            {
                return value;
            }
        }

        rest = default;
        return default;
    }

    /// <returns>The first value of the parameter; empty: none.</returns>
    public static ReadOnlySpan<byte> First(ReadOnlySpan<byte> value, scoped ReadOnlySpan<byte> nameAndEquals) => Next(ref value, nameAndEquals);

    private static ReadOnlySpan<byte> Token(scoped ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOfAny(Separators);
        var value = end < 0 ? rest : rest[..end];
        rest = rest[value.Length..];
        return value;
    }

    // To the quote that ends it, or to a LF: a CR is text to the PBX, and a LF there makes it drop the message.
    private static ReadOnlySpan<byte> Quoted(scoped ref ReadOnlySpan<byte> rest)
    {
        for (var at = 1; at < rest.Length; at++)
        {
            switch (rest[at])
            {
                case (byte)'\\' when at + 1 < rest.Length && rest[at + 1] != '\n':
                    at++;
                    break;
                case (byte)'"':
                    var quoted = rest[1..at];
                    rest = rest[(at + 1)..];
                    return quoted;
                case (byte)'\n' when !IsFold(rest[at..]):
                    var open = rest[1..at];
                    rest = rest[at..];
                    return open;
            }
        }

        var all = rest[1..];
        rest = default;
        return all;
    }

    // Without the blanks at its beginning, and line ends behind which the header goes on.
    private static ReadOnlySpan<byte> Unfolded(ReadOnlySpan<byte> text)
    {
        while (true)
        {
            text = text.TrimStart(" \t"u8);
            if (!IsFold(text))
            {
                return text;
            }

            text = text[LineEnd(text)..];
        }
    }

    // A CR alone ends a line for the PBX too.
    private static int LineEnd(ReadOnlySpan<byte> text) => text is [(byte)'\r', (byte)'\n', ..] ? 2 : text is [(byte)'\n' or (byte)'\r', ..] ? 1 : 0;

    private static bool IsFold(ReadOnlySpan<byte> text) => LineEnd(text) is > 0 and var end && end < text.Length && text[end] is (byte)' ' or (byte)'\t';
}

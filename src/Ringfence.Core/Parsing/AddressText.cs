using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>An address in the middle of a text: 198.51.100.7, 2001:db8::7, [2001:db8::7].</summary>
internal static class AddressText
{
    private static readonly System.Buffers.SearchValues<byte> Digits = System.Buffers.SearchValues.Create("0123456789."u8);
    private static readonly System.Buffers.SearchValues<byte> Hexadecimal = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF:."u8);

    public readonly record struct Token(Address? Source, int End);

    /// <summary>The address that begins at a place and is not the middle of a longer word.</summary>
    /// <param name="ends">One longer than the text: where it may end.</param>
    public static Token At(ReadOnlySpan<byte> text, int at, ReadOnlySpan<bool> ends)
    {
        if (IsInside(text, at))
        {
            return default;
        }

        var isBracketed = text[at] == '[';
        var start = isBracketed ? at + 1 : at;
        var v4 = Length(text[start..], Digits);
        var v6 = Length(text[start..], Hexadecimal);
        if (isBracketed)
        {
            var close = start + v6;
            return close < text.Length && text[close] == ']' && ends[close + 1] ? new Token(Address.Parse(text[start..close]), close + 1) : default;
        }

        // A full stop or a colon may end the sentence or come before a port.
        foreach (var end in (ReadOnlySpan<int>)[start + v6, start + v6 - 1, start + v4, start + v4 - 1])
        {
            if (end > start && ends[end] && !GoesOn(text, end) && Address.Parse(text[start..end]) is { } source)
            {
                return new Token(source, end);
            }
        }

        return default;
    }

    // "11.2.3.4" holds no 1.2.3.4, "x2001:db8::1" no address; "IP:198.51.100.7" does.
    private static bool IsInside(ReadOnlySpan<byte> text, int at)
    {
        if (at == 0)
        {
            return false;
        }

        var before = (char)text[at - 1];
        return before == ':'
            ? at > 1 && (text[at - 2] == ':' || char.IsAsciiHexDigit((char)text[at - 2]))
            : char.IsAsciiLetterOrDigit(before) || before is '.' or '_' or '-';
    }

    private static bool GoesOn(ReadOnlySpan<byte> text, int end)
    {
        if (end == text.Length)
        {
            return false;
        }

        var next = (char)text[end];
        return char.IsAsciiLetterOrDigit(next) || next is '_' or '-'
            || (next == '.' && end + 1 < text.Length && char.IsAsciiLetterOrDigit((char)text[end + 1]));
    }

    // 45: the longest address, with an IPv4 address at its end; and one more for what follows.
    private static int Length(ReadOnlySpan<byte> text, System.Buffers.SearchValues<byte> of)
    {
        var near = text[..Math.Min(text.Length, 47)];
        var length = near.IndexOfAnyExcept(of);
        return length < 0 ? near.Length : length;
    }
}

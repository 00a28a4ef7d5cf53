using System.Text;

namespace Ringfence.Core.Sip;

/// <summary>The names of a request's headers in the order and in the letters in which a program writes them: "Via, To, From, User-Agent?, CSeq, ...".</summary>
/// <remarks>A name with "?" may be missing; "..." at the end stands for whatever follows. Allocates nothing when it matches.</remarks>
internal sealed class HeaderOrder
{
    private const int MostNames = 64;

    private readonly (byte[] Name, bool IsOptional)[] _names;
    private readonly bool _isOpen;

    private HeaderOrder((byte[], bool)[] names, bool isOpen)
    {
        _names = names;
        _isOpen = isOpen;
    }

    /// <returns>The order; or what was expected in place of the text.</returns>
    public static (HeaderOrder? Order, string? Expected) Parse(string text)
    {
        var names = text.Split(',', StringSplitOptions.TrimEntries).ToList();
        var isOpen = names[^1] == "...";
        if (isOpen)
        {
            names.RemoveAt(names.Count - 1);
        }

        // Two or three names say little: half of all phones begin with Via, From, To.
        var sure = names.Count(name => !name.EndsWith('?'));
        return sure >= 4 && names.Count <= MostNames && names.TrueForAll(name => IsName(name.EndsWith('?') ? name[..^1] : name))
            ? (new HeaderOrder([.. names.Select(name => (Encoding.ASCII.GetBytes(name.TrimEnd('?')), name.EndsWith('?')))], isOpen), null)
            : (null, $"names of headers with commas between them, 4 to {MostNames}, such as Via, To, From, User-Agent?, CSeq, ...");
    }

    /// <returns>Whether the text is the name of a header: a token of RFC 3261 section 25.1.</returns>
    public static bool IsName(string text) => text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || "-.!%*_+`'~".Contains(c));

    /// <param name="message">A request as it came.</param>
    public bool Matches(ReadOnlySpan<byte> message)
    {
        var lines = new HeaderLines(message);
        var at = 0;
        while (lines.Next())
        {
            while (at < _names.Length && _names[at].IsOptional && !lines.Name.SequenceEqual(_names[at].Name))
            {
                at++;
            }

            if (at == _names.Length)
            {
                return _isOpen;
            }

            if (!lines.Name.SequenceEqual(_names[at++].Name))
            {
                return false;
            }
        }

        for (; at < _names.Length; at++)
        {
            if (!_names[at].IsOptional)
            {
                return false;
            }
        }

        return true;
    }
}

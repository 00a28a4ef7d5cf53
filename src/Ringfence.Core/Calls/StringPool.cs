using System.Text;

namespace Ringfence.Core.Calls;

/// <summary>One string for all that is spelt alike: names of extensions, trunks and contexts come again in each record.</summary>
internal sealed class StringPool
{
    // A file that has a new name in each record gets strings as anybody does.
    private const int MaxNames = 65_536;
    private const int Longest = 128;

    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _byText;

    public StringPool() => _byText = _known.GetAlternateLookup<ReadOnlySpan<char>>();

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > Longest)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        Span<char> text = stackalloc char[Longest];
        return Get(text[..Encoding.UTF8.GetChars(utf8, text)]);
    }

    public string Get(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return "";
        }

        if (_byText.TryGetValue(text, out var known))
        {
            return known;
        }

        var fresh = new string(text);
        if (_known.Count < MaxNames && text.Length <= Longest)
        {
            _known[fresh] = fresh;
        }

        return fresh;
    }
}

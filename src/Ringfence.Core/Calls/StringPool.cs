using System.Buffers.Binary;
using System.Text;

namespace Ringfence.Core.Calls;

/// <summary>One string for all that is spelt alike: names of extensions, trunks and contexts come again in each record.</summary>
internal sealed class StringPool
{
    // A file that has a new name in each record gets strings as anybody does.
    private const int MaxNames = 65_536;
    private const int Longest = 128;

    // In front of the dictionary: a name that came lately is found by comparing it alone.
    private const int Recent = 4096;

    private readonly string[] _recent = new string[Recent];
    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _byText;

    public StringPool() => _byText = _known.GetAlternateLookup<ReadOnlySpan<char>>();

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > Longest)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        if (utf8.IsEmpty)
        {
            return "";
        }

        // The last letters of names and numbers differ most.
        var last = utf8.Length >= 8 ? BinaryPrimitives.ReadUInt64LittleEndian(utf8[^8..]) : utf8.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(utf8[^4..]) : (ulong)utf8[^1] + utf8[0];
        ref var recent = ref _recent[(int)(((last * 0x9E3779B97F4A7C15) >> 48) + (uint)utf8.Length) & (Recent - 1)];
        if (recent is not null && Ascii.Equals(utf8, recent))
        {
            return recent;
        }

        Span<char> text = stackalloc char[Longest];
        return recent = Get(text[..Encoding.UTF8.GetChars(utf8, text)]);
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

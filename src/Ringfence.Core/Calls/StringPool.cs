using System.Buffers.Binary;
using System.Text;

namespace Ringfence.Core.Calls;

/// <summary>One string for all that is spelt alike and came lately: names of extensions, trunks and contexts, and numbers, come again in each record.</summary>
/// <remarks>A place for each hash, and the newest has it: as much memory whatever a file holds, and no more than one comparison. bench/backtest.</remarks>
internal sealed class StringPool
{
    private const int Places = 1 << 18;
    private const int Longest = 128;

    private readonly string?[] _known = new string?[Places];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            return "";
        }

        if (utf8.Length > Longest)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        ref var known = ref _known[Hash(utf8)];
        return known is not null && Ascii.Equals(utf8, known) ? known : known = Encoding.UTF8.GetString(utf8);
    }

    public string Get(ReadOnlySpan<char> text)
    {
        Span<byte> utf8 = stackalloc byte[Longest];
        return text.Length <= Longest && Encoding.UTF8.TryGetBytes(text, utf8, out var length) ? Get(utf8[..length]) : new string(text);
    }

    // Names and numbers differ most at their ends.
    private static int Hash(ReadOnlySpan<byte> utf8)
    {
        var last = utf8.Length >= 8 ? BinaryPrimitives.ReadUInt64LittleEndian(utf8[^8..]) : utf8.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(utf8[^4..]) | ((ulong)utf8[0] << 32) : utf8[^1] | ((ulong)utf8[0] << 8) | ((ulong)utf8[utf8.Length / 2] << 16);
        return (int)(((last + ((ulong)utf8.Length << 56)) * 0x9E3779B97F4A7C15) >> 46);
    }
}

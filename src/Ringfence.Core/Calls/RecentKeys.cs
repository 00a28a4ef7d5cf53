using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ringfence.Core.Calls;

/// <summary>Which texts were there within a time. Each is kept as 128 bits of SHA-256, some 50 bytes: callers write what is in them, and none can make his look like another's.</summary>
/// <param name="span">So long they are known at least, in milliseconds, where there are no more than <paramref name="most"/>; and twice as long at most.</param>
internal sealed class RecentKeys(long span, int most = RecentKeys.Most)
{
    /// <summary>Three records for each call of a site with 100,000 a day, over 36 hours. Together 60 MB at most.</summary>
    public const int Most = 450_000;

    private HashSet<UInt128> _new = [];
    private HashSet<UInt128> _old = [];
    private long _since = long.MinValue;

    public int Count => _new.Count + _old.Count;

    /// <param name="at">Now.</param>
    /// <returns>false: it was there.</returns>
    public bool Add(ReadOnlySpan<char> key, long at)
    {
        var hash = Hash(key);
        if (_old.Contains(hash) || _new.Contains(hash))
        {
            return false;
        }

        if (_since == long.MinValue || at - _since >= span || _new.Count >= most)
        {
            (_old, _new, _since) = (_new, [], at);
        }

        return _new.Add(hash);
    }

    public bool Contains(ReadOnlySpan<char> key) => Count > 0 && Hash(key) is var hash && (_new.Contains(hash) || _old.Contains(hash));

    /// <summary>128 bits by which a text is known.</summary>
    public static UInt128 Hash(ReadOnlySpan<char> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(key), hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }
}

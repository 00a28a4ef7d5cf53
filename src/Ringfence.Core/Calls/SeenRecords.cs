using System.Runtime.InteropServices;

namespace Ringfence.Core.Calls;

/// <summary>Which records were there before: files overlap, and a database is asked again.</summary>
/// <remarks>A record is kept as 128 bits of its contents: a million of them are some 30 MB, and two that differ never meet by accident.</remarks>
internal sealed class SeenRecords
{
    // Some 130 MB. Beyond it what came first is forgotten.
    private const int Most = 1 << 22;

    // FNV-1a (draft-eastlake-fnv): its prime and offset for 64 bits, and a second offset for the other half.
    private const ulong Prime = 0x100000001B3;
    private const ulong Offset = 0xCBF29CE484222325;
    private const ulong Other = 0x84222325CBF29CE4;

    private readonly HashSet<UInt128> _seen = [];

    /// <returns>false: it is there twice. A record without an id is like no other.</returns>
    public bool Add(in CallRecord call)
    {
        if (call.Id.Length == 0)
        {
            return true;
        }

        if (_seen.Count >= Most)
        {
            _seen.Clear();
        }

        return _seen.Add(new UInt128(Hash(call, Offset), Hash(call, Other)));
    }

    private static ulong Hash(in CallRecord call, ulong hash)
    {
        hash = Mix(hash, call.Id);
        hash = Mix(hash, call.Trunk);
        hash = Mix(hash, call.Sent);
        ReadOnlySpan<long> times = [call.Start, call.Seconds, call.Billed];
        return Mix(hash, MemoryMarshal.Cast<long, char>(times));
    }

    // With the length behind it: "1" and "23" are not "12" and "3".
    private static ulong Mix(ulong hash, ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            hash = (hash ^ c) * Prime;
            hash ^= hash >> 32;
        }

        return (hash ^ (ulong)text.Length) * Prime;
    }
}

using Ringfence.Core.Events;

namespace Ringfence.Core.Lists;

/// <summary>Which one prefix length tells, in a single lookup, that nothing is near a source: all blocks of that length in which anything is are in one set, and whoever is in none
/// of them is on no list.</summary>
/// <remarks>A lookup takes some 50 ns of each packet, and 100 where sources vary (misses of the processor's caches), of the 600 to 1,000 of its way through the PBX's kernel
/// (bench/lists). So almost everybody is to pay for one and not for all. What is left is the lookup itself: a table for each family (no <c>meta nfproto</c>), the sets asked in the
/// guard's own chain (no second hook), and fewer buckets were measured, and none is cheaper than what differs from one round to the next.</remarks>
internal sealed class NearPlan
{
    private readonly long[] _blocks;
    private ListedRange? _before;

    /// <param name="longest">The longest length looked at; what is narrower than a home's network discriminates no better.</param>
    public NearPlan(bool isIPv4, int longest)
    {
        IsIPv4 = isIPv4;
        _blocks = new long[longest + 1];
    }

    public bool IsIPv4 { get; }

    /// <param name="range">Of this family, behind all seen so far.</param>
    public void See(ListedRange range)
    {
        for (var length = 1; length < _blocks.Length; length++)
        {
            var first = Block(range.First, length);
            var last = Block(range.Last, length);

            // The first may be the one in which the range before ended.
            _blocks[length] += (long)Math.Min(last - first, long.MaxValue / 4) + (_before is { } before && Block(before.Last, length) == first ? 0 : 1);
            _blocks[length] = Math.Min(_blocks[length], long.MaxValue / 4);
        }

        _before = range;
    }

    /// <param name="longest">Of the sets behind it.</param>
    /// <returns>The longest length with no more blocks than that, and how many; null: there is none.</returns>
    public (int Length, int Blocks)? Choose(int maxBlocks, int longest)
    {
        for (var length = Math.Min(longest, _blocks.Length - 1); length > 0; length--)
        {
            if (_blocks[length] > 0 && _blocks[length] <= maxBlocks)
            {
                return (length, (int)_blocks[length]);
            }
        }

        return null;
    }

    private ulong Block(Address address, int length) => IsIPv4 ? (ulong)address.IPv4Bits >> (32 - length) : address.High >> (64 - length);
}

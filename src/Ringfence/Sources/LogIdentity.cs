namespace Ringfence.Sources;

/// <summary>One file that holds, or held, a log: the thing to which a reader's state (half a line, a line number) belongs.</summary>
/// <remarks>Made anew when a file is rotated and when it is truncated. Compare by reference.</remarks>
internal sealed class LogIdentity(ulong device, ulong inode, long linesBefore)
{
    /// <summary>So many first bytes tell one log from another: their first record carries a time.</summary>
    public const int HeadBytes = 256;

    /// <summary>With fewer bytes in common two files are not called the same by their content alone.</summary>
    public const int DistinctBytes = 64;

    // Only grows, and what a batch covers was filled before the batch was handed over.
    private readonly byte[] _head = new byte[HeadBytes];

    public ulong Device => device;

    public ulong Inode => inode;

    /// <summary>Line ends before the first byte delivered, as far as known: 0 also for a large file that was entered at its end.</summary>
    public long LinesBefore => linesBefore;

    /// <summary>The first bytes of the file that have been seen.</summary>
    public ReadOnlySpan<byte> Head => _head.AsSpan(0, HeadLength);

    public int HeadLength { get; private set; }

    /// <summary>Where a reader stands who consumed everything before <paramref name="offset"/>.</summary>
    public ReadPosition PositionAt(string path, long offset, long line) =>
        new(path, device, inode, offset, line, Checksum(Head[..(int)Math.Min(HeadLength, offset)]));

    /// <summary>Takes up the first bytes of the file as they are read.</summary>
    /// <param name="offset">Where in the file <paramref name="bytes"/> stood.</param>
    public void See(long offset, ReadOnlySpan<byte> bytes)
    {
        if (offset != HeadLength || HeadLength == HeadBytes)
        {
            return;
        }

        var taken = bytes[..Math.Min(bytes.Length, HeadBytes - HeadLength)];
        taken.CopyTo(_head.AsSpan(HeadLength));
        HeadLength += taken.Length;
    }

    /// <summary>FNV-1a, 64 bits: what <see cref="ReadPosition.Head"/> holds, over min(256, Offset) bytes.</summary>
    public static ulong Checksum(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in bytes)
        {
            hash = (hash ^ b) * 1099511628211UL;
        }

        return hash;
    }
}

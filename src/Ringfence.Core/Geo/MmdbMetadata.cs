namespace Ringfence.Core.Geo;

/// <summary>What an MMDB file says of itself.</summary>
/// <remarks>MaxMind DB File Format Specification 2.0, "Database Metadata".</remarks>
/// <param name="NodeCount">Nodes of the search tree.</param>
/// <param name="RecordBits">Of each of a node's two records: 24, 28 or 32.</param>
/// <param name="IPVersion">Addresses that the tree is made for; 6 holds IPv4 too, in ::/96.</param>
/// <param name="Type">"GeoLite2-Country".</param>
internal sealed record MmdbMetadata(uint NodeCount, int RecordBits, int IPVersion, string Type, DateTimeOffset? Built)
{
    private static readonly byte[] MarkerBytes = [0xab, 0xcd, 0xef, .. "MaxMind.com"u8];

    // "up to 128 KiB" of metadata at the end.
    private const int LongestBytes = 128 * 1024;

    /// <returns>The metadata, and where their marker begins.</returns>
    /// <exception cref="GeoFormatException">There are none, or none that can be.</exception>
    public static (MmdbMetadata Metadata, int MarkerAt) Read(ReadOnlySpan<byte> file)
    {
        var tailAt = Math.Max(0, file.Length - LongestBytes - MarkerBytes.Length);
        var at = file[tailAt..].LastIndexOf(MarkerBytes);
        if (at < 0)
        {
            throw new GeoFormatException(file.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b])
                ? "is compressed: expected an .mmdb file; unpack it first (gunzip, tar -xzf)"
                : "is no MMDB database: its last 128 KiB have no metadata (MaxMind.com); a download may have been cut off");
        }

        at += tailAt;
        var start = at + MarkerBytes.Length;
        var cursor = new MmdbCursor(file[start..], 0, "metadata");
        uint nodes = 0;
        var (bits, version, major, type, built) = (0, 0, 0UL, "", 0UL);
        for (var left = cursor.EnterMap(); left > 0; left--)
        {
            var key = cursor.ReadText();
            if (key.SequenceEqual("node_count"u8))
            {
                nodes = cursor.ReadNumber() is <= uint.MaxValue and var count ? (uint)count : uint.MaxValue;
            }
            else if (key.SequenceEqual("record_size"u8))
            {
                bits = (int)Math.Min(cursor.ReadNumber(), 1000);
            }
            else if (key.SequenceEqual("ip_version"u8))
            {
                version = (int)Math.Min(cursor.ReadNumber(), 1000);
            }
            else if (key.SequenceEqual("binary_format_major_version"u8))
            {
                major = cursor.ReadNumber();
            }
            else if (key.SequenceEqual("database_type"u8))
            {
                type = MmdbCursor.Words(cursor.ReadText());
            }
            else if (key.SequenceEqual("build_epoch"u8))
            {
                built = cursor.ReadNumber();
            }
            else
            {
                cursor.Skip();
            }
        }

        if (major != 2)
        {
            throw new GeoFormatException($"metadata: binary_format_major_version is {major}: expected 2");
        }

        if (bits is not (24 or 28 or 32))
        {
            throw new GeoFormatException($"metadata: record_size is {bits}: expected 24, 28 or 32");
        }

        if (version is not (4 or 6))
        {
            throw new GeoFormatException($"metadata: ip_version is {version}: expected 4 or 6");
        }

        // The tree, 16 bytes of zeros, the data.
        var tree = (long)nodes * bits / 4;
        if (nodes == 0 || tree + 16 > at)
        {
            throw new GeoFormatException($"metadata: node_count is {nodes}, a tree of {tree} bytes, and there are {at} before the metadata; a download may have been cut off");
        }

        return (new MmdbMetadata(nodes, bits, version, type, built is > 0 and <= 253_402_300_799 ? DateTimeOffset.FromUnixTimeSeconds((long)built) : null), at);
    }
}

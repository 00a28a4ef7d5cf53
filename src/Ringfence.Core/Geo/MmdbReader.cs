using System.Buffers.Binary;
using Ringfence.Core.Events;

namespace Ringfence.Core.Geo;

/// <summary>A MaxMind DB (.mmdb) as makers publish it: MaxMind, DB-IP, IPinfo, ip-location-db.</summary>
/// <remarks>
/// MaxMind DB File Format Specification 2.0. Every length, pointer and node is checked when it is met, so that a damaged file ends in a message.
/// Not the package MaxMind.Db (5.2.0 tried): it reads the same files and trims without warnings, but walks 2^128 networks where a downloaded file of 2 KB says so,
/// and each lookup of a country allocates 112 bytes and takes three times as long (bench/geo). 12,000 lookups were compared with libmaxminddb 1.7.1: none differs.
/// </remarks>
internal sealed class MmdbReader : GeoDatabase
{
    // 16 bytes of zeros stand between the tree and the data.
    private const int Separator = 16;

    // A power of two. A database of countries has some 250 records, one of operators 80,000: whoever asks meets few of them.
    private const int Remembered = 4096;

    private readonly byte[] _file;
    private readonly MmdbMetadata _metadata;
    private readonly int _dataAt;
    private readonly int _dataLength;
    private readonly uint _ipv4Root;
    private readonly int _ipv4Depth;
    private readonly RememberedKey?[] _keys = new RememberedKey?[Remembered];

    private MmdbReader(byte[] file, MmdbMetadata metadata, int markerAt)
    {
        _file = file;
        _metadata = metadata;
        _dataAt = (int)((metadata.NodeCount * (long)metadata.RecordBits / 4) + Separator);
        _dataLength = markerAt - _dataAt;
        if (metadata.IPVersion == 6)
        {
            // IPv4 is ::a.b.c.d: 96 bits of zeros lead to it, or to a record that holds all of it.
            while (_ipv4Depth < 96 && _ipv4Root < metadata.NodeCount)
            {
                _ipv4Root = Child(_ipv4Root, 0);
                _ipv4Depth++;
            }
        }
        else
        {
            _ipv4Depth = 96;
        }
    }

    public override string Type => _metadata.Type;

    public override DateTimeOffset? Built => _metadata.Built;

    /// <summary>Whether it was made for IPv6 too.</summary>
    public bool HasIPv6 => _metadata.IPVersion == 6;

    /// <param name="file">The whole file; it is kept, and not changed.</param>
    /// <exception cref="GeoFormatException">It is none, or damaged where it says what it is.</exception>
    public static MmdbReader Open(byte[] file)
    {
        var (metadata, markerAt) = MmdbMetadata.Read(file);
        return new MmdbReader(file, metadata, markerAt);
    }

    /// <inheritdoc/>
    public override GeoKey KeyOf(Address address) => Seek(address).Record is var record && record > _metadata.NodeCount ? KeyAt(record) : default;

    /// <inheritdoc/>
    public override GeoAnswer Find(Address address)
    {
        var (record, depth) = Seek(address);
        return new GeoAnswer(
            new Network(address, address.IsIPv4 ? Math.Max(0, depth - 96) : depth),
            record > _metadata.NodeCount ? MmdbRecord.Read(CursorAt(record)).ToGeoRecord() : null);
    }

    /// <inheritdoc/>
    public override GeoTable ReadAll()
    {
        var table = new GeoTableBuilder();
        var budget = (4 * (long)_metadata.NodeCount) + 1024;
        Walk(table, _ipv4Root, _ipv4Depth, default, isIPv4: true, ref budget);
        if (_metadata.IPVersion == 6)
        {
            Walk(table, 0, 0, default, isIPv4: false, ref budget);
        }

        return table.Build();
    }

    /// <summary>All networks below a node, in order.</summary>
    /// <param name="budget">Nodes that may be visited: a tree has each once, and a hostile file can be a web with 2^128 ways through it.</param>
    private void Walk(GeoTableBuilder table, uint root, int rootDepth, Address rootAddress, bool isIPv4, ref long budget)
    {
        // Of each node on the way down the right side waits: no deeper than the address is long.
        Span<(uint Record, int Depth, ulong High, ulong Low)> waiting = stackalloc (uint, int, ulong, ulong)[130];
        var count = 0;
        waiting[count++] = (root, rootDepth, rootAddress.High, rootAddress.Low);
        while (count > 0)
        {
            var (record, depth, high, low) = waiting[--count];
            if (record == _metadata.NodeCount)
            {
                continue;
            }

            if (record > _metadata.NodeCount)
            {
                AddTo(table, high, low, depth, isIPv4, KeyAt(record));
                continue;
            }

            // IPv4 again, by the ways that IPv6 has to it: ::/96 itself, ::ffff:0:0/96, 2001::/32, 2002::/16.
            if (!isIPv4 && record == _ipv4Root && depth > 0)
            {
                continue;
            }

            if (--budget < 0)
            {
                throw new GeoFormatException("search tree: nodes are reached by many ways, so that it never ends: the file is damaged");
            }

            if (depth == 128)
            {
                throw new GeoFormatException($"search tree, node {record}: reached behind the last bit of an address: the file is damaged");
            }

            var (rightHigh, rightLow) = depth < 64 ? (high | (1UL << (63 - depth)), low) : (high, low | (1UL << (127 - depth)));
            waiting[count++] = (Child(record, 1), depth + 1, rightHigh, rightLow);
            waiting[count++] = (Child(record, 0), depth + 1, high, low);
        }
    }

    private static void AddTo(GeoTableBuilder table, ulong high, ulong low, int depth, bool isIPv4, GeoKey key)
    {
        if (isIPv4)
        {
            // A record above ::/96 holds all of IPv4.
            table.Add(new Network(Address.FromIPv4((uint)low), Math.Max(0, depth - 96)), key);
            return;
        }

        var first = new Address(high, low);
        if (!first.IsIPv4)
        {
            table.Add(new Network(first, depth), key);
        }
    }

    /// <returns>Where the way of an address through the tree ends: the number of nodes (nothing is known) or more; and behind how many bits.</returns>
    private (uint Record, int Depth) Seek(Address address)
    {
        var (high, low, record, depth) = address.IsIPv4 ? (0UL, (ulong)address.IPv4Bits, _ipv4Root, _ipv4Depth) : (address.High, address.Low, 0U, 0);
        if (!address.IsIPv4 && _metadata.IPVersion == 4)
        {
            return (_metadata.NodeCount, 0);
        }

        while (record < _metadata.NodeCount)
        {
            if (depth == 128)
            {
                throw new GeoFormatException($"search tree, node {record}: reached behind the last bit of an address: the file is damaged");
            }

            var bit = depth < 64 ? high >> (63 - depth) : low >> (127 - depth);
            record = Child(record, (int)(bit & 1));
            depth++;
        }

        return (record, depth);
    }

    private uint Child(uint node, int side)
    {
        // The constructor's check of the tree's size is what makes each of these lie in the file.
        switch (_metadata.RecordBits)
        {
            case 24:
                var three = _file.AsSpan((int)((node * 6L) + (side * 3)), 3);
                return (uint)((three[0] << 16) | (three[1] << 8) | three[2]);
            case 28:
                var seven = _file.AsSpan((int)(node * 7L), 7);
                return side == 0
                    ? ((uint)(seven[3] & 0xf0) << 20) | (uint)((seven[0] << 16) | (seven[1] << 8) | seven[2])
                    : BinaryPrimitives.ReadUInt32BigEndian(seven[3..]) & 0x0fff_ffff;
            default:
                return BinaryPrimitives.ReadUInt32BigEndian(_file.AsSpan((int)((node * 8L) + (side * 4)), 4));
        }
    }

    private GeoKey KeyAt(uint record)
    {
        // An object for each, so that whoever reads one while it is written sees it whole.
        ref var place = ref _keys[(record * 0x9e37_79b1) >> 20];
        if (place is not { } known || known.Record != record)
        {
            known = new RememberedKey(record, MmdbRecord.Read(CursorAt(record)).Key);
            place = known;
        }

        return known.Key;
    }

    private MmdbCursor CursorAt(uint record)
    {
        var at = (long)record - _metadata.NodeCount - Separator;
        return at >= 0 && at < _dataLength
            ? new MmdbCursor(_file.AsSpan(_dataAt, _dataLength), (int)at, "data")
            : throw new GeoFormatException($"search tree: a record at byte {at} of the data, which has {_dataLength}: the file is damaged");
    }

    private sealed record RememberedKey(uint Record, GeoKey Key);
}

using System.Buffers.Binary;
using System.Text;
using Ringfence.Core.Events;

namespace Ringfence.Tests.Geo;

/// <summary>Writes MMDB files for tests and benchmarks, by the MaxMind DB File Format Specification 2.0.</summary>
/// <remarks>A record is what .NET has for it: text, uint, ushort, ulong, int, double, bool, byte[], a dictionary (a map), a list (an array). The same record is written once.</remarks>
internal sealed class MmdbWriter(int recordBits = 28, int ipVersion = 6, bool hasAliases = true)
{
    private const int None = -1;

    // Of each node its two sides: a node's number, None, or the data's as -2 - index.
    private readonly List<(int Left, int Right)> _nodes = [(None, None)];
    private readonly List<object> _records = [];
    private readonly Dictionary<object, int> _known = new(ReferenceEqualityComparer.Instance);

    public string DatabaseType { get; init; } = "Test-Country";

    public DateTimeOffset Built { get; init; } = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Keys and names that were written once are pointed to, as makers' tools do.</summary>
    public bool HasPointers { get; init; } = true;

    /// <summary>Each network after those that it lies in; one must not be inside another that was added later.</summary>
    public void Add(Network network, object record)
    {
        if (!_known.TryGetValue(record, out var data))
        {
            data = _records.Count;
            _records.Add(record);
            _known.Add(record, data);
        }

        var (high, low, length) = network.IsIPv4 && ipVersion == 6 ? (0UL, (ulong)network.First.IPv4Bits, 96 + network.PrefixLength)
            : network.IsIPv4 ? ((ulong)network.First.IPv4Bits << 32, 0UL, network.PrefixLength)
            : (network.First.High, network.First.Low, network.PrefixLength);
        var node = 0;
        for (var depth = 0; ; depth++)
        {
            var isRight = ((depth < 64 ? high >> (63 - depth) : low >> (127 - depth)) & 1) == 1;
            var side = isRight ? _nodes[node].Right : _nodes[node].Left;
            if (depth == length - 1)
            {
                Set(node, isRight, -2 - data);
                return;
            }

            if (side < 0)
            {
                // What was known of the whole is known of both halves.
                _nodes.Add((side, side));
                side = _nodes.Count - 1;
                Set(node, isRight, side);
            }

            node = side;
        }
    }

    public byte[] Write()
    {
        if (ipVersion == 6 && hasAliases)
        {
            Alias();
        }

        using var data = new MemoryStream();
        var texts = HasPointers ? new Dictionary<string, long>(StringComparer.Ordinal) : null;
        var at = _records.ConvertAll(record =>
        {
            var start = data.Length;
            WriteField(data, record, texts);
            return start;
        });
        using var file = new MemoryStream();
        foreach (var (left, right) in _nodes)
        {
            WriteNode(file, Value(left, at), Value(right, at));
        }

        file.Write(new byte[16]);
        data.WriteTo(file);
        file.Write([0xab, 0xcd, 0xef]);
        file.Write("MaxMind.com"u8);
        WriteField(file, new Dictionary<string, object>
        {
            ["binary_format_major_version"] = (ushort)2,
            ["binary_format_minor_version"] = (ushort)0,
            ["build_epoch"] = (ulong)Built.ToUnixTimeSeconds(),
            ["database_type"] = DatabaseType,
            ["description"] = new Dictionary<string, object> { ["en"] = "made up for tests" },
            ["ip_version"] = (ushort)ipVersion,
            ["languages"] = new List<object> { "en" },
            ["node_count"] = (uint)_nodes.Count,
            ["record_size"] = (ushort)recordBits,
        }, null);
        return file.ToArray();
    }

    /// <summary>IPv4 by its other ways through IPv6, as MaxMind's files have them.</summary>
    private void Alias()
    {
        var root = 0;
        for (var depth = 0; depth < 96 && root >= 0; depth++)
        {
            root = _nodes[root].Left;
        }

        if (root < 0)
        {
            return;
        }

        foreach (var (network, length) in new[] { (new Address(0, 0x0000_ffff_0000_0000), 96), (new Address(0x2001_0000_0000_0000, 0), 32), (new Address(0x2002_0000_0000_0000, 0), 16) })
        {
            var node = 0;
            for (var depth = 0; depth < length; depth++)
            {
                var isRight = ((depth < 64 ? network.High >> (63 - depth) : network.Low >> (127 - depth)) & 1) == 1;
                var side = isRight ? _nodes[node].Right : _nodes[node].Left;
                if (depth == length - 1)
                {
                    Set(node, isRight, root);
                }
                else if (side < 0)
                {
                    _nodes.Add((side, side));
                    Set(node, isRight, _nodes.Count - 1);
                    node = _nodes.Count - 1;
                }
                else
                {
                    node = side;
                }
            }
        }
    }

    private void Set(int node, bool isRight, int value) => _nodes[node] = isRight ? (_nodes[node].Left, value) : (value, _nodes[node].Right);

    private uint Value(int side, List<long> at) => side >= 0 ? (uint)side : side == None ? (uint)_nodes.Count : (uint)(_nodes.Count + 16 + at[-2 - side]);

    private void WriteNode(MemoryStream file, uint left, uint right)
    {
        Span<byte> bytes = stackalloc byte[8];
        switch (recordBits)
        {
            case 24:
                BinaryPrimitives.WriteUInt32BigEndian(bytes, left << 8);
                BinaryPrimitives.WriteUInt32BigEndian(bytes[3..], right << 8);
                break;
            case 28:
                BinaryPrimitives.WriteUInt32BigEndian(bytes, left << 8);
                BinaryPrimitives.WriteUInt32BigEndian(bytes[3..], right & 0x0fff_ffff);
                bytes[3] |= (byte)((left >> 24) << 4);
                break;
            default:
                BinaryPrimitives.WriteUInt32BigEndian(bytes, left);
                BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], right);
                break;
        }

        file.Write(bytes[..(recordBits / 4)]);
    }

    private static void WriteField(MemoryStream data, object value, Dictionary<string, long>? texts)
    {
        switch (value)
        {
            case string text when texts is not null && texts.TryGetValue(text, out var at):
                WritePointer(data, at);
                break;
            case string text:
                texts?.Add(text, data.Length);
                var bytes = Encoding.UTF8.GetBytes(text);
                WriteControl(data, 2, bytes.Length);
                data.Write(bytes);
                break;
            case ushort number:
                WriteNumber(data, 5, number);
                break;
            case uint number:
                WriteNumber(data, 6, number);
                break;
            case ulong number:
                WriteNumber(data, 9, number);
                break;
            case int number:
                WriteNumber(data, 8, (uint)number);
                break;
            case double number:
                WriteControl(data, 3, 8);
                Span<byte> eight = stackalloc byte[8];
                BinaryPrimitives.WriteDoubleBigEndian(eight, number);
                data.Write(eight);
                break;
            case bool yes:
                WriteControl(data, 14, yes ? 1 : 0);
                break;
            case byte[] raw:
                WriteControl(data, 4, raw.Length);
                data.Write(raw);
                break;
            case IReadOnlyDictionary<string, object> map:
                WriteControl(data, 7, map.Count);
                foreach (var (key, field) in map)
                {
                    WriteField(data, key, texts);
                    WriteField(data, field, texts);
                }

                break;
            case IReadOnlyList<object> list:
                WriteControl(data, 11, list.Count);
                foreach (var element in list)
                {
                    WriteField(data, element, texts);
                }

                break;
            default:
                throw new ArgumentException($"{value.GetType()} is no type of MMDB", nameof(value));
        }
    }

    private static void WriteNumber(MemoryStream data, int type, ulong number)
    {
        // Leading zeros need not be written: 0 has no byte at all.
        var length = number == 0 ? 0 : (64 - System.Numerics.BitOperations.LeadingZeroCount(number) + 7) / 8;
        WriteControl(data, type, length);
        for (var i = length - 1; i >= 0; i--)
        {
            data.WriteByte((byte)(number >> (8 * i)));
        }
    }

    private static void WriteControl(MemoryStream data, int type, int size)
    {
        var (bits, more) = size switch { < 29 => (size, 0), < 285 => (29, 1), < 65_821 => (30, 2), _ => (31, 3) };
        data.WriteByte((byte)(((type <= 7 ? type : 0) << 5) | bits));
        if (type > 7)
        {
            data.WriteByte((byte)(type - 7));
        }

        var rest = size - more switch { 1 => 29, 2 => 285, 3 => 65_821, _ => size };
        for (var i = more - 1; i >= 0; i--)
        {
            data.WriteByte((byte)(rest >> (8 * i)));
        }
    }

    private static void WritePointer(MemoryStream data, long at)
    {
        var (size, value) = at switch { < 2048 => (0, at), < 526_336 => (1, at - 2048), < 134_744_064 => (2, at - 526_336), _ => (3, at) };
        data.WriteByte((byte)(0x20 | (size << 3) | (size == 3 ? 0 : (int)(value >> (8 * (size + 1))))));
        for (var i = size == 3 ? 3 : size; i >= 0; i--)
        {
            data.WriteByte((byte)(value >> (8 * i)));
        }
    }
}

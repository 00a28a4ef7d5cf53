using System.Buffers.Binary;
using System.Text;

namespace Ringfence.Core.Geo;

/// <summary>A place in the data section of an MMDB file, and how to read on from there: nothing is allocated, nothing outside of the section is read.</summary>
/// <remarks>
/// MaxMind DB File Format Specification 2.0, "Output Data Section". A pointer leads to what the field holds, and never to another pointer. What a
/// hostile file can cost is bounded by <see cref="MostFields"/>: a map of 16 million fields, reached by a pointer from each network, would take days.
/// </remarks>
internal ref struct MmdbCursor
{
    // A record of GeoIP2 City with names in eight languages has some 200, keys counted.
    private const int MostFields = 2_000;

    // Arrays in maps in maps: the widest known (GeoIP2 Enterprise) has 4.
    private const int DeepestNesting = 32;

    private readonly ReadOnlySpan<byte> _data;
    private readonly string _section;
    private int _at;

    // Where to go on once the field that a pointer led to is read; -1: no pointer was followed.
    private int _return = -1;
    private int _fields;

    /// <param name="data">The section; pointers count from its first byte.</param>
    /// <param name="section">"metadata" or "data", for messages.</param>
    public MmdbCursor(ReadOnlySpan<byte> data, int at, string section)
    {
        _data = data;
        _at = at;
        _section = section;
    }

    public enum Kind
    {
        Extended = 0,
        Pointer = 1,
        Text = 2,
        Float64 = 3,
        Bytes = 4,
        UInt16 = 5,
        UInt32 = 6,
        Map = 7,
        Int32 = 8,
        UInt64 = 9,
        UInt128 = 10,
        Array = 11,
        Container = 12,
        EndMarker = 13,
        Boolean = 14,
        Float32 = 15,
    }

    /// <summary>Of the field that comes next, through its pointer.</summary>
    public readonly Kind Next
    {
        get
        {
            var ahead = this;
            return ahead.Begin().Kind;
        }
    }

    /// <summary>Text as a person may see it: what is no UTF-8 or steers a terminal is left to whoever prints it, and it is never long.</summary>
    public static string Words(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text.Length > 200 ? text[..200] : text);

    /// <summary>Reads a map's beginning; as many times a key and its value follow. What stands behind the map is not reached any more: see <see cref="Inside"/>.</summary>
    /// <returns>How many.</returns>
    public int EnterMap()
    {
        var start = _at;
        var (kind, size) = Begin();
        _return = -1;
        return kind == Kind.Map ? size : throw Damaged(start, $"{kind} where a map was expected");
    }

    /// <summary>A cursor for the map that comes next; this one passes over it. <see cref="Leave"/> ends it.</summary>
    public MmdbCursor Inside()
    {
        var inside = this;
        Skip();
        inside._fields = _fields;
        return inside;
    }

    /// <summary>What was read inside counts outside.</summary>
    public void Leave(in MmdbCursor inside) => _fields = inside._fields;

    /// <returns>The bytes of a text.</returns>
    public ReadOnlySpan<byte> ReadText()
    {
        var start = _at;
        var (kind, size) = Begin();
        if (kind != Kind.Text)
        {
            throw Damaged(start, $"{kind} where a text was expected");
        }

        return Take(size);
    }

    /// <returns>A number that is not negative and has at most 64 bits.</returns>
    public ulong ReadNumber()
    {
        var start = _at;
        var (kind, size) = Begin();
        var most = kind switch { Kind.UInt16 => 2, Kind.UInt32 or Kind.Int32 => 4, Kind.UInt64 => 8, _ => 0 };
        if (size > most || most == 0)
        {
            throw Damaged(start, $"{kind} of {size} bytes where a number was expected");
        }

        ulong number = 0;
        foreach (var digit in Take(size))
        {
            number = (number << 8) | digit;
        }

        return kind == Kind.Int32 && size == 4 && number > int.MaxValue ? throw Damaged(start, "a negative number where none can be") : number;
    }

    /// <summary>Passes over one field, whatever it is.</summary>
    public void Skip()
    {
        // What is behind a pointer need not be passed over: the next field stands behind the pointer itself.
        Span<int> left = stackalloc int[DeepestNesting];
        var depth = 0;
        left[0] = 1;
        while (depth >= 0)
        {
            if (left[depth] == 0)
            {
                depth--;
                continue;
            }

            left[depth]--;
            var start = _at;
            var (kind, size) = Control();
            switch (kind)
            {
                case Kind.Pointer:
                    Pointer(size);
                    break;
                case Kind.Map or Kind.Array:
                    if (++depth == DeepestNesting)
                    {
                        throw Damaged(start, $"maps in maps, deeper than {DeepestNesting - 1}");
                    }

                    left[depth] = kind == Kind.Map ? 2 * size : size;
                    break;
                case Kind.Boolean:
                    break;
                case Kind.Container or Kind.EndMarker or Kind.Extended:
                    throw Damaged(start, $"{kind}, which no file holds");
                default:
                    _ = Bytes(size);
                    break;
            }
        }
    }

    /// <summary>Ends a field: behind a pointer that was followed, else where reading stopped.</summary>
    private ReadOnlySpan<byte> Take(int size)
    {
        var bytes = Bytes(size);
        if (_return >= 0)
        {
            _at = _return;
            _return = -1;
        }

        return bytes;
    }

    /// <summary>Kind and size of the field that comes next, through its pointer.</summary>
    private (Kind Kind, int Size) Begin()
    {
        var start = _at;
        var (kind, size) = Control();
        if (kind != Kind.Pointer)
        {
            return (kind, size);
        }

        var target = Pointer(size);
        if (target >= _data.Length)
        {
            throw Damaged(start, $"a pointer to {target}, behind the end at {_data.Length}");
        }

        _return = _at;
        _at = (int)target;
        (kind, size) = Control();
        return kind == Kind.Pointer ? throw Damaged(start, "a pointer to a pointer") : (kind, size);
    }

    private (Kind Kind, int Size) Control()
    {
        if (++_fields > MostFields)
        {
            throw Damaged(_at, $"one record of more than {MostFields} fields");
        }

        var control = Byte();
        var kind = (Kind)(control >> 5);
        if (kind == Kind.Pointer)
        {
            // The five bits are a pointer's own.
            return (kind, control & 0x1f);
        }

        if (kind == Kind.Extended)
        {
            var extended = Byte();
            kind = extended is >= 1 and <= 8 ? (Kind)(extended + 7) : throw Damaged(_at - 1, $"type {extended + 7}, which the format has not");
        }

        var size = control & 0x1f;
        return (kind, size switch
        {
            < 29 => size,
            29 => 29 + Byte(),
            30 => 285 + BinaryPrimitives.ReadUInt16BigEndian(Bytes(2)),
            _ => 65_821 + BigEndian(Bytes(3)),
        });
    }

    private long Pointer(int bits)
    {
        // Two bits say how many bytes follow, three are the highest of the value (but not of the longest).
        var high = bits & 7;
        return (bits >> 3) switch
        {
            0 => (high << 8) | Byte(),
            1 => 2048 + ((high << 16) | BinaryPrimitives.ReadUInt16BigEndian(Bytes(2))),
            2 => 526_336 + ((high << 24) | BigEndian(Bytes(3))),
            _ => BinaryPrimitives.ReadUInt32BigEndian(Bytes(4)),
        };
    }

    private static int BigEndian(ReadOnlySpan<byte> three) => (three[0] << 16) | (three[1] << 8) | three[2];

    private byte Byte() => (uint)_at < (uint)_data.Length ? _data[_at++] : throw Damaged(_at, "the end, inside of a record");

    private ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > _data.Length - _at)
        {
            throw Damaged(_at, $"a field of {count} bytes, and the section ends at {_data.Length}");
        }

        var bytes = _data.Slice(_at, count);
        _at += count;
        return bytes;
    }

    private readonly GeoFormatException Damaged(int at, string found) => new($"{_section}, byte {at}: {found}: the file is damaged");
}

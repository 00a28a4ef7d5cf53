using System.Buffers.Binary;
using Ringfence.Bench.Logs;

namespace Ringfence.Bench.Fuzzing;

/// <summary>Damages samples as an attacker would: bits, bytes, numbers at their edges, pieces out, in, twice, of another sample.</summary>
internal sealed class Mutator(ulong seed, IReadOnlyList<byte[]> samples)
{
    private const int Longest = 8_192;

    private static readonly uint[] Edges = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];
    private static readonly byte[][] Words =
    [
        .. new[] { "\r\n", "\n", "\r", "\r\n\r\n", " ", "\t", "\"", "\\", "\\\"", "=", ",", ";", ":", "&", "<", ">", "%", "%0a", "(", ")", "\0", "\u00ff", "\u001b[0m", "SIP/2.0", "branch=", "nonce=\"", "Content-Length: 99999999999", "{", "}", "\\u0000", "Event: ", "RemoteAddress=\"" }
            .Select(System.Text.Encoding.Latin1.GetBytes),
    ];

    private readonly SplitMix _random = new(seed);
    private readonly byte[] _bytes = new byte[Longest + 512];
    private int _length;

    /// <returns>Valid until the next call.</returns>
    public ReadOnlySpan<byte> Next()
    {
        Set(samples[_random.Below(samples.Count)]);

        // One in sixteen is a sample as it is cut somewhere; most have a few damages, some many.
        for (var change = _random.Below(16) == 0 ? 0 : 1 << _random.Below(5); change > 0; change--)
        {
            Change();
        }

        _length = _random.Below(16) == 0 ? _random.Below(_length + 1) : _length;
        return _bytes.AsSpan(0, _length);
    }

    private void Set(ReadOnlySpan<byte> sample)
    {
        _length = Math.Min(sample.Length, Longest);
        sample[.._length].CopyTo(_bytes);
    }

    private void Change()
    {
        if (_length == 0)
        {
            Insert(0, Words[_random.Below(Words.Length)]);
            return;
        }

        var at = _random.Below(_length);
        switch (_random.Below(9))
        {
            case 0:
                _bytes[at] ^= (byte)(1 << _random.Below(8));
                break;
            case 1:
                _bytes[at] = (byte)_random.Below(256);
                break;
            case 2 when _length - at >= 2:
                BinaryPrimitives.WriteUInt16BigEndian(_bytes.AsSpan(at), (ushort)Edges[_random.Below(Edges.Length)]);
                break;
            case 3 when _length - at >= 4:
                var edge = Edges[_random.Below(Edges.Length)];
                BinaryPrimitives.WriteUInt32BigEndian(_bytes.AsSpan(at), _random.Below(2) == 0 ? edge : BinaryPrimitives.ReverseEndianness(edge));
                break;
            case 4:
                Remove(at, 1 + _random.Below(_random.Below(2) == 0 ? 4 : 64));
                break;
            case 5:
                var from = _random.Below(_length);
                Insert(at, _bytes.AsSpan(from, Math.Min(_length - from, 1 + _random.Below(64))).ToArray());
                break;
            case 6:
                var other = samples[_random.Below(samples.Count)];
                var part = _random.Below(other.Length + 1);
                Insert(at, other.AsSpan(part, Math.Min(other.Length - part, _random.Below(128))));
                break;
            default:
                Insert(at, Words[_random.Below(Words.Length)]);
                break;
        }
    }

    private void Remove(int at, int count)
    {
        count = Math.Min(count, _length - at);
        _bytes.AsSpan(at + count, _length - at - count).CopyTo(_bytes.AsSpan(at));
        _length -= count;
    }

    private void Insert(int at, ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > Longest)
        {
            return;
        }

        _bytes.AsSpan(at, _length - at).CopyTo(_bytes.AsSpan(at + bytes.Length));
        bytes.CopyTo(_bytes.AsSpan(at));
        _length += bytes.Length;
    }
}

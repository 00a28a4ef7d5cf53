using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Ringfence.Core.Events;

namespace Ringfence.Core.Knock;

/// <summary>What a form of ours has in it and nobody else can write: so that no other site's page sends one in a visitor's name. No cookie, and nothing is remembered.</summary>
/// <param name="key">Of this process.</param>
internal sealed class PageToken(byte[] key)
{
    public static readonly TimeSpan Lasts = TimeSpan.FromMinutes(15);

    private const int TimeBytes = 8;
    private const int MacBytes = 16;

    public string For(Address source, DateTimeOffset now)
    {
        Span<byte> token = stackalloc byte[TimeBytes + MacBytes];
        BinaryPrimitives.WriteInt64BigEndian(token, now.ToUnixTimeMilliseconds());
        Mac(token[..TimeBytes], source).CopyTo(token[TimeBytes..]);
        return Base64Url.EncodeToString(token);
    }

    public bool Fits(string text, Address source, DateTimeOffset now)
    {
        Span<byte> token = stackalloc byte[TimeBytes + MacBytes];
        if (text.Length != Base64Url.GetEncodedLength(token.Length) || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, token, out var written) || written != token.Length
            || !CryptographicOperations.FixedTimeEquals(Mac(token[..TimeBytes], source), token[TimeBytes..]))
        {
            return false;
        }

        var age = now.ToUnixTimeMilliseconds() - BinaryPrimitives.ReadInt64BigEndian(token);
        return age >= 0 && age <= Lasts.TotalMilliseconds;
    }

    private ReadOnlySpan<byte> Mac(ReadOnlySpan<byte> time, Address source)
    {
        Span<byte> data = stackalloc byte[TimeBytes + 16];
        time.CopyTo(data);
        BinaryPrimitives.WriteUInt64BigEndian(data[TimeBytes..], source.High);
        BinaryPrimitives.WriteUInt64BigEndian(data[(TimeBytes + 8)..], source.Low);
        return HMACSHA256.HashData(key, data).AsSpan(0, MacBytes);
    }
}

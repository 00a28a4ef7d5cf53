using System.Buffers.Text;

namespace Ringfence.Core.Pbx;

/// <summary>Blocks of a PEM file (RFC 7468), in one pass.</summary>
/// <remarks>PemEncoding looks for each beginning's end as far as the file goes: a megabyte of beginnings took it two seconds.</remarks>
internal static class Pem
{
    private static ReadOnlySpan<byte> Begin => "-----BEGIN "u8;

    private static ReadOnlySpan<byte> Dashes => "-----"u8;

    /// <param name="kind">What its label ends with: "CERTIFICATE"; "PRIVATE KEY", which an "EC PRIVATE KEY" is too.</param>
    /// <returns>null: there is none that is whole.</returns>
    public static (string Label, byte[] Content)? First(ReadOnlySpan<byte> pem, string kind)
    {
        while (pem.IndexOf(Begin) is >= 0 and var begin)
        {
            pem = pem[(begin + Begin.Length)..];
            var closes = pem.IndexOf(Dashes);
            if (closes < 0)
            {
                return null;
            }

            var label = pem[..closes];
            pem = pem[(closes + Dashes.Length)..];
            var ends = pem.IndexOf(Dashes);
            if (ends < 0)
            {
                return null;
            }

            var name = System.Text.Encoding.Latin1.GetString(label);
            var content = pem[..ends];
            pem = pem[ends..];
            if ((name == kind || name.EndsWith(" " + kind, StringComparison.Ordinal)) && pem.StartsWith(System.Text.Encoding.Latin1.GetBytes($"-----END {name}-----")) && Decoded(content) is { } decoded)
            {
                return (name, decoded);
            }
        }

        return null;
    }

    private static byte[]? Decoded(ReadOnlySpan<byte> content)
    {
        if (!Base64.IsValid(content, out var length))
        {
            return null;
        }

        var decoded = new byte[length];
        return Base64.DecodeFromUtf8(content, decoded, out _, out var written) == System.Buffers.OperationStatus.Done && written == length ? decoded : null;
    }
}

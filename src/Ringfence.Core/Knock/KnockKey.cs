using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Ringfence.Core.Knock;

/// <summary>One user's shared secret, and the keys that are made of it.</summary>
internal sealed class KnockKey
{
    /// <summary>Of a secret: 256 bits, drawn and never typed up by a person, so that nobody finds it by trying.</summary>
    public const int SecretBytes = 32;

    private readonly byte[] _secret;

    /// <param name="user">As [knock NAME] names him.</param>
    /// <param name="secret"><see cref="SecretBytes"/> of them.</param>
    public KnockKey(string user, ReadOnlySpan<byte> secret)
    {
        if (secret.Length != SecretBytes)
        {
            throw new ArgumentException($"{secret.Length} bytes: expected {SecretBytes}", nameof(secret));
        }

        User = user;
        _secret = secret.ToArray();

        // HKDF (RFC 5869): one key for each use, so that what one does says nothing of the others.
        Content = Derive("ringfence knock 1 content");
        Whole = Derive("ringfence knock 1 whole");
        Sender = Derive("ringfence knock 1 sender");
    }

    public string User { get; }

    /// <summary>Encrypts and authenticates what is asked for.</summary>
    public ReadOnlySpan<byte> ContentKey => Content;

    /// <summary>Vouches for the packet before anything is decrypted.</summary>
    public ReadOnlySpan<byte> WholeKey => Whole;

    /// <summary>Makes the number by which the receiver knows whose keys to try.</summary>
    public ReadOnlySpan<byte> SenderKey => Sender;

    private byte[] Content { get; }

    private byte[] Whole { get; }

    private byte[] Sender { get; }

    /// <summary>The secret as text, for ringfence.conf.</summary>
    public string SecretText => Base64Url.EncodeToString(_secret);

    /// <summary>The file of the client: one line.</summary>
    public string FileText => $"ringfence-knock 1 {User} {SecretText}\n";

    /// <returns>The secret of <see cref="SecretText"/>; null: it is none.</returns>
    public static byte[]? ParseSecret(string text)
    {
        var secret = new byte[SecretBytes];
        return text.Length == Base64Url.GetEncodedLength(SecretBytes) && Base64Url.IsValid(text) && Base64Url.TryDecodeFromChars(text, secret, out var written) && written == SecretBytes ? secret : null;
    }

    /// <returns>The key of a file of <see cref="FileText"/>; null: it is none.</returns>
    public static KnockKey? ParseFile(string text) =>
        text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is ["ringfence-knock", "1", { Length: > 0 and <= 40 } user, var secret] && ParseSecret(secret) is { } bytes
            ? new KnockKey(user, bytes)
            : null;

    private byte[] Derive(string use) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, 32, [], Encoding.ASCII.GetBytes(use));
}

using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>Cuts the stream of the manager interface into messages: each ends with an empty line.</summary>
/// <remarks>
/// Asterisk writes values as they are, and PJSIP decodes %0d%0a in an account name: the empty line may be the sender's. Of PJSIP such text is at
/// most 36 bytes, and what Asterisk writes behind it is longer and holds no line end. So the message ends with the first empty line behind these 36
/// bytes: an account that holds an event, whole or not, is what it is, text in a value.
/// </remarks>
internal static class AmiFrame
{
    /// <summary>A longer message is none that Asterisk writes: a Call-ID is at most as long as a packet (PJSIP_MAX_PKT_LEN is 65535).</summary>
    public const int Longest = 80 * 1024;

    /// <summary>Behind every line, and twice behind the last.</summary>
    public static ReadOnlySpan<byte> End => "\r\n\r\n"u8;

    /// <returns>Length of the first message, its empty line included; 0: it is not all there yet.</returns>
    public static int LengthOf(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf(End);
        if (end < 0)
        {
            return 0;
        }

        var opening = AmiOpening.Read(bytes[..(end + 2)]);
        var account = opening.Length + AccountName.Length;
        if (opening.IsValid && opening.Service == Service.Pjsip && bytes[opening.Length..].StartsWith(AccountName) && end < account + SecurityRecord.LongestPjsipAccount)
        {
            // The bytes behind the 36 may not be there yet; then neither is the end.
            var from = account + SecurityRecord.LongestPjsipAccount;
            end = from >= bytes.Length ? -1 : bytes[from..].IndexOf(End);
            return end < 0 ? 0 : from + end + End.Length;
        }

        return end + End.Length;
    }

    public static ReadOnlySpan<byte> AccountName => "AccountID: "u8;
}

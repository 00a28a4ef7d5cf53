namespace Ringfence.Core.Parsing;

/// <summary>The answer to an action of the manager interface: "Response: Success", "ActionID: ...", and what it says.</summary>
internal static class AmiAnswer
{
    /// <param name="message">A whole message without its empty line.</param>
    /// <param name="actionId">Random, so that nobody's text can pass for the answer.</param>
    public static bool IsTo(ReadOnlySpan<byte> message, string actionId) =>
        message.StartsWith("Response: "u8) && System.Text.Ascii.Equals(Header(message, "ActionID: "u8), actionId);

    public static bool IsSuccess(ReadOnlySpan<byte> message) => Header(message, "Response: "u8).SequenceEqual("Success"u8);

    /// <param name="name">With its colon and blank: "Challenge: ".</param>
    /// <returns>The first one's value; empty: there is none.</returns>
    public static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> message, ReadOnlySpan<byte> name)
    {
        while (!message.IsEmpty)
        {
            var end = message.IndexOf("\r\n"u8);
            var line = end < 0 ? message : message[..end];
            if (line.StartsWith(name))
            {
                return line[name.Length..];
            }

            message = end < 0 ? default : message[(end + 2)..];
        }

        return default;
    }
}

using System.Text;

namespace Ringfence.Tests.Corpus;

/// <summary>A SIP message of a program, out of Corpus/sip: a line "### EXPECTED | WHO" and the message behind it, with the line ends of the wire.</summary>
/// <param name="Expected">How the fingerprint's tool is called; empty: none.</param>
internal sealed record SipSample(string Expected, string Who, byte[] Message)
{
    public static IReadOnlyList<SipSample> Read(string file) =>
        [.. CorpusFiles.Sip(file).Split("### ").Skip(1).Select(Of)];

    private static SipSample Of(string text)
    {
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var head = text[..end].Split('|', 2, StringSplitOptions.TrimEntries);
        var body = text[(end + 1)..].TrimEnd('\n');
        var message = body.Contains("\n\n", StringComparison.Ordinal) ? body + "\n" : body + "\n\n";
        return new SipSample(head[0], head[1], Encoding.Latin1.GetBytes(message.Replace("\n", "\r\n", StringComparison.Ordinal)));
    }
}

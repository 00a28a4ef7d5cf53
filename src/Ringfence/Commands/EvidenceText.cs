namespace Ringfence.Commands;

/// <summary>A record of evidence for people: a SIP message is one line of several hundred characters, of which a few headers say who and what.</summary>
internal static class EvidenceText
{
    // As SafeText writes the end of a line. Who writes these eight characters into a header himself gets a line of his own, which says nothing more than the header would.
    private const string LineEnd = @"\x0d\x0a";

    // RFC 3261 section 7.3.3: some have a short form.
    private static readonly string[] Telling = ["From", "f", "To", "t", "Contact", "m", "User-Agent", "Authorization", "Proxy-Authorization", "Call-ID", "i", "CSeq"];

    /// <returns>The record's lines, of a SIP message the first and those that tell; at least one.</returns>
    public static IReadOnlyList<string> LinesOf(string text)
    {
        if (!text.Contains(LineEnd, StringComparison.Ordinal))
        {
            return [text];
        }

        var lines = text.Split(LineEnd);
        var headers = lines.Skip(1).TakeWhile(line => line.Length > 0).ToList();
        List<string> shown = [lines[0], .. headers.Where(IsTelling).Select(line => $"  {line}")];
        var left = headers.Count - (shown.Count - 1);
        return left == 0 ? shown : [.. shown, $"  ({left} more, with --json)"];
    }

    private static bool IsTelling(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && Telling.Contains(line[..colon].TrimEnd(' '), StringComparer.OrdinalIgnoreCase);
    }
}

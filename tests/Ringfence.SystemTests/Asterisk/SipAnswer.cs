namespace Ringfence.SystemTests.Asterisk;

/// <summary>What the PBX sent back.</summary>
/// <param name="Status">Of the status line; 0 for a request (a BYE).</param>
internal sealed record SipAnswer(int Status, string Text)
{
    public static SipAnswer Parse(string text)
        => new(text.StartsWith("SIP/2.0 ", StringComparison.Ordinal) ? int.Parse(text.AsSpan(8, 3)) : 0, text);

    /// <returns>The first header of this name; empty if there is none.</returns>
    public string Header(string name)
    {
        var prefix = name + ":";
        var line = Text.Split("\r\n").FirstOrDefault(line => line.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
        return line is null ? "" : line[prefix.Length..].Trim();
    }

    /// <returns>A parameter of a header, without its quotes: the nonce of WWW-Authenticate, the tag of To.</returns>
    public string Parameter(string header, string parameter)
    {
        var value = Header(header);
        var at = value.IndexOf(parameter + "=", StringComparison.Ordinal);
        return at < 0 ? "" : value[(at + parameter.Length + 1)..].Split(',', ';')[0].Trim('"', ' ');
    }
}

namespace Ringfence.Core.Dialplan;

/// <summary>One of the channels that Dial calls: <c>PJSIP/${EXTEN:1}@trunk</c></summary>
/// <param name="Technology">null: it is not fixed.</param>
/// <param name="Resource">The endpoint or peer; null: it is not fixed.</param>
/// <param name="Number">What is sent to it, or for Local the extension.</param>
/// <remarks>channels/chan_pjsip.c, chan_iax2.c, main/core_local.c of Asterisk 22.</remarks>
internal sealed record DialTarget(string? Technology, SymbolicText Rest, SymbolicText? Resource, SymbolicText Number)
{
    public static DialTarget Parse(SymbolicText text)
    {
        var (technology, rest) = Cut(text, '/');
        if (technology.Constant is not { } known || rest is null)
        {
            return new DialTarget(null, text, null, SymbolicText.Nothing);
        }

        var (first, behind) = Cut(rest, '/');
        var (user, host) = Cut(first, '@');
        return known.ToUpperInvariant() switch
        {
            // exten@context/options
            "LOCAL" => new DialTarget("Local", rest, (host is null or ConstantText { Value: "" }) ? new ConstantText("default") : host, user),
            "PJSIP" => new DialTarget("PJSIP", rest, host ?? first, host is not null ? user : behind is null ? SymbolicText.Nothing : UserOfUri(behind)),
            // user:secret@peer:port/exten@context
            "IAX2" => new DialTarget("IAX2", rest, Cut(host ?? first, ':').First, behind is null ? SymbolicText.Nothing : Cut(behind, '@').First),
            // number:secret@peer/number
            "SIP" => new DialTarget("SIP", rest, host ?? first, host is not null ? Cut(user, ':').First : behind ?? SymbolicText.Nothing),
            _ => new DialTarget(known, rest, first, behind ?? SymbolicText.Nothing),
        };
    }

    /// <summary>The first place where a character stands that the dialplan itself wrote.</summary>
    public static (SymbolicText First, SymbolicText? Behind) Cut(SymbolicText text, char at)
    {
        var parts = text is JoinedText joined ? joined.Parts : [text];
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Constant is { } constant && constant.IndexOf(at, StringComparison.Ordinal) is >= 0 and var found)
            {
                return (SymbolicText.Join([.. parts[..i], new ConstantText(constant[..found])]), SymbolicText.Join([new ConstantText(constant[(found + 1)..]), .. parts[(i + 1)..]]));
            }
        }

        return (text, null);
    }

    public static IReadOnlyList<SymbolicText> Split(SymbolicText text, char at)
    {
        var parts = new List<SymbolicText>();
        var rest = (SymbolicText?)text;
        while (rest is not null)
        {
            var (first, behind) = Cut(rest, at);
            parts.Add(first);
            rest = behind;
        }

        return parts;
    }

    // sip:number@host
    private static SymbolicText UserOfUri(SymbolicText uri)
    {
        var (scheme, behind) = Cut(uri, ':');
        return Cut(Cut(scheme.Constant is "sip" or "sips" or "tel" && behind is not null ? behind : uri, '@').First, ':').First;
    }
}

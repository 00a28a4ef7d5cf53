namespace Ringfence.Core.Outer;

/// <summary>How a device is told something: by a program, or by HTTP.</summary>
internal abstract record OuterAction
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

    /// <summary>All that the operator wrote, where places for the ban may be.</summary>
    public abstract string Text { get; }

    /// <returns>null: it is neither an absolute path with arguments nor METHOD URL BODY.</returns>
    public static OuterAction? Parse(string text) => text switch
    {
        _ when text.StartsWith('/') => new OuterProgram(text.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
        _ when text.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var method, var url, .. var body] && Methods.Contains(method) && IsUrl(url)
            => new OuterRequest(method, url, body is [var content] ? content : null),
        _ => null,
    };

    // Who is asked is the operator's word alone: no place for a ban before the path.
    private static bool IsUrl(string url)
    {
        var server = url.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = server < 3 ? -1 : url.AsSpan(server).IndexOfAny('/', '?', '#');
        return url.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && !url.Contains('\\', StringComparison.Ordinal) && end > 0 && url.AsSpan(server, end).IndexOfAny("<>@%") < 0
            && Uri.TryCreate(url[..(server + end)], UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" && parsed.Host.Length > 0;
    }
}

/// <summary>A program with its arguments; no shell ever sees them.</summary>
internal sealed record OuterProgram(IReadOnlyList<string> Words) : OuterAction
{
    public override string Text => string.Join(' ', Words);
}

/// <param name="Url">Its places are filled in with what URLs take.</param>
/// <param name="Body">null: none.</param>
internal sealed record OuterRequest(string Method, string Url, string? Body) : OuterAction
{
    public override string Text => Body is null ? Url : $"{Url} {Body}";

    public Uri Server => new(new Uri(Url[..Url.IndexOfAny(['/', '?', '#'], Url.IndexOf("://", StringComparison.Ordinal) + 3)]).GetLeftPart(UriPartial.Authority));
}

using System.Buffers;
using System.Globalization;
using System.Text;

namespace Ringfence.Core.Sip;

/// <summary>What a text of a request looks like: characters as they are, <c>{hex 8}</c> for eight of a kind, <c>*</c> for any, also none.</summary>
/// <remarks>
/// Matched from left to right without ever going back, so in time linear in the text: what could be read in two ways is no pattern, and its writer is told.
/// Allocates nothing; benchmark: FingerprintTests, A_phone_is_thrown_out_within_nanoseconds.
/// </remarks>
internal sealed class FingerprintPattern
{
    private const int MostCharacters = 256;
    private const int MostOfAKind = 1024;

    private static readonly (string Name, SearchValues<byte> Bytes)[] Kinds =
    [
        ("digits", SearchValues.Create("0123456789"u8)),
        ("hex", SearchValues.Create("0123456789abcdef"u8)),
        ("HEX", SearchValues.Create("0123456789ABCDEF"u8)),
        ("base36", SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz"u8)),
        ("alnum", SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8)),
    ];

    private readonly Piece[] _pieces;
    private readonly bool _inAnyCase;

    private FingerprintPattern(Piece[] pieces, bool inAnyCase)
    {
        _pieces = pieces;
        _inAnyCase = inAnyCase;
    }

    /// <summary>The characters that every such text begins with; of a pattern in any case in lower case.</summary>
    /// <summary>"text*", and nothing else.</summary>
    public bool IsBeginning => _pieces is [{ Text: not null }, { IsAny: true }];

    public ReadOnlySpan<byte> Beginning => _pieces is [{ Text: { } text }, ..] ? text : default;

    /// <summary>Every text is such a text.</summary>
    public bool IsAnything => _pieces is [{ IsAny: true }];

    /// <param name="inAnyCase">Letters are the same in either case; then "*" may stand at the end alone.</param>
    /// <returns>The pattern; or what was expected in place of the text.</returns>
    public static (FingerprintPattern? Pattern, string? Expected) Parse(string text, bool inAnyCase)
    {
        if (text.Length is 0 or > MostCharacters || text.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0)
        {
            return (null, $"1 to {MostCharacters} printable ASCII characters");
        }

        var pieces = new List<Piece>();
        for (var at = 0; at < text.Length;)
        {
            var (piece, length, expected) = Next(text.AsSpan(at), inAnyCase);
            expected ??= pieces is [.., var before] ? Ambiguity(before, piece!) : null;
            if (expected is not null)
            {
                return (null, expected);
            }

            pieces.Add(piece!);
            at += length;
        }

        return inAnyCase && pieces.SkipLast(1).Any(piece => piece.IsAny)
            ? (null, "\"*\" at the end alone")
            : (new FingerprintPattern([.. pieces], inAnyCase), null);
    }

    /// <returns>Whether all of a text is as the pattern says.</returns>
    public bool Matches(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < _pieces.Length; i++)
        {
            var piece = _pieces[i];
            if (piece.Text is { } literal)
            {
                if (!Begins(text, literal))
                {
                    return false;
                }

                text = text[literal.Length..];
            }
            else if (piece.Bytes is { } bytes)
            {
                var run = text.IndexOfAnyExcept(bytes);
                run = run < 0 ? text.Length : run;
                run = piece.Least == piece.Most ? Math.Min(run, piece.Most) : run;
                if (run < piece.Least || run > piece.Most)
                {
                    return false;
                }

                text = text[run..];
            }
            else if (i + 1 == _pieces.Length)
            {
                return true;
            }
            else
            {
                // Up to where the text behind it first stands; at the end, where it stands last.
                var behind = _pieces[i + 1].Text!;
                var found = i + 2 == _pieces.Length ? (text.EndsWith(behind) ? text.Length - behind.Length : -1) : text.IndexOf(behind);
                if (found < 0)
                {
                    return false;
                }

                text = text[found..];
            }
        }

        return text.IsEmpty;
    }

    /// <returns>Whether some text that begins so is as the pattern says.</returns>
    public bool CanBegin(ReadOnlySpan<byte> text)
    {
        foreach (var piece in _pieces)
        {
            if (text.IsEmpty || piece.IsAny)
            {
                return true;
            }

            if (piece.Text is { } literal)
            {
                var length = Math.Min(text.Length, literal.Length);
                if (!Begins(text[..length], literal[..length]))
                {
                    return false;
                }

                text = text[length..];
                continue;
            }

            var run = text.IndexOfAnyExcept(piece.Bytes!);
            if (run < 0 && text.Length <= piece.Most)
            {
                return true;
            }

            run = Math.Min(run < 0 ? text.Length : run, piece.Most);
            if (run < piece.Least)
            {
                return false;
            }

            text = text[run..];
        }

        return text.IsEmpty;
    }

    private bool Begins(ReadOnlySpan<byte> text, byte[] literal) =>
        _inAnyCase ? text.Length >= literal.Length && Ascii.EqualsIgnoreCase(text[..literal.Length], literal) : text.StartsWith(literal);

    private static (Piece? Piece, int Length, string? Expected) Next(ReadOnlySpan<char> text, bool inAnyCase)
    {
        if (text[0] == '*')
        {
            return (new Piece { IsAny = true }, 1, null);
        }

        if (text[0] != '{')
        {
            var end = text.IndexOfAny('*', '{');
            var literal = (end < 0 ? text : text[..end]).ToString();
            return literal.Contains('}') ? (null, 0, "a \"{\" before each \"}\"") : (new Piece { Text = Encoding.ASCII.GetBytes(inAnyCase ? literal.ToLowerInvariant() : literal) }, literal.Length, null);
        }

        var close = text.IndexOf('}');
        if (close < 0)
        {
            return (null, 0, "a \"}\" behind each \"{\"");
        }

        var inside = text[1..close].ToString().Split(' ', 2, StringSplitOptions.TrimEntries);
        var kind = Kinds.FirstOrDefault(known => known.Name == inside[0]).Bytes;
        if (kind is null)
        {
            return (null, 0, $"one of {string.Join(", ", Kinds.Select(known => $"{{{known.Name}}}"))}");
        }

        return Range(inside.Length == 1 ? "1-" : inside[1]) is { } range
            ? (new Piece { Bytes = kind, Least = range.Least, Most = range.Most }, close + 1, null)
            : (null, 0, $"how many of a kind as in {{{inside[0]} 8}}, {{{inside[0]} 6-10}} or {{{inside[0]} 6-}}, at most {MostOfAKind}");
    }

    private static (int Least, int Most)? Range(string text)
    {
        var hyphen = text.IndexOf('-');
        var least = Number(hyphen < 0 ? text : text[..hyphen]);
        var most = hyphen < 0 ? least : hyphen == text.Length - 1 ? MostOfAKind : Number(text[(hyphen + 1)..]);
        return least is > 0 and <= MostOfAKind && most >= least && most <= MostOfAKind ? (least, most) : null;
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    // Where one piece ends must be plain from the text alone.
    private static string? Ambiguity(Piece before, Piece piece)
    {
        if (before.IsAny)
        {
            return piece.Text is null ? "characters as they are behind \"*\"" : null;
        }

        if (before.Bytes is not { } bytes || before.Least == before.Most)
        {
            return null;
        }

        var canGoOn = piece.Text is { } text ? bytes.Contains(text[0]) : piece.Bytes is not null;
        return canGoOn ? "something behind a kind of any length that is not of that kind" : null;
    }

    private sealed record Piece
    {
        public byte[]? Text { get; init; }

        public SearchValues<byte>? Bytes { get; init; }

        public int Least { get; init; }

        public int Most { get; init; }

        public bool IsAny { get; init; }
    }
}

using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>What a pattern found in a line.</summary>
/// <param name="Source">null: the line does not match.</param>
/// <param name="IsAmbiguous">It can be read as naming one address or another: then somebody's own text is in it, and nobody is named.</param>
internal readonly record struct PatternMatch(Address? Source, bool IsAmbiguous, int UserStart, int UserLength);

/// <summary>A pattern of the operator: one line, one address.</summary>
/// <remarks>
/// All readings of a line are looked at, not the first that a search would find: where two name different addresses the line bans neither. And a pattern in which
/// free text may stand on both sides of the address is refused when it is read, for whoever writes that text could
/// write the address as well. Time is linear in the line, so no line is too hard.
/// </remarks>
internal sealed class LinePattern
{
    private const int LongestText = 33_000;

    private readonly PatternMachine _before;
    private readonly PatternMachine? _after;
    private readonly PatternMachine? _toUser;
    private readonly PatternMachine? _fromUser;
    private readonly bool _userIsBefore;
    private readonly bool[] _starts = new bool[LongestText + 1];
    private readonly bool[] _ends = new bool[LongestText + 1];

    private LinePattern(string text, IReadOnlyList<PatternNode> pieces)
    {
        Text = text;
        var host = Index(pieces, 0, piece => piece is PatternNode.Host);
        var startsAtStart = pieces.Count > 0 && pieces[0] is PatternNode.Edge { IsStart: true };
        var endsAtEnd = pieces.Count > 0 && pieces[^1] is PatternNode.Edge { IsStart: false };
        List<PatternNode> left = [.. pieces.Skip(startsAtStart ? 1 : 0).Take((host < 0 ? pieces.Count - (endsAtEnd ? 1 : 0) : host) - (startsAtStart ? 1 : 0))];
        _before = new PatternMachine(left, isBackward: false, startsAtStart);
        if (host < 0)
        {
            IsEndAnchored = endsAtEnd;
            return;
        }

        List<PatternNode> right = [.. pieces.Skip(host + 1).Take(pieces.Count - host - 1 - (endsAtEnd ? 1 : 0))];
        _after = new PatternMachine(right, isBackward: true, endsAtEnd);
        var user = Index(left, 0, piece => piece is PatternNode.User);
        _userIsBefore = user >= 0;
        var side = _userIsBefore ? left : right;
        user = _userIsBefore ? user : Index(right, 0, piece => piece is PatternNode.User);
        if (user >= 0)
        {
            _toUser = new PatternMachine([.. side.Take(user)], isBackward: false, !_userIsBefore || startsAtStart);
            _fromUser = new PatternMachine([.. side.Skip(user + 1)], isBackward: true, _userIsBefore || endsAtEnd);
        }
    }

    /// <summary>As written.</summary>
    public string Text { get; }

    private bool IsEndAnchored { get; }

    /// <param name="needsHost">false: for lines that are to be passed over.</param>
    /// <returns>The pattern, or what is wrong with it.</returns>
    public static (LinePattern? Pattern, string? Wrong) Read(string text, bool needsHost = true)
    {
        var (pieces, wrong) = PatternSyntax.Read(text);
        if (pieces is null)
        {
            return (null, wrong);
        }

        var hosts = pieces.Count(piece => piece is PatternNode.Host);
        if (hosts != (needsHost ? 1 : 0) || pieces.Any(piece => Inner(piece, inner => inner is PatternNode.Host)))
        {
            return (null, needsHost ? "expected <HOST> once, outside of ( ) and |" : "expected no <HOST>");
        }

        for (var i = 0; i < pieces.Count; i++)
        {
            if (pieces[i] is PatternNode.Edge { IsStart: var isStart } && i != (isStart ? 0 : pieces.Count - 1))
            {
                return (null, "expected ^ at the beginning and $ at the end only");
            }
        }

        if (pieces.Any(piece => Inner(piece, inner => inner is PatternNode.Edge or PatternNode.User)))
        {
            return (null, "expected ^, $ and <USER> outside of ( ) and |");
        }

        if (pieces.Count(piece => piece is PatternNode.User) > 1)
        {
            return (null, "expected <USER> at most once");
        }

        if (pieces.Sum(piece => (long)piece.Size) > PatternMachine.MostStates - 10)
        {
            return (null, "it is too large: expected fewer or smaller {n,m}");
        }

        return needsHost && !IsTied(pieces)
            ? (null, "the address may stand in somebody's own text: expected nothing that holds free text (.*, <USER>, [^x]*) between <HOST> and ^ at the beginning, or between <HOST> and $ at the end")
            : (new LinePattern(text, pieces), null);
    }

    /// <param name="text">The line behind its date, or the message behind a syslog's header.</param>
    public PatternMatch Match(ReadOnlySpan<byte> text)
    {
        if (text.Length > LongestText)
        {
            return default;
        }

        var starts = _starts.AsSpan(0, text.Length + 1);
        var ends = _ends.AsSpan(0, text.Length + 1);
        _before.Run(text, starts);
        if (_after is null || !starts.Contains(true))
        {
            return default;
        }

        _after.Run(text, ends);
        var found = default(Address?);
        var (from, to) = (0, 0);
        for (var at = 0; at < text.Length; at++)
        {
            if (!starts[at] || AddressText.At(text, at, ends) is not { Source: { } source } token)
            {
                continue;
            }

            if (found is { } other && other != source)
            {
                return new PatternMatch(source, IsAmbiguous: true, 0, 0);
            }

            (found, from, to) = (source, at, token.End);
        }

        return found is null ? default : WithUser(text, found.Value, from, to);
    }

    /// <summary>Whether a line without an address matches.</summary>
    public bool IsMatch(ReadOnlySpan<byte> text)
    {
        if (text.Length > LongestText)
        {
            return false;
        }

        var ends = _ends.AsSpan(0, text.Length + 1);
        _before.Run(text, ends);
        return IsEndAnchored ? ends[^1] : ends.Contains(true);
    }

    private PatternMatch WithUser(ReadOnlySpan<byte> text, Address source, int from, int to)
    {
        if (_toUser is null || _fromUser is null)
        {
            return new PatternMatch(source, false, 0, 0);
        }

        var offset = _userIsBefore ? 0 : to;
        var side = _userIsBefore ? text[..from] : text[to..];
        var starts = _starts.AsSpan(0, side.Length + 1);
        var ends = _ends.AsSpan(0, side.Length + 1);
        _toUser.Run(side, starts);
        _fromUser.Run(side, ends);
        var (first, last) = (starts.IndexOf(true), ends.LastIndexOf(true));
        return first >= 0 && last >= first ? new PatternMatch(source, false, offset + first, last - first) : new PatternMatch(source, false, 0, 0);
    }

    // One side of the address at least is the program's own, up to the line's end on that side.
    private static bool IsTied(IReadOnlyList<PatternNode> pieces)
    {
        var host = Index(pieces, 0, piece => piece is PatternNode.Host);
        return (pieces[0] is PatternNode.Edge && pieces.Take(host).All(piece => !piece.HoldsFreeText))
            || (pieces[^1] is PatternNode.Edge && pieces.Skip(host + 1).All(piece => !piece.HoldsFreeText));
    }

    private static int Index(IReadOnlyList<PatternNode> pieces, int from, Func<PatternNode, bool> wanted)
    {
        for (var i = from; i < pieces.Count; i++)
        {
            if (wanted(pieces[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool Inner(PatternNode piece, Func<PatternNode, bool> wanted) => piece switch
    {
        PatternNode.Sequence sequence => sequence.Parts.Any(part => wanted(part) || Inner(part, wanted)),
        PatternNode.Choice choice => choice.Ways.Any(way => wanted(way) || Inner(way, wanted)),
        PatternNode.Repeat repeat => wanted(repeat.What) || Inner(repeat.What, wanted),
        _ => false,
    };
}

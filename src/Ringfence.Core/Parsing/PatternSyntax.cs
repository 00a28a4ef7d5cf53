using System.Text;

namespace Ringfence.Core.Parsing;

/// <summary>Reads the text of a pattern: the part of regular expressions that can be matched in linear time, and the tags.</summary>
internal sealed class PatternSyntax
{
    private const int DeepestGroup = 30;
    private const int MostTimes = 500;

    private readonly byte[] _text;
    private readonly bool _ignoreCase;
    private int _at;
    private int _depth;

    private PatternSyntax(string text)
    {
        _ignoreCase = text.StartsWith("(?i)", StringComparison.Ordinal);
        _text = Encoding.UTF8.GetBytes(_ignoreCase ? text[4..] : text);
    }

    /// <returns>The pieces at the top, in order; or what is wrong, "at character 5: ...".</returns>
    public static (IReadOnlyList<PatternNode>? Pieces, string? Wrong) Read(string text)
    {
        var syntax = new PatternSyntax(text);
        try
        {
            var node = syntax.Choice();
            if (syntax._at < syntax._text.Length)
            {
                throw syntax.Wrong(") without its (");
            }

            return (node is PatternNode.Sequence sequence ? sequence.Parts : [node], null);
        }
        catch (FormatException wrong)
        {
            return (null, wrong.Message);
        }
    }

    private FormatException Wrong(string what) => new($"at character {Math.Min(_at + 1, _text.Length) + (_ignoreCase ? 4 : 0)}: {what}");

    private bool Take(char wanted)
    {
        if (_at >= _text.Length || _text[_at] != wanted)
        {
            return false;
        }

        _at++;
        return true;
    }

    private bool Take(ReadOnlySpan<byte> wanted)
    {
        if (!_text.AsSpan(_at).StartsWith(wanted))
        {
            return false;
        }

        _at += wanted.Length;
        return true;
    }

    private PatternNode Choice()
    {
        List<PatternNode> ways = [Sequence()];
        while (Take('|'))
        {
            ways.Add(Sequence());
        }

        return ways.Count == 1 ? ways[0] : new PatternNode.Choice(ways);
    }

    private PatternNode.Sequence Sequence()
    {
        List<PatternNode> parts = [];
        while (_at < _text.Length && _text[_at] is not ((byte)'|' or (byte)')'))
        {
            parts.Add(Repeated(Piece()));
        }

        return new PatternNode.Sequence(parts);
    }

    private PatternNode Repeated(PatternNode what)
    {
        while (_at < _text.Length)
        {
            var (least, most) = Take('*') ? (0, -1) : Take('+') ? (1, -1) : Take('?') ? (0, 1) : Times();
            if (least < 0)
            {
                return what;
            }

            if (what is PatternNode.Edge or PatternNode.Host or PatternNode.User)
            {
                throw Wrong("^, $, <HOST> and <USER> stand once, not repeated");
            }

            what = new PatternNode.Repeat(what, least, most);

            // Lazy or greedy, every reading of the line is found; possessive ones (a++) are not the same language.
            _ = Take('?');
            if (_at < _text.Length && _text[_at] == '+')
            {
                throw Wrong("possessive repetition is not known here");
            }
        }

        return what;
    }

    private (int Least, int Most) Times()
    {
        if (_text[_at] != '{' || _at + 1 == _text.Length || !char.IsAsciiDigit((char)_text[_at + 1]) && _text[_at + 1] != ',')
        {
            return (-1, -1);
        }

        _at++;
        var least = Number() ?? 0;
        var most = Take(',') ? Number() ?? -1 : least;
        return !Take('}') || least > MostTimes || most > MostTimes || (most >= 0 && most < least) ? throw Wrong($"expected {{n}}, {{n,}} or {{n,m}} up to {MostTimes}") : (least, most);
    }

    private int? Number()
    {
        var start = _at;
        var value = 0;
        while (_at < _text.Length && char.IsAsciiDigit((char)_text[_at]))
        {
            value = Math.Min(1_000_000, (value * 10) + (_text[_at++] - '0'));
        }

        return _at == start ? null : value;
    }

    private PatternNode Piece()
    {
        if (Take('^'))
        {
            return new PatternNode.Edge(IsStart: true);
        }

        if (Take('$'))
        {
            return new PatternNode.Edge(IsStart: false);
        }

        if (Take("<HOST>"u8) || Take("<ADDR>"u8) || Take("<IP4>"u8) || Take("<IP6>"u8))
        {
            return new PatternNode.Host();
        }

        if (Take("<USER>"u8))
        {
            return new PatternNode.User();
        }

        if (Take("<SKIP>"u8))
        {
            return new PatternNode.Repeat(new PatternNode.One(ByteSet.Any), 0, -1);
        }

        if (Take('('))
        {
            return Group();
        }

        if (Take('['))
        {
            return One(Class());
        }

        if (Take('.'))
        {
            return new PatternNode.One(ByteSet.Any);
        }

        if (Take('\\'))
        {
            return One(Escape(inClass: false));
        }

        if (_text[_at] is (byte)'*' or (byte)'+' or (byte)'?')
        {
            throw Wrong("nothing to repeat");
        }

        return One(new ByteSet().With(_text[_at++]));
    }

    private PatternNode.One One(ByteSet set) => new(_ignoreCase ? set.Folded() : set);

    private PatternNode Group()
    {
        if (Take('?'))
        {
            if (Take("P<"u8) || (_at < _text.Length && _text[_at] == '<' && !_text.AsSpan(_at).StartsWith("<="u8) && !_text.AsSpan(_at).StartsWith("<!"u8) && Take('<')))
            {
                var end = _text.AsSpan(_at).IndexOf((byte)'>');
                _at += end + 1;
            }
            else if (!Take(':'))
            {
                throw Wrong("groups that look ahead or back, or set options, are not known here");
            }
        }

        if (++_depth > DeepestGroup)
        {
            throw Wrong($"more than {DeepestGroup} groups in each other");
        }

        var what = Choice();
        _depth--;
        return Take(')') ? what : throw Wrong("( without its )");
    }

    private ByteSet Class()
    {
        var not = Take('^');
        var set = new ByteSet();
        for (var first = true; ; first = false)
        {
            if (_at >= _text.Length)
            {
                throw Wrong("[ without its ]");
            }

            if (!first && Take(']'))
            {
                return not ? set.Not() : set;
            }

            var from = _text[_at++];
            if (from == '\\')
            {
                var escaped = Escape(inClass: true);
                if (!IsOne(escaped) || _at + 1 >= _text.Length || _text[_at] != '-' || _text[_at + 1] == ']')
                {
                    set = set.Or(escaped);
                    continue;
                }

                from = _text[_at - 1];
            }

            if (_at + 1 < _text.Length && _text[_at] == '-' && _text[_at + 1] != ']')
            {
                _at++;
                var to = _text[_at++];
                to = to == '\\' && _at < _text.Length ? _text[_at++] : to;
                set = to < from ? throw Wrong("a range that runs backwards") : set.With(from, to);
            }
            else
            {
                set = set.With(from);
            }
        }
    }

    private static bool IsOne(ByteSet set) =>
        System.Numerics.BitOperations.PopCount(set.A) + System.Numerics.BitOperations.PopCount(set.B) + System.Numerics.BitOperations.PopCount(set.C) + System.Numerics.BitOperations.PopCount(set.D) == 1;

    private ByteSet Escape(bool inClass)
    {
        if (_at >= _text.Length)
        {
            throw Wrong("a \\ with nothing behind it");
        }

        var character = _text[_at++];
        return (char)character switch
        {
            'd' => ByteSet.Digits,
            'D' => ByteSet.Digits.Not(),
            'w' => ByteSet.Word,
            'W' => ByteSet.Word.Not(),
            's' => ByteSet.Space,
            'S' => ByteSet.Space.Not(),
            't' => new ByteSet().With('\t'),
            _ when char.IsAsciiLetterOrDigit((char)character) => throw Wrong($"\\{(char)character} is not known {(inClass ? "in [...]" : "here")}"),
            _ => new ByteSet().With(character),
        };
    }
}

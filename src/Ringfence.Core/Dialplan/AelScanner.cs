using System.Text;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Dialplan;

internal enum AelTokenKind
{
    Word,

    /// <summary>One of { } ( ) ; = , : &amp; | @ or =>.</summary>
    Sign,

    /// <summary>#include and its kin.</summary>
    Include,
    End,
}

internal readonly record struct AelToken(AelTokenKind Kind, string Text, int Line)
{
    public bool Is(string sign) => Kind == AelTokenKind.Sign && Text == sign;

    public bool IsWord(string word) => Kind == AelTokenKind.Word && Text == word;
}

/// <summary>The text is no AEL at that line.</summary>
internal sealed class AelException(int line, string message) : Exception(message)
{
    public int Line => line;
}

/// <summary>Cuts extensions.ael into tokens. What a token is depends on where it stands, so the parser asks for arguments, conditions and values by their own names.</summary>
/// <remarks>Asterisk 22, res/ael/ael.flex.</remarks>
internal sealed class AelScanner(string text)
{
    private int _at;
    private int _line = 1;
    private AelToken? _ahead;

    public AelToken Peek() => _ahead ??= Scan();

    public AelToken Next()
    {
        var token = Peek();
        _ahead = null;
        return token;
    }

    /// <summary>One argument of a call, up to the comma or parenthesis that ends it, which stays. Blanks are part of it.</summary>
    public string Argument() => Raw(static (c, depth) => depth == 0 && c is ',' or ')');

    /// <summary>What stands in parentheses, up to the one that closes them, which stays.</summary>
    public string Condition() => Raw(static (c, depth) => depth == 0 && c == ')').Trim();

    /// <summary>A value, up to its semicolon, which stays.</summary>
    public string Value() => Raw(static (c, depth) => depth == 0 && c == ';').Trim();

    private string Raw(Func<char, int, bool> ends)
    {
        if (_ahead is not null)
        {
            throw new InvalidOperationException("a token was looked at that is part of the text");
        }

        var begin = _line;
        var raw = new StringBuilder();
        var open = new Stack<char>();
        while (_at < text.Length)
        {
            var c = text[_at];
            if (ends(c, open.Count))
            {
                return raw.ToString();
            }

            if (c is '(' or '[' or '{')
            {
                open.Push(c);
            }
            else if (c is ')' or ']' or '}' && (open.Count == 0 || !Closes(open.Pop(), c)))
            {
                throw new AelException(_line, $"{c} closes nothing");
            }

            Take(raw);
            if (c == '\\' && _at < text.Length)
            {
                Take(raw);
            }
        }

        throw new AelException(begin, "the text ends before what begins here does");
    }

    private void Take(StringBuilder into)
    {
        _line += text[_at] == '\n' ? 1 : 0;
        into.Append(text[_at++]);
    }

    private static bool Closes(char open, char close) => (open, close) is ('(', ')') or ('[', ']') or ('{', '}');

    private AelToken Scan()
    {
        SkipBlanks();
        if (_at >= text.Length)
        {
            return new AelToken(AelTokenKind.End, "", _line);
        }

        var line = _line;
        var c = text[_at];
        if (c == '=' && _at + 1 < text.Length && text[_at + 1] == '>')
        {
            _at += 2;
            return new AelToken(AelTokenKind.Sign, "=>", line);
        }

        if (c is '{' or '}' or '(' or ')' or ';' or '=' or ',' or ':' or '&' or '|' or '@')
        {
            _at++;
            return new AelToken(AelTokenKind.Sign, c.ToString(), line);
        }

        if (text.AsSpan(_at).StartsWith("#include", StringComparison.Ordinal))
        {
            var end = text.IndexOf('\n', _at);
            var rest = text[(_at + "#include".Length)..(end < 0 ? text.Length : end)];
            _at = end < 0 ? text.Length : end;
            return new AelToken(AelTokenKind.Include, rest.Trim().Trim('"', '<', '>', ';').Trim(), line);
        }

        return Word(line);
    }

    private AelToken Word(int line)
    {
        var word = new StringBuilder();
        while (_at < text.Length)
        {
            var c = text[_at];
            if (c == '$' && _at + 1 < text.Length && text[_at + 1] is '{' or '[')
            {
                Take(word);
                Bracketed(word);
            }
            else if (c == '\\' && _at + 1 < text.Length)
            {
                Take(word);
                Take(word);
            }
            else if (IsOfWord(c))
            {
                Take(word);
            }
            else
            {
                break;
            }
        }

        return word.Length > 0 ? new AelToken(AelTokenKind.Word, word.ToString(), line) : throw new AelException(line, $"{Shown.Text(text[_at].ToString())} belongs to no word");
    }

    // ${...} or $[...], with whatever brackets are in it.
    private void Bracketed(StringBuilder word)
    {
        var begin = _line;
        var open = new Stack<char>();
        do
        {
            if (_at >= text.Length)
            {
                throw new AelException(begin, "the text ends before what begins here does");
            }

            var c = text[_at];
            if (c is '(' or '[' or '{')
            {
                open.Push(c);
            }
            else if (c is ')' or ']' or '}' && !Closes(open.Pop(), c))
            {
                throw new AelException(_line, $"{c} closes something else");
            }

            Take(word);
        }
        while (open.Count > 0);
    }

    private static bool IsOfWord(char c) => char.IsAsciiLetterOrDigit(c) || c >= 0x80 || "-'\"_/.<>*+!$#[]".Contains(c, StringComparison.Ordinal);

    private void SkipBlanks()
    {
        while (_at < text.Length)
        {
            if (text[_at] is ' ' or '\t' or '\r' or '\n')
            {
                _line += text[_at++] == '\n' ? 1 : 0;
            }
            else if (text.AsSpan(_at).StartsWith("//", StringComparison.Ordinal))
            {
                var end = text.IndexOf('\n', _at);
                _at = end < 0 ? text.Length : end;
            }
            else if (text.AsSpan(_at).StartsWith("/*", StringComparison.Ordinal))
            {
                var end = text.IndexOf("*/", _at + 2, StringComparison.Ordinal);
                var stop = end < 0 ? text.Length : end + 2;
                _line += text.AsSpan(_at, stop - _at).Count('\n');
                _at = stop;
            }
            else
            {
                return;
            }
        }
    }
}

namespace Ringfence.Core.Fraud;

/// <summary>Numbers of the world, whole or by their beginning.</summary>
internal sealed class NumberList
{
    /// <summary>Of a file: more is none of numbers.</summary>
    public const int MaxNumbers = 1_000_000;

    private const int MostMistakes = 20;

    // ITU-T E.164.
    private const int MaxDigits = 15;

    public static readonly NumberList Empty = new();

    private readonly HashSet<long> _whole = [];
    private readonly HashSet<long> _prefixes = [];
    private uint _lengths;

    public int Count => _whole.Count + _prefixes.Count;

    /// <summary>Reads a list: a number to a line, with country code; a beginning of numbers ends with a star. What stands behind a blank, a comma, # or ; is a comment.</summary>
    /// <param name="files">With the names that messages show.</param>
    /// <returns>The list, and what is wrong with it: a line that is none is left out, and told.</returns>
    public static (NumberList List, IReadOnlyList<string> Mistakes) Read(params IReadOnlyList<(string Name, string Text)> files)
    {
        var list = new NumberList();
        var mistakes = new List<string>();
        foreach (var (name, text) in files)
        {
            list.Read(name, text, mistakes);
        }

        return (list, mistakes);
    }

    private void Read(string name, string text, List<string> mistakes)
    {
        var at = 0;
        foreach (var whole in text.AsSpan().EnumerateLines())
        {
            at++;
            var line = whole.Trim();
            line = line[..(line.IndexOfAny(" \t,;#") is >= 0 and var end ? end : line.Length)];
            if (line.Length == 0)
            {
                continue;
            }

            if (Count >= MaxNumbers)
            {
                mistakes.Add($"{name}:{at}: expected at most {MaxNumbers} numbers; what follows is left out");
                return;
            }

            if (!Add(line) && mistakes.Count < MostMistakes)
            {
                mistakes.Add($"{name}:{at}: expected a number with its country code such as +23279000001, or a beginning such as 23279*; the line is left out");
            }
        }
    }

    public bool Contains(ReadOnlySpan<char> digits)
    {
        if (Count == 0 || digits.Length > MaxDigits)
        {
            return false;
        }

        // A one before the digits keeps 0 and 00 apart.
        var value = 1L;
        for (var length = 1; length <= digits.Length; length++)
        {
            value = (value * 10) + (digits[length - 1] - '0');
            if ((_lengths & (1U << length)) != 0 && _prefixes.Contains(value))
            {
                return true;
            }
        }

        return _whole.Contains(value);
    }

    private bool Add(ReadOnlySpan<char> number)
    {
        var isPrefix = number.EndsWith("*");
        var digits = isPrefix ? number[..^1] : number;
        digits = digits.StartsWith("+") ? digits[1..] : digits.StartsWith("00") ? digits[2..] : digits;
        if (digits.Length is < 3 or > MaxDigits || digits.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        var value = 1L;
        foreach (var c in digits)
        {
            value = (value * 10) + (c - '0');
        }

        (isPrefix ? _prefixes : _whole).Add(value);
        _lengths |= isPrefix ? 1U << digits.Length : 0;
        return true;
    }
}

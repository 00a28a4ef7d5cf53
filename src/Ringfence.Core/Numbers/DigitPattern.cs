namespace Ringfence.Core.Numbers;

/// <summary>A pattern of digits as the world's number plans have them: digits, classes, groups, alternatives, repetitions with bounds, and an end.</summary>
/// <remarks>No more of regular expressions than libphonenumber's data uses; the program's own data, never a stranger's.</remarks>
internal abstract record DigitPattern
{
    /// <param name="Digits">A bit for each digit that fits.</param>
    internal sealed record One(int Digits) : DigitPattern;

    internal sealed record Sequence(IReadOnlyList<DigitPattern> Parts) : DigitPattern;

    internal sealed record Either(IReadOnlyList<DigitPattern> Choices) : DigitPattern;

    internal sealed record Repeated(DigitPattern Part, int Least, int Most) : DigitPattern;

    /// <param name="Number">From 1.</param>
    internal sealed record Group(DigitPattern Part, int Number) : DigitPattern;

    /// <summary>Nothing follows.</summary>
    internal sealed record End : DigitPattern;

    private int _groups = -1;
    private int _first = -1;

    // A bit for each digit that something that it takes begins with; all of them where it takes nothing at all, too.
    private int First => _first >= 0 ? _first : _first = Enumerable.Range(0, 10).Where(digit => Begins($"{digit}")).Aggregate(0, static (bits, digit) => bits | (1 << digit));

    private int Groups => _groups >= 0 ? _groups : _groups = CountGroups(this);

    /// <exception cref="FormatException">It is none.</exception>
    public static DigitPattern Parse(string text)
    {
        var reader = new Reader(text);
        var pattern = reader.Choices();
        return reader.IsAtEnd ? pattern : throw reader.Unexpected();
    }

    /// <summary>Matches the beginning of digits, as the first alternative that fits does.</summary>
    /// <returns>How many digits it takes, and what each group took (null: nothing); null: it does not fit.</returns>
    public (int Length, string?[] Groups)? AtStartOf(string digits)
    {
        // Most numbers have no such beginning.
        if (digits.Length > 0 && digits[0] is >= '0' and <= '9' and var first && (First & (1 << (first - '0'))) == 0)
        {
            return null;
        }

        var groups = new string?[Groups];
        var end = -1;
        return Walk(this, digits, 0, groups, at =>
        {
            end = at;
            return true;
        }) ? (end, groups) : null;
    }

    /// <summary>Whether it takes all of the digits.</summary>
    public bool Fits(string digits) => Walk(this, digits, 0, new string?[Groups], at => at == digits.Length);

    /// <summary>Whether something that it takes begins so.</summary>
    public bool Begins(string digits) => Begins(this, digits, 0, static _ => true);

    // What is behind the digits is free.
    private static bool Begins(DigitPattern pattern, string digits, int at, Func<int, bool> then) => at >= digits.Length || pattern switch
    {
        One one => (one.Digits & (1 << (digits[at] - '0'))) != 0 && then(at + 1),
        End => false,
        Either either => either.Choices.Any(choice => Begins(choice, digits, at, then)),
        Sequence sequence => Begins(sequence.Parts, 0, digits, at, then),
        Repeated repeated => Begins(repeated, 0, digits, at, then),
        Group group => Begins(group.Part, digits, at, then),
        _ => throw new InvalidOperationException("an unknown part of a pattern"),
    };

    private static bool Begins(IReadOnlyList<DigitPattern> parts, int part, string digits, int at, Func<int, bool> then) =>
        part == parts.Count ? then(at) : Begins(parts[part], digits, at, end => Begins(parts, part + 1, digits, end, then));

    private static bool Begins(Repeated repeated, int times, string digits, int at, Func<int, bool> then) =>
        (times < repeated.Most && Begins(repeated.Part, digits, at, end => Begins(repeated, times + 1, digits, end, then)))
        || (times >= repeated.Least && then(at));

    private static bool Walk(DigitPattern pattern, string digits, int at, string?[] groups, Func<int, bool> then) => pattern switch
    {
        One one => at < digits.Length && digits[at] is >= '0' and <= '9' && (one.Digits & (1 << (digits[at] - '0'))) != 0 && then(at + 1),
        End => at == digits.Length && then(at),
        Either either => either.Choices.Any(choice => Walk(choice, digits, at, groups, then)),
        Sequence sequence => InTurn(sequence.Parts, 0, digits, at, groups, then),
        Repeated repeated => Again(repeated, 0, digits, at, groups, then),
        Group group => Walk(group.Part, digits, at, groups, end =>
        {
            var before = groups[group.Number - 1];
            groups[group.Number - 1] = digits[at..end];
            if (then(end))
            {
                return true;
            }

            groups[group.Number - 1] = before;
            return false;
        }),
        _ => throw new InvalidOperationException("an unknown part of a pattern"),
    };

    private static bool InTurn(IReadOnlyList<DigitPattern> parts, int part, string digits, int at, string?[] groups, Func<int, bool> then) =>
        part == parts.Count ? then(at) : Walk(parts[part], digits, at, groups, end => InTurn(parts, part + 1, digits, end, groups, then));

    private static bool Again(Repeated repeated, int times, string digits, int at, string?[] groups, Func<int, bool> then) =>
        (times < repeated.Most && Walk(repeated.Part, digits, at, groups, end => Again(repeated, times + 1, digits, end, groups, then)))
        || (times >= repeated.Least && then(at));

    private static int CountGroups(DigitPattern pattern) => pattern switch
    {
        Either either => either.Choices.Sum(static choice => choice.Groups),
        Sequence sequence => sequence.Parts.Sum(static part => part.Groups),
        Repeated repeated => repeated.Part.Groups,
        Group group => 1 + group.Part.Groups,
        _ => 0,
    };

    private sealed class Reader(string text)
    {
        private int _at;
        private int _groups;

        public bool IsAtEnd => _at == text.Length;

        public FormatException Unexpected() => new($"pattern {text}: unexpected {(IsAtEnd ? "end" : $"'{text[_at]}'")} at {_at}");

        public DigitPattern Choices()
        {
            List<DigitPattern> choices = [Parts()];
            while (Takes('|'))
            {
                choices.Add(Parts());
            }

            return choices.Count == 1 ? choices[0] : new Either(choices);
        }

        private DigitPattern Parts()
        {
            var parts = new List<DigitPattern>();
            while (!IsAtEnd && text[_at] is not ('|' or ')'))
            {
                var part = Part();
                parts.Add(Count() is var (least, most) ? new Repeated(part, least, most) : part);
            }

            return parts.Count == 1 ? parts[0] : new Sequence(parts);
        }

        private DigitPattern Part()
        {
            if (Takes('['))
            {
                return Class();
            }

            if (Takes('('))
            {
                var number = Takes('?') ? Takes(':') ? 0 : throw Unexpected() : ++_groups;
                var inside = Choices();
                return !Takes(')') ? throw Unexpected() : number == 0 ? inside : new Group(inside, number);
            }

            // "8~10": a caller waits there for another tone.
            return Takes('$') ? new End() : Takes('~') ? new Sequence([]) : new One(1 << Digit());
        }

        private One Class()
        {
            var digits = 0;
            while (!Takes(']'))
            {
                var first = Digit();
                var last = Takes('-') ? Digit() : first;
                for (var digit = first; digit <= last; digit++)
                {
                    digits |= 1 << digit;
                }
            }

            return new One(digits);
        }

        private (int Least, int Most)? Count()
        {
            if (Takes('?'))
            {
                return (0, 1);
            }

            if (!Takes('{'))
            {
                return null;
            }

            var least = Number();
            var most = Takes(',') ? Number() : least;
            return Takes('}') ? (least, most) : throw Unexpected();
        }

        private int Number()
        {
            var number = Digit();
            while (!IsAtEnd && char.IsAsciiDigit(text[_at]))
            {
                number = (number * 10) + Digit();
            }

            return number;
        }

        private int Digit() => !IsAtEnd && char.IsAsciiDigit(text[_at]) ? text[_at++] - '0' : throw Unexpected();

        private bool Takes(char c)
        {
            if (IsAtEnd || text[_at] != c)
            {
                return false;
            }

            _at++;
            return true;
        }
    }
}

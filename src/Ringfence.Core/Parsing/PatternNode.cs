namespace Ringfence.Core.Parsing;

/// <summary>A set of byte values.</summary>
internal readonly record struct ByteSet(ulong A, ulong B, ulong C, ulong D)
{
    public static readonly ByteSet Any = new ByteSet().With('\n').Not();
    public static readonly ByteSet Digits = new ByteSet().With('0', '9');
    public static readonly ByteSet Word = Digits.With('a', 'z').With('A', 'Z').With('_');
    public static readonly ByteSet Space = new ByteSet().With(' ').With('\t').With('\r').With('\v').With('\f');

    public bool Has(int value) => ((value >> 6) switch { 0 => A, 1 => B, 2 => C, _ => D } >> (value & 63) & 1) != 0;

    public bool IsEmpty => (A | B | C | D) == 0;

    public ByteSet With(int value) => (value >> 6) switch
    {
        0 => this with { A = A | (1UL << (value & 63)) },
        1 => this with { B = B | (1UL << (value & 63)) },
        2 => this with { C = C | (1UL << (value & 63)) },
        _ => this with { D = D | (1UL << (value & 63)) },
    };

    public ByteSet With(int first, int last)
    {
        var set = this;
        for (var value = first; value <= last; value++)
        {
            set = set.With(value);
        }

        return set;
    }

    public ByteSet Or(ByteSet other) => new(A | other.A, B | other.B, C | other.C, D | other.D);

    public ByteSet Not() => new(~A, ~B, ~C, ~D);

    /// <summary>With each letter its other case.</summary>
    public ByteSet Folded()
    {
        var set = this;
        for (var letter = 'a'; letter <= 'z'; letter++)
        {
            var upper = letter - 32;
            set = Has(letter) ? set.With(upper) : set;
            set = Has(upper) ? set.With(letter) : set;
        }

        return set;
    }
}

/// <summary>A piece of a pattern, as written.</summary>
internal abstract record PatternNode
{
    /// <summary>One byte of a set.</summary>
    public sealed record One(ByteSet Set) : PatternNode;

    public sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode;

    public sealed record Choice(IReadOnlyList<PatternNode> Ways) : PatternNode;

    /// <param name="Most">-1: as often as it likes.</param>
    public sealed record Repeat(PatternNode What, int Least, int Most) : PatternNode;

    /// <summary>The address: once in a pattern, and in no group.</summary>
    public sealed record Host : PatternNode;

    /// <summary>The account: free text.</summary>
    public sealed record User : PatternNode;

    /// <summary>^ (true) or $.</summary>
    public sealed record Edge(bool IsStart) : PatternNode;

    /// <summary>How many states the machine of it has, bounded.</summary>
    public int Size => this switch
    {
        Sequence sequence => Sum(sequence.Parts),
        Choice choice => Sum(choice.Ways) + choice.Ways.Count,
        Repeat repeat => (int)Math.Min(1_000_000L, (long)(repeat.What.Size + 1) * Math.Max(1, Math.Max(repeat.Least, repeat.Most))),
        _ => 1,
    };

    /// <summary>Whether somebody could write text of his own there: words and the blanks between them, of any length.</summary>
    public bool HoldsFreeText => this switch
    {
        User => true,
        Sequence sequence => sequence.Parts.Any(part => part.HoldsFreeText),
        Choice choice => choice.Ways.Any(way => way.HoldsFreeText),
        Repeat { What: var what, Most: < 0 or > 8 } => what.HoldsFreeText || what.HoldsBlankAndMore,
        Repeat { What: var what } => what.HoldsFreeText,
        _ => false,
    };

    private bool HoldsBlankAndMore => this switch
    {
        One { Set: var set } => set.Has(' ') && set.Has('a'),
        Sequence sequence => sequence.Parts.Any(part => part.HoldsBlank) && sequence.Parts.Any(part => !part.IsSpace),
        Choice choice => choice.Ways.Any(way => way.HoldsBlankAndMore) || (choice.Ways.Any(way => way.HoldsBlank) && choice.Ways.Any(way => !way.IsSpace)),
        Repeat repeat => repeat.What.HoldsBlankAndMore,
        _ => false,
    };

    private bool HoldsBlank => this switch
    {
        One { Set: var set } => set.Has(' '),
        Sequence sequence => sequence.Parts.Any(part => part.HoldsBlank),
        Choice choice => choice.Ways.Any(way => way.HoldsBlank),
        Repeat repeat => repeat.What.HoldsBlank,
        _ => false,
    };

    private bool IsSpace => this switch
    {
        One { Set: var set } => set.Or(ByteSet.Space) == ByteSet.Space,
        Sequence sequence => sequence.Parts.All(part => part.IsSpace),
        Choice choice => choice.Ways.All(way => way.IsSpace),
        Repeat repeat => repeat.What.IsSpace,
        _ => false,
    };

    private static int Sum(IReadOnlyList<PatternNode> nodes) => (int)Math.Min(1_000_000L, nodes.Sum(node => (long)node.Size));
}

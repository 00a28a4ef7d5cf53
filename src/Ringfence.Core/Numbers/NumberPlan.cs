namespace Ringfence.Core.Numbers;

/// <summary>The number plan of one region: which national numbers it has, and how people there dial.</summary>
internal sealed class NumberPlan
{
    private readonly List<NumberRange> _ranges = [];

    /// <summary>ISO 3166-1 code, or "001".</summary>
    public required string Region { get; init; }

    public required int CallingCode { get; init; }

    /// <summary>What is dialled before a foreign number: "00"; null: there is no such way.</summary>
    public DigitPattern? InternationalPrefix { get; init; }

    /// <summary>What may stand before a national number, with groups for <see cref="Transform"/>; null: nothing.</summary>
    public DigitPattern? NationalPrefix { get; init; }

    /// <summary>What becomes of a number whose last group of <see cref="NationalPrefix"/> took something: "9$1"; null: the prefix goes.</summary>
    public string? Transform { get; init; }

    /// <summary>What all numbers of the region begin with, where its calling code is shared and that tells it; null: its ranges tell.</summary>
    public DigitPattern? LeadingDigits { get; init; }

    /// <summary>Emergency numbers.</summary>
    public IReadOnlyList<string> Emergency { get; init; } = [];

    /// <summary>The plan's ranges; the general one, which holds all others, first.</summary>
    public IReadOnlyList<NumberRange> Ranges => _ranges;

    /// <summary>Lengths of national numbers, of all kinds.</summary>
    public IReadOnlyList<int> Lengths => _ranges[0].Lengths;

    /// <exception cref="FormatException">A general range is missing.</exception>
    public void Add(NumberRange range) => _ranges.Add(_ranges.Count > 0 == range.Kind is null ? throw new FormatException($"{Region}: the general range has to come first, and once") : range);

    public NumberValidity LengthOf(int length) =>
        Lengths.Contains(length) ? NumberValidity.Valid : length < Lengths.Min() ? NumberValidity.TooShort : length > Lengths.Max() ? NumberValidity.TooLong : NumberValidity.WrongLength;
}

/// <param name="Kind">null: the general one.</param>
/// <param name="Lengths">Of national numbers.</param>
internal sealed record NumberRange(NumberKind? Kind, IReadOnlyList<int> Lengths, DigitPattern Pattern, string Text);

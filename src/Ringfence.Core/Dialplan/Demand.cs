namespace Ringfence.Core.Dialplan;

/// <summary>What must have been entered for something to hold.</summary>
/// <param name="Input">Which input; null: it holds (<see cref="Holds"/> is everything), never, or what is known does not say.</param>
/// <param name="Holds">The inputs with which it holds.</param>
/// <param name="Fails">Those with which it does not. One that is in both may go either way: that was not to be known.</param>
internal sealed record Demand(int? Input, NumberLanguage Holds, NumberLanguage Fails)
{
    private const long MostWork = 1_000_000;

    public static Demand Always { get; } = new(null, NumberLanguage.All, NumberLanguage.None);

    public static Demand Never { get; } = new(null, NumberLanguage.None, NumberLanguage.All);

    public static Demand Unknown { get; } = new(null, NumberLanguage.All, NumberLanguage.All);

    public NumberLanguage Doubtful => Languages.Intersect(Holds, Fails);

    public static Demand When(bool holds) => holds ? Always : Never;

    public static Demand On(int input, NumberLanguage holds) => new(input, holds, Languages.Not(holds));

    /// <summary>That a text's value is in a language.</summary>
    public static Demand That(SymbolicText text, NumberLanguage wanted)
    {
        if (!text.IsFollowed)
        {
            return Unknown;
        }

        if (text.Constant is { } constant)
        {
            return When(wanted.Contains(constant));
        }

        return text is InputText input ? On(input.Number, wanted)
            : LanguageMemory.Of(text, wanted,
                static (text, wanted) => LanguageWork.Within(MostWork, () => Before(text, wanted), null) is { } inputs ? On(text.Inputs[0], inputs) : Unknown);
    }

    /// <summary>That of this text nothing is known where its value is in a language: it may hold there or not.</summary>
    public Demand DoubtfulWhere(Demand where)
    {
        if (where.Input is not null && Input is not null && where.Input != Input)
        {
            return Unknown;
        }

        return new Demand(Input ?? where.Input, Languages.Union(Holds, where.Holds), Languages.Union(Fails, where.Holds));
    }

    public Demand And(Demand other) =>
        Input is not null && other.Input is not null && Input != other.Input ? Unknown
        : new Demand(Input ?? other.Input, Languages.Intersect(Holds, other.Holds), Languages.Union(Fails, other.Fails));

    public Demand Or(Demand other) => Opposite().And(other.Opposite()).Opposite();

    public Demand Opposite() => new(Input, Fails, Holds);

    /// <summary>The inputs with which the text's value is in a language.</summary>
    /// <returns>null: the automaton would be too large, or a part is not known.</returns>
    private static NumberLanguage? Before(SymbolicText text, NumberLanguage wanted) => text switch
    {
        ConstantText constant => wanted.Contains(constant.Value) ? NumberLanguage.All : NumberLanguage.None,
        InputText => wanted,
        SlicedText slice => Languages.SliceFrom(wanted, slice.Offset, slice.Length) is { } sliced ? Before(slice.Text, sliced) : null,
        FilteredText filter => Before(filter.Text, Languages.FilterFrom(wanted, filter.Kept)),
        JoinedText joined => BeforeParts(joined.Parts.AsSpan(), wanted, 0),

        // A function of what was dialled that is not followed here: DEVICE_STATE(PJSIP/${EXTEN}).
        UnknownText => null,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static NumberLanguage? BeforeParts(ReadOnlySpan<SymbolicText> parts, NumberLanguage wanted, int state)
    {
        if (state == NumberLanguage.Dead)
        {
            return NumberLanguage.None;
        }

        if (parts.IsEmpty)
        {
            return wanted.Accepts(state) ? NumberLanguage.All : NumberLanguage.None;
        }

        var part = parts[0];
        var rest = parts[1..];
        if (part is ConstantText constant)
        {
            return BeforeParts(rest, wanted, wanted.Follow(state, constant.Value));
        }

        if (rest.Length == 0 || (rest.Length == 1 && rest[0] is ConstantText))
        {
            return Before(part, Languages.Between(wanted, state, rest.Length == 0 ? "" : ((ConstantText)rest[0]).Value));
        }

        // The part may end in any state that lies on the way.
        var found = NumberLanguage.None;
        foreach (var middle in Languages.ReachedFrom(wanted, state))
        {
            var tail = BeforeParts(rest, wanted, middle);
            if (tail is { IsNone: true })
            {
                continue;
            }

            if (tail is null || Before(part, Languages.To(wanted, state, middle)) is not { } head)
            {
                return null;
            }

            found = Languages.Union(found, Languages.Intersect(head, tail));
        }

        return found;
    }
}

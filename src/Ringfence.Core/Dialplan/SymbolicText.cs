using System.Collections.Immutable;
using System.Globalization;

namespace Ringfence.Core.Dialplan;

/// <summary>Where a text comes from that the dialplan does not fix.</summary>
[Flags]
internal enum TextOrigins
{
    None = 0,

    /// <summary>What the caller dialled or typed.</summary>
    Input = 1,

    /// <summary>Caller ID, names or headers of the call: the caller's own text.</summary>
    Caller = 2,

    /// <summary>A database, a file, a script, a variable that nothing in the dialplan sets.</summary>
    Elsewhere = 4,
}

/// <summary>The value of a text with variables, as a function of what the caller enters.</summary>
internal abstract class SymbolicText : IEquatable<SymbolicText>
{
    public static SymbolicText Nothing { get; } = new ConstantText("");

    /// <summary>Equal texts have equal keys.</summary>
    public abstract string Key { get; }

    public abstract TextOrigins Origins { get; }

    /// <summary>The same for whatever a function makes of it: of the caller's own text nothing is left where only letters and digits of it were kept.</summary>
    public virtual TextOrigins PassedOn => Origins;

    /// <summary>The inputs that it is made of.</summary>
    public abstract ImmutableSortedSet<int> Inputs { get; }

    /// <summary>null: a caller or a database has a say in it.</summary>
    public string? Constant => (this as ConstantText)?.Value;

    public bool IsKnown => (Origins & ~TextOrigins.Input) == TextOrigins.None;

    /// <summary>It is constant, or a function of one input: what is to be entered for it can be said.</summary>
    public bool IsFollowed => IsKnown && (this is ConstantText || Inputs.Count == 1);

    private const int MostParts = 256;

    private const int MostCharacters = 8_192;

    /// <summary>So many characters are put together in the time of one unit of <see cref="LanguageWork"/>, and kept for as long as the walk lasts.</summary>
    private const int CharactersInOneUnit = 64;

    /// <summary>Of <see cref="Key"/>, as far as that grows with what the text is made of.</summary>
    protected virtual int KeyLength => Key.Length;

    public static SymbolicText Join(params IEnumerable<SymbolicText> parts)
    {
        var flat = new List<SymbolicText>();
        foreach (var part in parts.SelectMany(static part => part is JoinedText joined ? joined.Parts : [part]))
        {
            if (part is ConstantText { Value.Length: 0 })
            {
                continue;
            }

            if (part is ConstantText added && flat.Count > 0 && flat[^1] is ConstantText before)
            {
                flat[^1] = new ConstantText(before.Value + added.Value);
            }
            else
            {
                flat.Add(part);
            }
        }

        // Set(a=${a}${a}) sixty times is a text that no memory holds, and so is Set(a=${a:1}${a:1}).
        var length = flat.Sum(static part => part.KeyLength);
        LanguageWork.Spend(length / CharactersInOneUnit);
        if (flat.Count > MostParts || length > MostCharacters)
        {
            return TooLong(flat.Aggregate(TextOrigins.None, static (origins, part) => origins | part.Origins));
        }

        return flat.Count switch { 0 => Nothing, 1 => flat[0], _ => new JoinedText([.. flat]) };
    }

    private static UnknownText TooLong(TextOrigins origins) => new("a very long text", origins);

    /// <summary>In what the dialplan itself wrote.</summary>
    public static SymbolicText Replace(SymbolicText text, char old, char now) => text switch
    {
        ConstantText constant => new ConstantText(constant.Value.Replace(old, now)),
        JoinedText joined => new JoinedText([.. joined.Parts.Select(part => Replace(part, old, now))]),
        _ => text,
    };

    /// <summary>The text where everything is empty that no line on the way gave a value.</summary>
    public static SymbolicText WithoutUnset(SymbolicText text) => text switch
    {
        UnknownText { IsUnset: true } => Nothing,
        JoinedText joined => Join(joined.Parts.Select(WithoutUnset)),
        SlicedText sliced => Slice(WithoutUnset(sliced.Text), sliced.Offset, sliced.Length),
        _ => text,
    };

    /// <summary>The text where parts of the caller are something else.</summary>
    /// <param name="shows">What each is; null: it stays.</param>
    public static SymbolicText WithParts(SymbolicText text, Func<string, SymbolicText?> shows) => text switch
    {
        UnknownText { Part: { } part } => shows(part) ?? text,
        JoinedText joined => Join(joined.Parts.Select(one => WithParts(one, shows))),
        SlicedText sliced => Slice(WithParts(sliced.Text, shows), sliced.Offset, sliced.Length),
        FilteredText filtered => Filter(WithParts(filtered.Text, shows), filtered.Kept),
        _ => text,
    };

    public static SymbolicText Slice(SymbolicText text, int offset, int length) =>
        offset == 0 && length == int.MaxValue ? text
        : text switch
        {
            // By bytes, which are more than the letters that were read.
            ConstantText constant when !constant.Value.All(char.IsAscii) => new UnknownText("a part of a text", TextOrigins.Elsewhere),
            ConstantText constant => new ConstantText(GlobalText.Substring(constant.Value, offset, length)),
            UnknownText { Part: null } => text,
            _ when text.KeyLength > MostCharacters => TooLong(text.Origins),
            _ => new SlicedText(text, offset, length),
        };

    public static SymbolicText Filter(SymbolicText text, IReadOnlyList<(char First, char Last)> kept) =>
        text is ConstantText constant ? new ConstantText(string.Concat(constant.Value.Where(c => FilteredText.Keeps(kept, c))))
        : text.KeyLength > MostCharacters ? TooLong(text.Origins)
        : new FilteredText(text, kept);

    /// <param name="inputs">What was entered, by number.</param>
    /// <returns>null: it is not known.</returns>
    public abstract string? For(IReadOnlyList<string> inputs);

    /// <summary>The same text where the inputs have other numbers.</summary>
    public abstract SymbolicText Renumbered(IReadOnlyDictionary<int, int> numbers);

    public bool Equals(SymbolicText? other) => other is not null && Key == other.Key;

    public override bool Equals(object? obj) => Equals(obj as SymbolicText);

    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    /// <summary>As a person reads it: inputs as N, slices as N:1.</summary>
    public override string ToString() => Key;
}

internal sealed class ConstantText(string value) : SymbolicText
{
    public string Value { get; } = value;

    public override string Key => $"\"{Value}\"";

    protected override int KeyLength => Value.Length;

    public override TextOrigins Origins => TextOrigins.None;

    public override ImmutableSortedSet<int> Inputs => [];

    public override string? For(IReadOnlyList<string> inputs) => Value;

    public override SymbolicText Renumbered(IReadOnlyDictionary<int, int> numbers) => this;
}

/// <summary>The whole of something that was dialled or typed.</summary>
internal sealed class InputText(int number) : SymbolicText
{
    public int Number { get; } = number;

    public override string Key { get; } = "N" + number.ToString(CultureInfo.InvariantCulture);

    public override TextOrigins Origins => TextOrigins.Input;

    public override ImmutableSortedSet<int> Inputs { get; } = [number];

    public override string? For(IReadOnlyList<string> inputs) => inputs[Number];

    public override SymbolicText Renumbered(IReadOnlyDictionary<int, int> numbers) => new InputText(numbers[Number]);
}

internal sealed class SlicedText(SymbolicText text, int offset, int length) : SymbolicText
{
    public SymbolicText Text { get; } = text;

    public int Offset { get; } = offset;

    public int Length { get; } = length;

    public override string Key { get; } = string.Create(CultureInfo.InvariantCulture, $"{{{text.Key}:{offset}{(length == int.MaxValue ? "" : $":{length}")}}}");

    public override TextOrigins Origins => Text.Origins;

    public override TextOrigins PassedOn => Text.PassedOn;

    public override ImmutableSortedSet<int> Inputs => Text.Inputs;

    public override string? For(IReadOnlyList<string> inputs) => Text.For(inputs) is { } value ? GlobalText.Substring(value, Offset, Length) : null;

    public override SymbolicText Renumbered(IReadOnlyDictionary<int, int> numbers) => new SlicedText(Text.Renumbered(numbers), Offset, Length);
}

internal sealed class FilteredText(SymbolicText text, IReadOnlyList<(char First, char Last)> kept) : SymbolicText
{
    public SymbolicText Text { get; } = text;

    public IReadOnlyList<(char First, char Last)> Kept { get; } = kept;

    public override string Key { get; } = $"FILTER({string.Concat(kept.Select(static range => $"{range.First}-{range.Last}"))},{text.Key})";

    public override TextOrigins Origins => Text.Origins;

    public override TextOrigins PassedOn =>
        Origins.HasFlag(TextOrigins.Caller) && Kept.All(static range => range.First == range.Last ? "+*#_.".Contains(range.First, StringComparison.Ordinal) || char.IsAsciiLetterOrDigit(range.First)
            : (char.IsAsciiDigit(range.First) && char.IsAsciiDigit(range.Last)) || (char.IsAsciiLetterLower(range.First) && char.IsAsciiLetterLower(range.Last)) || (char.IsAsciiLetterUpper(range.First) && char.IsAsciiLetterUpper(range.Last)))
            ? (Origins & ~TextOrigins.Caller) | TextOrigins.Elsewhere : Origins;

    public override ImmutableSortedSet<int> Inputs => Text.Inputs;

    public static bool Keeps(IReadOnlyList<(char First, char Last)> kept, char c) => kept.Any(range => c >= range.First && c <= range.Last);

    public override string? For(IReadOnlyList<string> inputs) => Text.For(inputs) is { } value ? string.Concat(value.Where(c => Keeps(Kept, c))) : null;

    public override SymbolicText Renumbered(IReadOnlyDictionary<int, int> numbers) => new FilteredText(Text.Renumbered(numbers), Kept);
}

internal sealed class JoinedText(ImmutableArray<SymbolicText> parts) : SymbolicText
{
    public ImmutableArray<SymbolicText> Parts { get; } = parts;

    public override string Key { get; } = string.Join('.', parts.Select(static part => part.Key));

    public override string ToString() => string.Join('.', Parts);

    public override TextOrigins Origins => Parts.Aggregate(TextOrigins.None, static (origins, part) => origins | part.Origins);

    public override TextOrigins PassedOn => Parts.Aggregate(TextOrigins.None, static (origins, part) => origins | part.PassedOn);

    public override ImmutableSortedSet<int> Inputs => [.. Parts.SelectMany(static part => part.Inputs)];

    public override string? For(IReadOnlyList<string> inputs)
    {
        var values = Parts.Select(part => part.For(inputs)).ToList();
        return values.Contains(null) ? null : string.Concat(values);
    }

    public override SymbolicText Renumbered(IReadOnlyDictionary<int, int> numbers) => new JoinedText([.. Parts.Select(part => part.Renumbered(numbers))]);
}

/// <summary>A value that was not read, or is more than can be followed.</summary>
/// <param name="name">As written: <c>${DB(trunk/name)}</c>.</param>
internal sealed class UnknownText(string name, TextOrigins origins) : SymbolicText
{
    private string? _key;
    private bool? _isState;

    /// <summary>It comes and goes by itself.</summary>
    public bool IsState => _isState ??= PbxStates.IsState(Name);

    public string Name { get; } = name;

    /// <summary>No line on the way gave it a value: it is empty, unless a program or a person gives it one.</summary>
    public bool IsUnset { get; init; }

    /// <summary>It is this of the caller, as he wrote it (<see cref="ShownText.Part"/>); null: it is not, or not all of it.</summary>
    public string? Part { get; init; }

    /// <summary>Of two values that were not read it does not matter which they are, but whose they are, and whether they come and go by themselves: states of a call that differ in nothing else are one.</summary>
    public override string Key => _key ??= IsUnset ? "?unset" : string.Create(CultureInfo.InvariantCulture, $"?{(int)Origins}{(IsState ? "state" : "")}");

    public override string ToString() => Name;

    public override TextOrigins Origins { get; } = origins == TextOrigins.None ? TextOrigins.Elsewhere : origins;

    public override ImmutableSortedSet<int> Inputs => [];

    public override string? For(IReadOnlyList<string> inputs) => null;

    public override SymbolicText Renumbered(IReadOnlyDictionary<int, int> numbers) => this;
}

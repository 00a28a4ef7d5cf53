using System.Collections.Immutable;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Dialplan;

internal enum BrakeKind
{
    /// <summary>A secret that the caller must type.</summary>
    Pin,

    /// <summary>The call is cut after a time.</summary>
    TimeLimit,

    /// <summary>A program decides whether the call goes on (AGI).</summary>
    Gate,
}

/// <summary>Something on the way that holds a caller up.</summary>
internal sealed record Brake(BrakeKind Kind, string Text, Place Place)
{
    /// <summary>Of a gate: which of what was entered it is asked about (<see cref="CallState.Order"/>); null: that was not to be known, or all.</summary>
    public int? Input { get; init; }

    /// <summary>What is typed on a way with a PIN, and can be one text alone.</summary>
    public static bool IsPin(ImmutableHashSet<Brake> brakes, NumberLanguage typed) =>
        brakes.Any(static brake => brake.Kind == BrakeKind.Pin) && typed.Shortest() is { Length: >= 4 } text && typed.Equals(Languages.Only(text));
}

internal enum AssumptionKind
{
    /// <summary>It is the right time: a caller can wait for it.</summary>
    Time,

    /// <summary>The PBX is in a state that comes and goes, and does not ask who calls: lines are free, somebody was busy.</summary>
    State,

    /// <summary>The caller shows a certain number, name or header, which many callers can choose.</summary>
    Caller,

    /// <summary>Somebody answers.</summary>
    Answer,

    /// <summary>A value that was not read is as it must be.</summary>
    Value,

    /// <summary>A program, or a person, sets a variable that no line on the way sets.</summary>
    Program,
}

/// <summary>What must be so for a way to be open, and could not be read from the dialplan.</summary>
internal sealed record Assumption(AssumptionKind Kind, string Text, Place Place)
{
    // They stand in sets that are compared with each other all the time: a fifth of a walk was the hashing of their texts.
    private readonly int _hash = HashCode.Combine(Kind, Text.GetHashCode(StringComparison.Ordinal), Place.Line);

    public override int GetHashCode() => _hash;

    /// <summary>Whoever waits has it.</summary>
    public bool ComesByItself => Kind is AssumptionKind.Time or AssumptionKind.State;

    /// <summary>What the caller must show for it, where he alone decides; null: something else has a say.</summary>
    public ShownText? Shown { get; init; }

    /// <summary>The answer to a condition: "... is true" or "... is false".</summary>
    public bool? Answer { get; init; }

    /// <summary>The other answer to the same condition, in the same line.</summary>
    public bool IsOppositeOf(Assumption other) => Answer is { } mine && other.Answer == !mine && other.Place == Place && other.Condition == Condition;

    private string Condition => Text[..Text.LastIndexOf(" is ", StringComparison.Ordinal)];
}

/// <summary>One priority that is run on a way.</summary>
/// <param name="Extension">The name or pattern that fitted, as written.</param>
/// <param name="Via">The contexts through whose includes it was found, without the first.</param>
/// <param name="Order">What the inputs in <paramref name="Number"/> are among everything that is entered on the way.</param>
internal sealed record CallStep(string Context, string Extension, PlanPriority Priority, IReadOnlyList<string> Via, SymbolicText Number, ImmutableArray<int> Order);

/// <summary>A way, from its end.</summary>
internal sealed record CallWay(CallStep Step, CallWay? Before)
{
    /// <summary>How the call came to it; null: nobody asks.</summary>
    public CallState? At { get; init; }

    public int Length { get; } = 1 + (Before?.Length ?? 0);

    public IReadOnlyList<CallStep> Steps()
    {
        var steps = new List<CallStep>();
        for (var at = this; at is not null; at = at.Before)
        {
            steps.Add(at.Step);
        }

        steps.Reverse();
        return steps;
    }
}

/// <summary>Where Return leads, or the end of a macro.</summary>
/// <param name="Saved">What ARG1 and its like held before; null: nothing.</param>
internal sealed record CallFrame(
    string Context, SymbolicText Extension, string? Name, int Priority, bool IsMacro, ImmutableSortedDictionary<string, SymbolicText?> Saved)
{
    private (SymbolicText Extension, object Saved, string Key) _known;

    // A copy with other values makes its own.
    public string Key
    {
        get
        {
            if (!ReferenceEquals(_known.Extension, Extension) || !ReferenceEquals(_known.Saved, Saved))
            {
                _known = (Extension, Saved, LongKey.Of($"{Context}\n{Extension.Key}\n{Priority}\n{IsMacro}\n{string.Join('\n', Saved.Select(static pair => $"{pair.Key}={pair.Value?.Key}"))}"));
            }

            return _known.Key;
        }
    }
}

/// <summary>A call at one point of the dialplan, for all numbers at once that lead there.</summary>
internal sealed record CallState
{
    // Most steps change no variable, and a copy takes these along.
    private (object? Of, string Text) _values;

    public required string Context { get; init; }

    public required SymbolicText Extension { get; init; }

    /// <summary>The extension without hyphens, where it is only one: all texts that it stands for fit the same names and patterns.</summary>
    public string? Name { get; init; }

    public int Priority { get; init; } = 1;

    /// <summary>An extension that does not exist ends the call at once, and never leads to "i": the call did not begin yet.</summary>
    public bool IsBeginning { get; init; }

    /// <summary>The caller has hung up, and "h" runs: nobody can be called or asked any more, but a shell can.</summary>
    public bool IsHungUp { get; init; }

    /// <summary>It runs at another time than its lines are walked: what lines between have set is not known.</summary>
    public bool IsLater { get; init; }

    /// <summary>TIMEOUT(absolute) runs: "T" is next where it ends.</summary>
    public bool HasTimeout { get; init; }

    /// <summary>What each input may have been; <see cref="InputText"/> counts in here.</summary>
    public ImmutableArray<NumberLanguage> Inputs { get; init; } = [];

    /// <summary>When each of <see cref="Inputs"/> was entered: 0 for the first of all.</summary>
    public ImmutableArray<int> Order { get; init; } = [0];

    /// <summary>Inputs on which nothing depends any more, with the same order.</summary>
    public ImmutableArray<(int Order, NumberLanguage Input)> Earlier { get; init; } = [];

    /// <summary>Which inputs were typed behind a Read, and not dialled.</summary>
    public ImmutableSortedSet<int> Read { get; init; } = [];

    /// <summary>What was entered in a part of the caller (<see cref="ShownText.Part"/>), and neither dialled nor typed; by when it was, as in <see cref="Order"/>.</summary>
    public ImmutableSortedDictionary<int, string> Parts { get; init; } = ImmutableSortedDictionary<int, string>.Empty;

    public ImmutableSortedDictionary<string, SymbolicText> Variables { get; init; } = ImmutableSortedDictionary.Create<string, SymbolicText>(StringComparer.Ordinal);

    public ImmutableList<CallFrame> Frames { get; init; } = [];

    public ImmutableHashSet<Brake> Brakes { get; init; } = [];

    public ImmutableHashSet<Assumption> Assumptions { get; init; } = [];

    public CallWay? Way { get; init; }

    /// <summary>Where the call is, where it returns to, and who entered what it depends on.</summary>
    public string Point => LongKey.Of($"{Context}\n{Extension.Key}\n{Priority}\n{IsBeginning}{IsHungUp}{IsLater}{HasTimeout}\n{Origins}\n{string.Join('\n', Frames.Select(static frame => frame.Key))}");

    // What a provider delivers is not what the caller types: where both come to one line neither stands for the other. How often something was typed before does not matter, or no menu would end.
    private string Origins
    {
        get
        {
            var origins = Order.Select((order, input) => Parts.GetValueOrDefault(order) ?? (order == 0 ? "dialled" : Read.Contains(input) ? "read" : "typed"));
            var isTyped = Earlier.Length + Inputs.Length > 1 + Parts.Count;
            return $"{string.Join(',', origins)}{(isTyped ? " after a prompt" : "")}{(Parts.Count > 0 ? $" by {string.Join(',', Parts.Values.Distinct(StringComparer.Ordinal))}" : "")}";
        }
    }

    /// <summary>What its variables hold.</summary>
    public string Values
    {
        get
        {
            if (!ReferenceEquals(_values.Of, Variables))
            {
                _values = (Variables, LongKey.Of(string.Join('\n', Variables.Select(static pair => $"{pair.Key}={pair.Value.Key}"))));
            }

            return _values.Text;
        }
    }

    public CallState At(string context, SymbolicText extension, int priority) =>
        this with { Context = context, Extension = extension, Priority = priority, Name = extension.Constant?.Replace("-", "", StringComparison.Ordinal), IsBeginning = false };

    public CallState Next() => this with { Priority = Priority + 1, IsBeginning = false };

    public CallState With(Brake brake) => this with { Brakes = Brakes.Add(brake) };

    public CallState WithoutTimeout() => this with { Brakes = [.. Brakes.Where(static brake => brake.Kind != BrakeKind.TimeLimit)], HasTimeout = false };

    public CallState With(Assumption assumption) => this with { Assumptions = Assumptions.Add(assumption) };

    public CallState With(string variable, SymbolicText value) => this with { Variables = Variables.SetItem(variable, value) };

    /// <returns>null: no input is left.</returns>
    public CallState? Narrowed(Demand demand)
    {
        if (demand.Input is not { } input)
        {
            return demand.Holds.IsNone ? null : this;
        }

        var left = Languages.Intersect(Inputs[input], demand.Holds);
        return left.IsNone ? null : ReferenceEquals(left, Inputs[input]) ? this : this with { Inputs = Inputs.SetItem(input, left) };
    }

    /// <summary>Everything that was entered, first things first.</summary>
    public ImmutableArray<NumberLanguage> InOrder() =>
        [.. Earlier.Concat(Order.Zip(Inputs)).OrderBy(static pair => pair.Item1).Select(static pair => pair.Item2)];

    /// <summary>The caller enters something new; what nothing depends on any more is set aside.</summary>
    /// <param name="over">The variable that it goes into; null: it is the extension.</param>
    public (CallState State, InputText Entered) Enter(NumberLanguage entered, string? over)
    {
        var variables = over is null ? Variables : Variables.Remove(over);
        var used = variables.Values.Concat(Frames.SelectMany(static frame => frame.Saved.Values.OfType<SymbolicText>().Append(frame.Extension)))
            .Concat(over is null ? [] : [Extension]).SelectMany(static text => text.Inputs).Distinct().Order().ToList();
        var numbers = used.Select(static (old, now) => (old, now)).ToDictionary(static pair => pair.old, static pair => pair.now);
        var state = this with
        {
            Earlier = [.. Earlier, .. Enumerable.Range(0, Inputs.Length).Except(used).Select(input => (Order[input], Inputs[input]))],
            Inputs = [.. used.Select(input => Inputs[input]), entered],
            Order = [.. used.Select(input => Order[input]), Earlier.Length + Inputs.Length],
            Read = [.. Read.Where(numbers.ContainsKey).Select(input => numbers[input])],
        };
        if (used.Count < Inputs.Length && used.Count > 0)
        {
            state = state with
            {
                Extension = over is null ? Extension : Extension.Renumbered(numbers),
                Variables = variables.ToImmutableSortedDictionary(static pair => pair.Key, pair => pair.Value.Renumbered(numbers), StringComparer.Ordinal),
                Frames = [.. Frames.Select(frame => frame with
                {
                    Extension = frame.Extension.Renumbered(numbers),
                    Saved = frame.Saved.ToImmutableSortedDictionary(static pair => pair.Key, pair => pair.Value?.Renumbered(numbers), StringComparer.Ordinal),
                })],
            };
        }

        return (state, new InputText(used.Count));
    }
}

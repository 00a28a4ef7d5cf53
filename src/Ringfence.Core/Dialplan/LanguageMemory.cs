namespace Ringfence.Core.Dialplan;

internal enum LanguageOperation
{
    Intersect,
    Except,
    Union,
}

/// <summary>
/// What was made of two sets before: the contexts of a PBX hold the same patterns again and again, and 3,000 of them ask for some hundred answers.
/// One for each thread, as an automaton is made in one.
/// </summary>
internal sealed class LanguageMemory
{
    /// <summary>Of all sets that are remembered, some ten megabytes; then it begins anew.</summary>
    private const int MostStates = 100_000;

    [ThreadStatic]
    private static LanguageMemory? _own;

    private readonly Dictionary<Question, NumberLanguage> _answers = [];
    private readonly Dictionary<(string Text, NumberLanguage Wanted), Demand> _demands = [];
    private int _states;

    public static NumberLanguage Of(LanguageOperation operation, NumberLanguage left, NumberLanguage right, Func<NumberLanguage, NumberLanguage, NumberLanguage> make) =>
        (_own ??= new LanguageMemory()).Find(new Question(operation, left, right), make);

    /// <param name="text">That it depends on is all in <see cref="SymbolicText.Key"/>.</param>
    public static Demand Of(SymbolicText text, NumberLanguage wanted, Func<SymbolicText, NumberLanguage, Demand> make)
    {
        var own = _own ??= new LanguageMemory();
        if (!own._demands.TryGetValue((text.Key, wanted), out var known))
        {
            known = make(text, wanted);
            own.Remember(wanted.States + known.Holds.States + known.Fails.States);
            own._demands[(text.Key, wanted)] = known;
        }

        return known;
    }

    private NumberLanguage Find(Question question, Func<NumberLanguage, NumberLanguage, NumberLanguage> make)
    {
        if (_answers.TryGetValue(question, out var known))
        {
            return known;
        }

        var made = make(question.Left, question.Right);
        Remember(question.Left.States + question.Right.States + made.States);
        _answers[question] = made;
        return made;
    }

    private void Remember(int states)
    {
        _states += states;
        if (_states > MostStates)
        {
            _answers.Clear();
            _demands.Clear();
            _states = states;
        }
    }

    private readonly record struct Question(LanguageOperation Operation, NumberLanguage Left, NumberLanguage Right);
}

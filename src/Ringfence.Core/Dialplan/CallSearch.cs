namespace Ringfence.Core.Dialplan;

/// <summary>Finds which extensions take a call, for all its numbers at once. One serves any number of walks, and remembers what it found.</summary>
/// <param name="isInert">Extensions that lead nowhere, which a walk passes by: their numbers are taken, and nothing is told of them; null: none.</param>
/// <param name="givenNames">Variables that peers' sections set (set_var); null: none.</param>
internal sealed class CallSearch(Plan plan, Func<PlanExtension, bool>? isInert = null, IReadOnlySet<string>? givenNames = null)
{
    /// <summary>Of what is remembered; then it begins anew.</summary>
    private const int MostRemembered = 20_000;

    /// <summary>Of one extension: more are no target that was put together.</summary>
    private const int MostLabels = 50;

    // Each context of a chain of thousands leads to a hundred others.
    private const int MostVisits = 200_000;

    private readonly Dictionary<string, NumberLanguage> _fitting = new(StringComparer.Ordinal);
    private readonly Dictionary<PlanContext, ContextNames> _names = [];
    private readonly Dictionary<string, IReadOnlyList<PlanVisit>> _visits = new(StringComparer.Ordinal);
    private readonly Dictionary<Question, Answer> _answers = [];

    private int _remembered;
    private Dictionary<string, string?>? _globals;
    private AssignedNames? _assigned;
    private DiallingNames? _dialling;
    private bool? _originates;

    public Plan Plan => plan;

    /// <summary>[globals], without those that the dialplan itself sets.</summary>
    public IReadOnlyDictionary<string, string?> Globals => _globals ??= GlobalsThatStay();

    /// <summary>Where no line on a call's way gave this variable a value it is empty, unless a program or a person gives it one.</summary>
    public bool IsEmptyUnlessSet(string variable) => !(_assigned ??= new AssignedNames(plan, givenNames ?? (IEnumerable<string>)[])).Contains(variable);

    /// <summary>Something in the dialplan makes a call of its own: that can be done when a call has ended, too.</summary>
    public bool Originates => _originates ??= plan.Contexts.SelectMany(static context => context.Extensions).SelectMany(static extension => extension.Priorities)
        .Any(static priority => priority.Is("Originate") || priority.Arguments.Contains("Originate(", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a variable has a part in whom a call reaches.</summary>
    public bool IsDialling(string variable) => variable.StartsWith(GateWays.AskedAs, StringComparison.Ordinal) || (_dialling ??= new DiallingNames(plan)).Contains(variable);

    /// <param name="State">Its inputs are those that this extension takes.</param>
    public sealed record Hit(CallState State, PlanVisit Visit, PlanExtension Extension, PlanPriority Priority);

    /// <param name="switches">Switches that would have been asked; who answers there was not read.</param>
    /// <param name="missing">What no extension takes: it costs more than the rest, and few ask for it.</param>
    public sealed class Result(IReadOnlyList<Hit> hits, IReadOnlyList<PlanSwitch> switches, Func<CallState?> missing)
    {
        private readonly Lazy<CallState?> _missing = new(missing);

        public IReadOnlyList<Hit> Hits => hits;

        public IReadOnlyList<PlanSwitch> Switches => switches;

        /// <summary>null: nothing.</summary>
        public CallState? Missing => _missing.Value;
    }

    /// <summary>By the state's own priority, or by a label.</summary>
    public Result Find(CallState state, string? label = null) => state.Name is null ? FindTexts(state, label) : FindName(state, label);

    /// <summary>Whether a name such as "i" would be found there.</summary>
    public bool Has(string context, string name) => plan.Find(context, name) is not null;

    /// <summary>Whether it is there by this name, and not by a pattern that takes it too.</summary>
    public bool HasNamed(string context, string name) => plan.Find(context, name) is { Extension.IsPattern: false };

    /// <summary>The labels of the extensions that a call would find there.</summary>
    public IReadOnlyList<string> Labels(CallState state, string context, SymbolicText extension) =>
        [.. Find(state.At(context, extension, 1)).Hits.SelectMany(static hit => hit.Extension.Priorities).Select(static priority => priority.Label).OfType<string>().Distinct(StringComparer.Ordinal).Take(MostLabels)];

    public NumberLanguage Fitting(string pattern)
    {
        if (!_fitting.TryGetValue(pattern, out var language))
        {
            _fitting[pattern] = language = Languages.Fitting(pattern);
        }

        return language;
    }

    private IReadOnlyList<PlanVisit> Visits(string context)
    {
        if (!_visits.TryGetValue(context, out var visits))
        {
            visits = [.. plan.Visits(context)];
            _remembered += visits.Count;
            if (_remembered > MostVisits)
            {
                _visits.Clear();
                _remembered = visits.Count;
            }

            _visits[context] = visits;
        }

        // Includes that hold at certain times are met again on each way: two thousand contexts for each of ten thousand states would be a minute.
        LanguageWork.Spend(Math.Max(0, visits.Count - Plan.MaxContexts));
        return visits;
    }

    private static PlanPriority? Priority(PlanExtension extension, int number, string? label) => label is null ? extension[number] : extension.Labelled(label);

    private Result FindName(CallState state, string? label)
    {
        var hits = new List<Hit>();
        var switches = new List<PlanSwitch>();
        foreach (var visit in Visits(state.Context))
        {
            foreach (var extension in visit.Context.Fitting(state.Name!))
            {
                if (Priority(extension, state.Priority, label) is not { } priority)
                {
                    continue;
                }

                if (isInert?.Invoke(extension) != true)
                {
                    hits.Add(Take(state, visit, extension, priority));
                }

                if (IsForAll(visit, extension))
                {
                    return new Result(hits, switches, static () => null);
                }
            }

            switches.AddRange(visit.Context.Switches);
        }

        return new Result(hits, switches, () => state);
    }

    // What one extension takes is taken from those behind it. That is done for those alone whose numbers overlap: 3,000 tenants who include the same contexts then share what was found there.
    private Result FindTexts(CallState state, string? label)
    {
        var input = state.Extension.Inputs[0];
        var inputs = state.Inputs[input];
        var hits = new List<Hit>();
        var switches = new List<PlanSwitch>();
        var gone = new List<Gone>();
        foreach (var visit in Visits(state.Context))
        {
            var question = new Question(visit.Context, visit.IsTimed, state.Priority, label, state.Extension.Key, inputs);
            if (!_answers.TryGetValue(question, out var answer))
            {
                if (_answers.Count >= MostRemembered)
                {
                    _answers.Clear();
                }

                _answers[question] = answer = Look(visit, state.Extension, inputs, state.Priority, label);
            }

            foreach (var (extension, taken) in answer.Taken)
            {
                if (Without(taken, gone) is { IsNone: false } left)
                {
                    var its = state with { Inputs = state.Inputs.SetItem(input, left), Name = extension.IsPattern ? null : extension.Pattern };
                    hits.Add(Take(its, visit, extension, Priority(extension, state.Priority, label)!));
                }
            }

            gone.AddRange(answer.Gone);
            if (visit.Context.Switches.Count > 0 && !Without(inputs, gone).IsNone)
            {
                switches.AddRange(visit.Context.Switches);
            }
        }

        return new Result(hits, switches, () => Without(inputs, gone) is { IsNone: false } left ? state with { Inputs = state.Inputs.SetItem(input, left) } : null);
    }

    private static NumberLanguage Without(NumberLanguage inputs, List<Gone> gone)
    {
        foreach (var one in gone)
        {
            if (inputs.IsNone)
            {
                break;
            }

            inputs = one.From(inputs);
        }

        return inputs;
    }

    private Answer Look(PlanVisit visit, SymbolicText text, NumberLanguage inputs, int number, string? label)
    {
        var names = label is null ? Names(visit.Context).Having(number) : new ExactNames(visit.Context.Extensions.Where(extension => !extension.IsPattern && extension.Labelled(label) is not null));
        var taken = new List<(PlanExtension, NumberLanguage)>();
        var gone = new List<Gone>();
        var fixedNames = new List<PlanExtension>();
        foreach (var extension in names.Overlapping(text, inputs))
        {
            if (IsForAll(visit, extension))
            {
                fixedNames.Add(extension);
            }

            if (isInert?.Invoke(extension) != true && Languages.Intersect(inputs, Demand.That(text, Fitting(extension.Pattern)).Holds) is { IsNone: false } its)
            {
                taken.Add((extension, its));
            }
        }

        if (fixedNames.Count > 0)
        {
            var isAll = fixedNames.Count == names.Count;
            gone.Add(new Gone(text, isAll ? names : new ExactNames(fixedNames)));
        }

        foreach (var extension in visit.Context.Patterns)
        {
            if (Priority(extension, number, label) is null)
            {
                continue;
            }

            var demand = Demand.That(text, Fitting(extension.Pattern));
            if (isInert?.Invoke(extension) != true && Without(Languages.Intersect(inputs, demand.Holds), gone) is { IsNone: false } its)
            {
                taken.Add((extension, its));
            }

            if (IsForAll(visit, extension))
            {
                gone.Add(new Gone(demand.Fails));
            }
        }

        return new Answer(taken, gone);
    }

    // Others may take the same numbers otherwise: at another time, or of another caller.
    private static bool IsForAll(PlanVisit visit, PlanExtension extension) => !visit.IsTimed && extension.CallerId is null;

    private Hit Take(CallState state, PlanVisit visit, PlanExtension extension, PlanPriority priority)
    {
        var taken = state with { IsBeginning = false };
        foreach (var include in visit.IsTimed ? visit.Via.Where(static include => include.Times is not null) : [])
        {
            taken = taken.With(new Assumption(AssumptionKind.Time, $"the time is {include.Times}", include.Place));
        }

        if (extension.CallerId is { } caller)
        {
            taken = taken.With(new Assumption(AssumptionKind.Caller, caller.Length == 0 ? "the caller shows no number" : $"the caller shows a number that fits {caller}", priority.Place)
            {
                Shown = state.Variables.ContainsKey("CALLERID(num)") ? null : new ShownText(ShownText.Number, caller.Length == 0 ? NumberLanguage.Empty : Fitting(caller)),
            });
        }

        return new Hit(taken, visit, extension, priority);
    }

    private ContextNames Names(PlanContext context)
    {
        if (!_names.TryGetValue(context, out var names))
        {
            _names[context] = names = new ContextNames(context);
        }

        return names;
    }

    private Dictionary<string, string?> GlobalsThatStay()
    {
        var set = plan.Contexts.SelectMany(static context => context.Extensions).SelectMany(static extension => extension.Priorities)
            .Where(static priority => priority.Arguments.Contains("GLOBAL(", StringComparison.OrdinalIgnoreCase) || priority.Is("SetGlobalVar"))
            .SelectMany(static priority => GlobalsSet(priority.Arguments)).ToHashSet(StringComparer.Ordinal);
        // GLOBAL(OUT_${NUMBER}): any that begins so.
        var begins = set.Where(static name => name.Contains('$', StringComparison.Ordinal)).Select(static name => name[..name.IndexOf('$', StringComparison.Ordinal)]).Distinct(StringComparer.Ordinal).ToList();
        return plan.Globals.Where(global => !set.Contains(global.Key) && !begins.Exists(begin => global.Key.StartsWith(begin, StringComparison.Ordinal))).ToDictionary(StringComparer.Ordinal);
    }

    private static IEnumerable<string> GlobalsSet(string arguments)
    {
        var at = 0;
        while ((at = arguments.IndexOf("GLOBAL(", at, StringComparison.OrdinalIgnoreCase)) >= 0)
        {
            at += "GLOBAL(".Length;
            var close = at;
            while (close < arguments.Length && arguments[close] != ')')
            {
                close = TextParts.EndOfPart(arguments, close) ?? close + 1;
            }

            if (close > at && close + 1 < arguments.Length && arguments[close + 1] == '=')
            {
                yield return arguments[at..close];
            }
        }
    }

    private readonly record struct Question(PlanContext Context, bool IsTimed, int Priority, string? Label, string Extension, NumberLanguage Inputs);

    /// <param name="Taken">By each extension, with the inputs that it takes.</param>
    /// <param name="Gone">What contexts behind this one do not get.</param>
    private sealed record Answer(List<(PlanExtension Extension, NumberLanguage Inputs)> Taken, List<Gone> Gone);
}

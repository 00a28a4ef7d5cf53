using System.Runtime.CompilerServices;

namespace Ringfence.Core.Dialplan;

/// <summary>Finds which extensions take a call, for all its numbers at once. One serves any number of walks, and remembers what it found.</summary>
/// <param name="isInert">Extensions that lead nowhere, which a walk passes by: their numbers are taken, and nothing is told of them; null: none.</param>
internal sealed class CallSearch(Plan plan, Func<PlanExtension, bool>? isInert = null)
{
    /// <summary>Of what is remembered; then it begins anew.</summary>
    private const int MostRemembered = 100_000;


    private readonly Dictionary<string, NumberLanguage> _fitting = new(StringComparer.Ordinal);
    private readonly ConditionalWeakTable<PlanContext, Dictionary<int, ExactNames>> _names = [];
    private readonly Dictionary<string, IReadOnlyList<PlanVisit>> _visits = new(StringComparer.Ordinal);
    private readonly Dictionary<Question, Answer> _answers = [];

    private Dictionary<string, string?>? _globals;

    public Plan Plan => plan;

    /// <summary>[globals], without those that the dialplan itself sets.</summary>
    public IReadOnlyDictionary<string, string?> Globals => _globals ??= GlobalsThatStay();

    /// <param name="State">Its inputs are those that this extension takes.</param>
    public sealed record Hit(CallState State, PlanVisit Visit, PlanExtension Extension, PlanPriority Priority);

    /// <param name="Missing">What no extension takes; null: nothing.</param>
    /// <param name="Switches">Switches that would have been asked; who answers there was not read.</param>
    public sealed record Result(IReadOnlyList<Hit> Hits, CallState? Missing, IReadOnlyList<PlanSwitch> Switches);

    /// <summary>By the state's own priority, or by a label.</summary>
    public Result Find(CallState state, string? label = null)
    {
        var hits = new List<Hit>();
        var switches = new List<PlanSwitch>();
        var rest = (CallState?)state;
        foreach (var visit in Visits(state.Context))
        {
            if (rest is null)
            {
                break;
            }

            rest = state.Name is not null ? FindName(rest, visit, label, hits) : FindTexts(rest, visit, label, hits);
            if (rest is not null)
            {
                switches.AddRange(visit.Context.Switches);
            }
        }

        return new Result(hits, rest, switches);
    }

    /// <summary>Whether a name such as "i" would be found there.</summary>
    public bool Has(string context, string name) => plan.Find(context, name) is not null;

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
            _visits[context] = visits = [.. plan.Visits(context)];
        }

        return visits;
    }

    private static PlanPriority? Priority(PlanExtension extension, int number, string? label) => label is null ? extension[number] : extension.Labelled(label);

    private CallState? FindName(CallState state, PlanVisit visit, string? label, List<Hit> hits)
    {
        foreach (var extension in visit.Context.Extensions)
        {
            if (Priority(extension, state.Priority, label) is not { } priority || !(extension.IsPattern ? ExtensionName.Matches(extension.Pattern, state.Name!) : extension.Pattern == state.Name))
            {
                continue;
            }

            if (isInert?.Invoke(extension) != true)
            {
                Take(state, visit, extension, priority, hits);
            }

            if (IsForAll(visit, extension))
            {
                return null;
            }
        }

        return state;
    }

    private CallState? FindTexts(CallState state, PlanVisit visit, string? label, List<Hit> hits)
    {
        var input = state.Extension.Inputs[0];
        var question = new Question(visit.Context, visit.IsTimed, state.Priority, label, state.Extension.Key, state.Inputs[input]);
        if (!_answers.TryGetValue(question, out var answer))
        {
            if (_answers.Count >= MostRemembered)
            {
                _answers.Clear();
            }

            _answers[question] = answer = Look(visit, state.Extension, state.Inputs[input], state.Priority, label);
        }

        foreach (var (extension, taken) in answer.Taken)
        {
            Take(state with { Inputs = state.Inputs.SetItem(input, taken), Name = extension.IsPattern ? null : extension.Pattern }, visit, extension, Priority(extension, state.Priority, label)!, hits);
        }

        return answer.Rest.IsNone ? null : answer.Rest.Equals(state.Inputs[input]) ? state : state with { Inputs = state.Inputs.SetItem(input, answer.Rest) };
    }

    private Answer Look(PlanVisit visit, SymbolicText text, NumberLanguage inputs, int number, string? label)
    {
        var names = Names(visit.Context, number, label);
        var taken = new List<(PlanExtension, NumberLanguage)>();
        var gone = new List<string>();
        foreach (var extension in names.Overlapping(text, inputs))
        {
            if (IsForAll(visit, extension))
            {
                gone.Add(extension.Pattern);
            }

            if (isInert?.Invoke(extension) != true && Languages.Intersect(inputs, Demand.That(text, Fitting(extension.Pattern)).Holds) is { IsNone: false } its)
            {
                taken.Add((extension, its));
            }
        }

        if (gone.Count > 0)
        {
            inputs = Languages.Intersect(inputs, Demand.That(text, gone.Count == names.Count ? names.Language : Languages.UnionOf(gone.Select(Fitting))).Fails);
        }

        foreach (var extension in visit.Context.Extensions.Where(extension => extension.IsPattern && Priority(extension, number, label) is not null))
        {
            if (inputs.IsNone)
            {
                break;
            }

            var demand = Demand.That(text, Fitting(extension.Pattern));
            if (Languages.Intersect(inputs, demand.Holds) is { IsNone: false } its)
            {
                if (isInert?.Invoke(extension) != true)
                {
                    taken.Add((extension, its));
                }

                inputs = IsForAll(visit, extension) ? Languages.Intersect(inputs, demand.Fails) : inputs;
            }
        }

        return new Answer(taken, inputs);
    }

    // Others may take the same numbers otherwise: at another time, or of another caller.
    private static bool IsForAll(PlanVisit visit, PlanExtension extension) => !visit.IsTimed && extension.CallerId is null;

    private static void Take(CallState state, PlanVisit visit, PlanExtension extension, PlanPriority priority, List<Hit> hits)
    {
        var taken = state with { IsBeginning = false };
        foreach (var include in visit.Via.Where(static include => include.Times is not null))
        {
            taken = taken.With(new Assumption(AssumptionKind.Time, $"the time is {include.Times}", include.Place));
        }

        if (extension.CallerId is { } caller)
        {
            taken = taken.With(new Assumption(AssumptionKind.Caller, caller.Length == 0 ? "the caller shows no number" : $"the caller shows a number that fits {caller}", priority.Place));
        }

        hits.Add(new Hit(taken, visit, extension, priority));
    }

    private ExactNames Names(PlanContext context, int number, string? label)
    {
        if (label is not null)
        {
            return new ExactNames(context.Extensions.Where(extension => !extension.IsPattern && extension.Labelled(label) is not null));
        }

        var byNumber = _names.GetOrCreateValue(context);
        if (!byNumber.TryGetValue(number, out var names))
        {
            byNumber[number] = names = new ExactNames(context.Extensions.Where(extension => !extension.IsPattern && extension[number] is not null));
        }

        return names;
    }

    /// <summary>The names of a context that are no patterns, as a tree: thousands are passed by at the cost of the few that fit.</summary>
    private sealed class ExactNames
    {
        private readonly List<Dictionary<char, int>> _next = [[]];
        private readonly List<List<PlanExtension>> _ends = [[]];
        private NumberLanguage? _language;

        public ExactNames(IEnumerable<PlanExtension> extensions)
        {
            foreach (var extension in extensions.Where(static extension => extension.Pattern.All(char.IsAscii)))
            {
                var node = 0;
                foreach (var c in extension.Pattern)
                {
                    if (!_next[node].TryGetValue(c, out var next))
                    {
                        _next[node][c] = next = _next.Count;
                        _next.Add([]);
                        _ends.Add([]);
                    }

                    node = next;
                }

                _ends[node].Add(extension);
                Count++;
            }
        }

        public int Count { get; }

        /// <summary>All of them.</summary>
        public NumberLanguage Language => _language ??= Build();

        /// <summary>Those that the text may be, and some that it may not.</summary>
        public IEnumerable<PlanExtension> Overlapping(SymbolicText text, NumberLanguage inputs)
        {
            if (Count == 0)
            {
                return [];
            }

            return text is InputText ? Walk(inputs)
                : Languages.Overlap(inputs, Demand.That(text, Language).Holds) ? _ends.SelectMany(static ends => ends)
                : [];
        }

        private List<PlanExtension> Walk(NumberLanguage language)
        {
            var found = new SortedSet<int>();
            var seen = new HashSet<(int, int)> { (0, 0) };
            var queue = new Queue<(int State, int Node)>([(0, 0)]);
            while (queue.TryDequeue(out var at))
            {
                if (language.Accepts(at.State))
                {
                    found.Add(at.Node);
                }

                Go(language.Step(at.State, '-'), at.Node);
                foreach (var (c, next) in _next[at.Node])
                {
                    Go(language.Step(at.State, c), next);
                }
            }

            return [.. found.SelectMany(node => _ends[node])];

            void Go(int state, int node)
            {
                if (state != NumberLanguage.Dead && seen.Add((state, node)))
                {
                    queue.Enqueue((state, node));
                }
            }
        }

        private NumberLanguage Build()
        {
            var builder = new LanguageBuilder();
            for (var node = 0; node < _next.Count; node++)
            {
                builder.Add(_ends[node].Count > 0);
                builder.Edge(node, '-', '-', node);
            }

            for (var node = 0; node < _next.Count; node++)
            {
                foreach (var (c, next) in _next[node].OrderBy(static pair => pair.Key))
                {
                    builder.Edge(node, c, c, next);
                }
            }

            return builder.Build(0)!;
        }
    }

    private Dictionary<string, string?> GlobalsThatStay()
    {
        var set = plan.Contexts.SelectMany(static context => context.Extensions).SelectMany(static extension => extension.Priorities)
            .Where(static priority => priority.Arguments.Contains("GLOBAL(", StringComparison.OrdinalIgnoreCase) || priority.Is("SetGlobalVar"))
            .SelectMany(static priority => GlobalsSet(priority.Arguments)).ToHashSet(StringComparer.Ordinal);
        return plan.Globals.Where(global => !set.Contains(global.Key)).ToDictionary(StringComparer.Ordinal);
    }

    private static IEnumerable<string> GlobalsSet(string arguments)
    {
        var at = 0;
        while ((at = arguments.IndexOf("GLOBAL(", at, StringComparison.OrdinalIgnoreCase)) >= 0)
        {
            at += "GLOBAL(".Length;
            var close = arguments.IndexOf(')', at);
            if (close > at && close + 1 < arguments.Length && arguments[close + 1] == '=')
            {
                yield return arguments[at..close];
            }
        }
    }

    private readonly record struct Question(PlanContext Context, bool IsTimed, int Priority, string? Label, string Extension, NumberLanguage Inputs);

    /// <param name="Taken">By each extension, with the inputs that it takes.</param>
    private sealed record Answer(List<(PlanExtension Extension, NumberLanguage Inputs)> Taken, NumberLanguage Rest);
}

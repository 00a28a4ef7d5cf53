using System.Runtime.CompilerServices;

namespace Ringfence.Core.Dialplan;

/// <summary>Finds which extensions take a call, for all its numbers at once.</summary>
internal sealed class CallSearch(Plan plan)
{
    private readonly Dictionary<string, NumberLanguage> _fitting = new(StringComparer.Ordinal);
    private readonly ConditionalWeakTable<PlanContext, Dictionary<int, ExactNames>> _names = [];
    private readonly Dictionary<string, IReadOnlyList<PlanVisit>> _visits = new(StringComparer.Ordinal);

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

    private static CallState? FindName(CallState state, PlanVisit visit, string? label, List<Hit> hits)
    {
        foreach (var extension in visit.Context.Extensions)
        {
            if (Priority(extension, state.Priority, label) is { } priority && ExtensionName.Matches(extension.Pattern, state.Name!)
                && Take(state, visit, extension, priority, hits))
            {
                return null;
            }
        }

        return state;
    }

    private CallState? FindTexts(CallState state, PlanVisit visit, string? label, List<Hit> hits)
    {
        var names = Names(visit.Context, state.Priority, label);
        var rest = state;
        var taken = new List<string>();
        foreach (var extension in names.Overlapping(state, rest))
        {
            if (rest.Narrowed(Demand.That(state.Extension, Fitting(extension.Pattern))) is { } narrowed
                && Take(narrowed with { Name = extension.Pattern }, visit, extension, Priority(extension, state.Priority, label)!, hits))
            {
                taken.Add(extension.Pattern);
            }
        }

        if (taken.Count > 0)
        {
            var all = taken.Count > names.Count / 2 && taken.Count == names.Count ? names.Language : Languages.UnionOf(taken.Select(Fitting));
            if (rest.Narrowed(Demand.That(state.Extension, all).Opposite()) is not { } left)
            {
                return null;
            }

            rest = left;
        }

        foreach (var extension in visit.Context.Extensions.Where(static extension => extension.IsPattern))
        {
            if (Priority(extension, state.Priority, label) is not { } priority)
            {
                continue;
            }

            var demand = Demand.That(state.Extension, Fitting(extension.Pattern));
            if (rest.Narrowed(demand) is not { } narrowed || !Take(narrowed, visit, extension, priority, hits))
            {
                continue;
            }

            if (rest.Narrowed(demand.Opposite()) is not { } left)
            {
                return null;
            }

            rest = left;
        }

        return rest;
    }

    /// <returns>false: others may take the same numbers, at another time or of another caller.</returns>
    private static bool Take(CallState state, PlanVisit visit, PlanExtension extension, PlanPriority priority, List<Hit> hits)
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
        return !visit.IsTimed && extension.CallerId is null;
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

        /// <summary>Those that the state's number may be.</summary>
        public IEnumerable<PlanExtension> Overlapping(CallState state, CallState rest)
        {
            if (Count == 0)
            {
                return [];
            }

            if (state.Extension is InputText input)
            {
                return Walk(rest.Inputs[input.Number]);
            }

            return rest.Narrowed(Demand.That(state.Extension, Language)) is null ? [] : _ends.SelectMany(static ends => ends);
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
}

using System.Collections.Immutable;

namespace Ringfence.Core.Dialplan;

/// <summary>An automaton that may be in several states at once; <see cref="Build"/> makes the minimal deterministic one of it.</summary>
internal sealed class LanguageBuilder
{
    private readonly List<List<LanguageEdge>> _edges = [];
    private readonly List<bool> _accepts = [];

    public int Add(bool accepts = false)
    {
        _edges.Add([]);
        _accepts.Add(accepts);
        return _accepts.Count - 1;
    }

    public void Accept(int state) => _accepts[state] = true;

    public bool Accepts(int state) => _accepts[state];

    public void Edge(int from, char first, char last, int to)
    {
        if (first <= last)
        {
            _edges[from].Add(new LanguageEdge(first, last, to));
        }
    }

    public void AnyEdge(int from, int to) => Edge(from, '\0', NumberLanguage.LastSymbol, to);

    /// <summary>Copies an automaton in; its states keep their order.</summary>
    /// <returns>The number of its first state here.</returns>
    public int Include(NumberLanguage language, bool keepsAccepting = true)
    {
        var start = _accepts.Count;
        for (var state = 0; state < language.States; state++)
        {
            _edges.Add([.. language.Edges(state).Select(edge => edge with { Target = edge.Target + start })]);
            _accepts.Add(keepsAccepting && language.Accepts(state));
        }

        return start;
    }

    /// <param name="starts">The states that it begins in.</param>
    /// <exception cref="LanguageTooLargeException">It costs more than <see cref="LanguageWork"/> has left.</exception>
    public NumberLanguage Build(params IEnumerable<int> starts)
    {
        var first = starts.Distinct().Order().ToArray();
        var numbers = new Dictionary<int[], int>(StateSets.Instance) { [first] = 0 };
        var sets = new List<int[]> { first };
        var edges = new List<List<LanguageEdge>>();
        for (var at = 0; at < sets.Count; at++)
        {
            var found = new List<LanguageEdge>();
            foreach (var (from, to, targets) in Steps(sets[at]))
            {
                if (!numbers.TryGetValue(targets, out var number))
                {
                    numbers[targets] = number = sets.Count;
                    sets.Add(targets);
                }

                found.Add(new LanguageEdge(from, to, number));
            }

            edges.Add(found);
        }

        return LanguageMinimum.Of(edges, [.. sets.Select(set => set.Any(state => _accepts[state]))]);
    }

    private IEnumerable<(char First, char Last, int[] Targets)> Steps(int[] states)
    {
        if (states.Length == 1 && IsPlain(_edges[states[0]]))
        {
            LanguageWork.Spend(1);
            foreach (var edge in _edges[states[0]])
            {
                yield return (edge.First, edge.Last, [edge.Target]);
            }

            yield break;
        }

        var cuts = new SortedSet<int>();
        foreach (var edge in states.SelectMany(state => _edges[state]))
        {
            cuts.Add(edge.First);
            cuts.Add(edge.Last + 1);
        }

        var bounds = cuts.ToArray();
        LanguageWork.Spend(1 + (bounds.Length * states.Sum(state => _edges[state].Count)));
        for (var i = 0; i + 1 < bounds.Length; i++)
        {
            var symbol = (char)bounds[i];
            var targets = states.SelectMany(state => _edges[state]).Where(edge => edge.First <= symbol && symbol <= edge.Last)
                .Select(static edge => edge.Target).Distinct().Order().ToArray();
            if (targets.Length > 0)
            {
                yield return (symbol, (char)(bounds[i + 1] - 1), targets);
            }
        }
    }

    private static bool IsPlain(List<LanguageEdge> edges)
    {
        for (var i = 1; i < edges.Count; i++)
        {
            if (edges[i].First <= edges[i - 1].Last)
            {
                return false;
            }
        }

        return true;
    }

    private sealed class StateSets : IEqualityComparer<int[]>
    {
        public static StateSets Instance { get; } = new();

        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] obj)
        {
            var hash = default(HashCode);
            foreach (var state in obj)
            {
                hash.Add(state);
            }

            return hash.ToHashCode();
        }
    }
}

/// <summary>Makes a deterministic automaton minimal.</summary>
internal static class LanguageMinimum
{
    /// <param name="edges">Of each state, ascending and without overlaps; state 0 is the start.</param>
    public static NumberLanguage Of(List<List<LanguageEdge>> edges, bool[] accepts)
    {
        var isAlive = Alive(edges, accepts);
        if (!isAlive[0])
        {
            return NumberLanguage.None;
        }

        var live = edges.Select(list => list.Where(edge => isAlive[edge.Target]).ToList()).ToList();
        var classes = Classes(live, accepts, isAlive);
        return Numbered(live, accepts, classes);
    }

    private static bool[] Alive(List<List<LanguageEdge>> edges, bool[] accepts)
    {
        var into = new List<int>?[edges.Count];
        for (var state = 0; state < edges.Count; state++)
        {
            foreach (var edge in edges[state])
            {
                (into[edge.Target] ??= []).Add(state);
            }
        }

        var isAlive = (bool[])accepts.Clone();
        var queue = new Queue<int>(Enumerable.Range(0, edges.Count).Where(state => accepts[state]));
        while (queue.TryDequeue(out var state))
        {
            foreach (var before in into[state] ?? [])
            {
                if (!isAlive[before])
                {
                    isAlive[before] = true;
                    queue.Enqueue(before);
                }
            }
        }

        return isAlive;
    }

    // Moore's refinement: states stay together while their edges lead to the same classes.
    private static int[] Classes(List<List<LanguageEdge>> edges, bool[] accepts, bool[] isAlive)
    {
        var classes = new int[edges.Count];
        for (var state = 0; state < edges.Count; state++)
        {
            classes[state] = accepts[state] ? 1 : 0;
        }

        var count = 0;
        while (true)
        {
            var known = new Dictionary<Signature, int>();
            var next = new int[edges.Count];
            for (var state = 0; state < edges.Count; state++)
            {
                if (!isAlive[state])
                {
                    continue;
                }

                var signature = new Signature(classes[state], Merged(edges[state], classes));
                if (!known.TryGetValue(signature, out var number))
                {
                    known[signature] = number = known.Count;
                }

                next[state] = number;
            }

            classes = next;
            if (known.Count == count)
            {
                return classes;
            }

            count = known.Count;
            LanguageWork.Spend(count);
        }
    }

    private static NumberLanguage Numbered(List<List<LanguageEdge>> edges, bool[] accepts, int[] classes)
    {
        var numbers = new Dictionary<int, int> { [classes[0]] = 0 };
        var order = new List<int> { 0 };
        var result = new List<ImmutableArray<LanguageEdge>>();
        for (var at = 0; at < order.Count; at++)
        {
            var found = ImmutableArray.CreateBuilder<LanguageEdge>();
            foreach (var edge in Merged(edges[order[at]], classes))
            {
                if (!numbers.TryGetValue(edge.Target, out var number))
                {
                    numbers[edge.Target] = number = order.Count;
                    order.Add(edges[order[at]].First(original => original.First <= edge.First && edge.First <= original.Last).Target);
                }

                found.Add(edge with { Target = number });
            }

            result.Add(found.ToImmutable());
        }

        return new NumberLanguage([.. result], [.. order.Select(state => accepts[state])]);
    }

    private static List<LanguageEdge> Merged(List<LanguageEdge> edges, int[] classes)
    {
        var merged = new List<LanguageEdge>(edges.Count);
        foreach (var edge in edges)
        {
            var target = classes[edge.Target];
            if (merged.Count > 0 && merged[^1].Target == target && merged[^1].Last + 1 == edge.First)
            {
                merged[^1] = merged[^1] with { Last = edge.Last };
            }
            else
            {
                merged.Add(edge with { Target = target });
            }
        }

        return merged;
    }

    private readonly struct Signature(int own, List<LanguageEdge> edges) : IEquatable<Signature>
    {
        private readonly int _own = own;
        private readonly List<LanguageEdge> _edges = edges;

        public bool Equals(Signature other) => _own == other._own && System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_edges)
            .SequenceEqual(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(other._edges));

        public override bool Equals(object? obj) => obj is Signature other && Equals(other);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            hash.Add(_own);
            foreach (var edge in _edges)
            {
                hash.Add(edge.Last);
                hash.Add(edge.Target);
            }

            return hash.ToHashCode();
        }
    }
}

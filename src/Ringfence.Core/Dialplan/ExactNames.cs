namespace Ringfence.Core.Dialplan;

/// <summary>The names of a context that are no patterns, as a tree: thousands are passed by at the cost of the few that fit.</summary>
internal sealed class ExactNames
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

    /// <summary>One of them is in the language.</summary>
    public bool Fits(NumberLanguage language) => Count > 0 && Nodes(language).Any();

    private List<PlanExtension> Walk(NumberLanguage language) => [.. Nodes(language).Order().SelectMany(node => _ends[node])];

    // Those that are the end of a name, each once.
    private IEnumerable<int> Nodes(NumberLanguage language)
    {
        var found = new HashSet<int>();
        var seen = new HashSet<(int, int)> { (0, 0) };
        var queue = new Queue<(int State, int Node)>([(0, 0)]);
        while (queue.TryDequeue(out var at))
        {
            if (language.Accepts(at.State) && _ends[at.Node].Count > 0 && found.Add(at.Node))
            {
                yield return at.Node;
            }

            Go(language.Step(at.State, '-'), at.Node);
            foreach (var (c, next) in _next[at.Node])
            {
                Go(language.Step(at.State, c), next);
            }
        }

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

        return builder.Build(0);
    }
}

/// <summary>The extensions of a context, by what is asked of them.</summary>
internal sealed class ContextNames(PlanContext context)
{
    private readonly Dictionary<int, ExactNames> _having = [];

    /// <summary>Names that have a priority of this number.</summary>
    public ExactNames Having(int number)
    {
        if (!_having.TryGetValue(number, out var names))
        {
            _having[number] = names = new ExactNames(context.Extensions.Where(extension => !extension.IsPattern && extension[number] is not null));
        }

        return names;
    }
}

/// <summary>Numbers that others do not get any more.</summary>
internal sealed class Gone
{
    private readonly SymbolicText? _text;
    private readonly ExactNames? _names;
    private NumberLanguage? _left;

    /// <param name="left">Those that they still get.</param>
    public Gone(NumberLanguage left) => _left = left;

    /// <summary>Those with which the text is one of the names.</summary>
    public Gone(SymbolicText text, ExactNames names)
    {
        _text = text;
        _names = names;
    }

    public NumberLanguage From(NumberLanguage inputs)
    {
        if (_text is InputText && !_names!.Fits(inputs))
        {
            return inputs;
        }

        return Languages.Intersect(inputs, _left ??= Demand.That(_text!, _names!.Language).Fails);
    }
}

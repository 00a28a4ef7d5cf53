using Ringfence.Core.Pbx;

namespace Ringfence.Core.Dialplan;

/// <summary>One step of an extension: <c>exten => _9X.,2(out),Dial(PJSIP/${EXTEN:1}@trunk)</c></summary>
/// <param name="Number">1 and up; <see cref="Hint"/> for a hint.</param>
/// <param name="Label">"out"; null if there is none, or if another priority had it before.</param>
/// <param name="Application">As written, "Dial"; for a hint the devices.</param>
/// <param name="Arguments">Between the outer parentheses, not yet taken apart.</param>
/// <param name="WrittenName">The name of the extension on this line: an alias of the first may stand here (<c>_[0-9]</c> for <c>_X</c>).</param>
internal sealed record PlanPriority(int Number, string? Label, string Application, string Arguments, string WrittenName, Place Place)
{
    public const int Hint = -1;

    public bool Is(string application) => string.Equals(Application, application, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The priorities of one name or pattern, with one condition on the caller's number.</summary>
internal sealed class PlanExtension(string name, string? callerId)
{
    private readonly SortedDictionary<int, PlanPriority> _priorities = [];

    // The first of each name, and the lowest priority that has it; few extensions have labels.
    private Dictionary<string, (PlanPriority First, int Lowest)>? _labels;

    /// <summary>As written where its lowest priority stands.</summary>
    public string Name => _priorities.Count > 0 ? _priorities.First().Value.WrittenName : name;

    /// <summary>As it is matched.</summary>
    public string Pattern { get; } = ExtensionName.Normalize(name);

    /// <summary>What stands behind the slash, as it is matched; null: any caller.</summary>
    public string? CallerId { get; } = callerId is null ? null : ExtensionName.Normalize(callerId);

    public bool IsPattern { get; } = ExtensionName.IsPattern(name);

    public IReadOnlyCollection<PlanPriority> Priorities => _priorities.Values;

    public PlanPriority? this[int number] => _priorities.GetValueOrDefault(number);

    public PlanPriority? Labelled(string label) => _labels?.GetValueOrDefault(label).First;

    /// <summary>The order in which Asterisk tries them, below 0 for before; of one name those that ask for a caller first.</summary>
    public int Order(PlanExtension other)
    {
        var order = ExtensionName.Compare(Pattern, other.Pattern);
        return (order, CallerId, other.CallerId) switch
        {
            (not 0, _, _) => order,
            (_, null, null) => 0,
            (_, null, _) => 1,
            (_, _, null) => -1,
            var (_, mine, its) => ExtensionName.Compare(mine, its),
        };
    }

    /// <returns>null: it was added; else what Asterisk says of it.</returns>
    public string? Add(PlanPriority priority)
    {
        if (_priorities.TryGetValue(priority.Number, out var there))
        {
            return $"priority {priority.Number} of {Shown.Text(priority.WrittenName)} stands already in {there.Place}"
                + (there.WrittenName == priority.WrittenName ? "" : $" under the name {Shown.Text(there.WrittenName)}") + ": Asterisk ignores this line";
        }

        string? problem = null;
        // Only a lower priority makes a label a second one (add_priority of main/pbx.c).
        if (priority.Label is { } label && _labels?.TryGetValue(label, out var above) == true && above.Lowest < priority.Number)
        {
            problem = $"the label {Shown.Text(label)} stands already at a lower priority: Asterisk ignores it here";
            priority = priority with { Label = null };
        }

        _priorities.Add(priority.Number, priority);
        if (priority.Label is not null)
        {
            _labels ??= new(StringComparer.Ordinal);
            _labels[priority.Label] = (_labels.TryGetValue(priority.Label, out var known) ? known.First : priority, priority.Number);
        }

        return problem;
    }
}

/// <summary><c>include => name</c></summary>
/// <param name="Times">Behind the first comma, "9:00-17:00,mon-fri,*,*"; null: always.</param>
internal sealed record PlanInclude(string Context, string? Times, Place Place)
{
    /// <summary>"*,*,*,*": at any time.</summary>
    public static bool IsAlways(string times) => times.Contains('*', StringComparison.Ordinal) && times.All(static c => c is '*' or ',' or '|' or ' ');
}

/// <summary><c>switch => Realtime/...</c>, lswitch or eswitch: extensions that stand elsewhere and were not read.</summary>
internal sealed record PlanSwitch(string Text, Place Place);

/// <summary>A context: every section of its name together.</summary>
internal sealed class PlanContext(string name, Place place)
{
    private readonly SortedSet<PlanExtension> _sorted = new(Comparer<PlanExtension>.Create(static (left, right) => left.Order(right)));
    private readonly List<PlanInclude> _includes = [];
    private readonly HashSet<(string, string?)> _included = [];
    private readonly List<PlanSwitch> _switches = [];

    private IReadOnlyList<PlanExtension>? _extensions;
    private ILookup<string, PlanExtension>? _names;
    private IReadOnlyList<PlanExtension>? _patterns;
    private Dictionary<int, List<PlanExtension>>? _byPriority;

    public string Name { get; } = name;

    /// <summary>Its first section.</summary>
    public Place Place { get; } = place;

    /// <summary>In the order in which Asterisk tries them.</summary>
    public IReadOnlyList<PlanExtension> Extensions => _extensions ??= [.. _sorted];

    /// <summary>Those that are patterns, in that order, which is behind all names.</summary>
    public IReadOnlyList<PlanExtension> Patterns => _patterns ??= [.. _sorted.Where(static extension => extension.IsPattern)];

    public IReadOnlyList<PlanInclude> Includes => _includes;

    public IReadOnlyList<PlanSwitch> Switches => _switches;

    /// <summary>Those that fit, in the order in which Asterisk tries them; found without looking at every name.</summary>
    /// <param name="number">As dialled: hyphens do not count.</param>
    /// <param name="priority">Only those that have it, or all.</param>
    public IEnumerable<PlanExtension> Fitting(string number, int? priority = null)
    {
        _names ??= _sorted.Where(static extension => !extension.IsPattern).ToLookup(static extension => extension.Pattern, StringComparer.Ordinal);
        return _names[number.Replace("-", "", StringComparison.Ordinal)].Where(extension => ExtensionName.Matches(extension.Pattern, number))
            .Concat((priority is { } wanted ? PatternsHaving(wanted) : Patterns).Where(extension => ExtensionName.Matches(extension.Pattern, number)));
    }

    /// <summary>Those of <see cref="Patterns"/> that have a priority: few have one that another lacks.</summary>
    public IReadOnlyList<PlanExtension> PatternsHaving(int priority)
    {
        if (_byPriority is null)
        {
            _byPriority = [];
            foreach (var (pattern, number) in Patterns.SelectMany(static pattern => pattern.Priorities.Select(priority => (pattern, priority.Number))))
            {
                if (!_byPriority.TryGetValue(number, out var having))
                {
                    _byPriority[number] = having = [];
                }

                having.Add(pattern);
            }
        }

        return _byPriority.TryGetValue(priority, out var found) ? found : [];
    }

    /// <inheritdoc cref="PlanExtension.Add"/>
    public string? Add(string name, string? callerId, PlanPriority priority)
    {
        var added = new PlanExtension(name, callerId);
        if (!_sorted.TryGetValue(added, out var extension))
        {
            _sorted.Add(extension = added);
            (_extensions, _names, _patterns) = (null, null, null);
        }

        _byPriority = null;
        return extension.Add(priority);
    }

    /// <returns>false: it includes that already, and Asterisk ignores the line.</returns>
    public bool Include(PlanInclude include)
    {
        if (!_included.Add((include.Context.ToUpperInvariant(), include.Times?.ToUpperInvariant())))
        {
            return false;
        }

        _includes.Add(include);
        return true;
    }

    public void Switch(PlanSwitch added) => _switches.Add(added);
}

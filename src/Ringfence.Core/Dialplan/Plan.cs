using System.Runtime.CompilerServices;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Dialplan;

/// <summary>What was found for a number, and the way of includes that led there.</summary>
/// <param name="Via">From the context that was asked to the one that has it; empty: that is the same.</param>
internal sealed record PlanMatch(PlanContext Context, PlanExtension Extension, PlanPriority Priority, IReadOnlyList<PlanInclude> Via);

/// <summary>A context that Asterisk looks into for a number: first its extensions, then its switches.</summary>
/// <param name="Way">The include that led there, and the way to that; null: it is the context that was asked.</param>
/// <param name="IsTimed">Only at certain times: an include on the way says so.</param>
internal sealed record PlanVisit(PlanContext Context, IncludeWay? Way, bool IsTimed)
{
    /// <summary>From the context that was asked to this one; empty: that is the same.</summary>
    public IReadOnlyList<PlanInclude> Via => [.. (Way?.Back() ?? []).Reverse()];
}

/// <summary>Includes, the last first: contexts of one include share what led to it, for a list of each would take memory by the square of the depth.</summary>
internal sealed record IncludeWay(PlanInclude Last, IncludeWay? Before)
{
    public IEnumerable<PlanInclude> Back()
    {
        for (var at = this; at is not null; at = at.Before)
        {
            yield return at.Last;
        }
    }
}

/// <summary>The dialplan of extensions.conf, as Asterisk 22 loads it.</summary>
internal sealed class Plan
{
    /// <summary>AST_PBX_MAX_STACK: so many contexts are looked into for one number, includes of includes counted.</summary>
    public const int MaxContexts = 128;

    // Includes that hold at certain times only may be met again on each way: forty of them two by two are 2^40 ways. A person writes day, night and weekend, and hardly ever one in another.
    private const int MostTimesMet = 8;
    private const int MostTimed = 8;
    private const int MostMet = 500;

    private static readonly ConditionalWeakTable<PbxSnapshot, Plan> Known = [];

    private readonly Dictionary<string, PlanContext> _contexts;
    private bool? _hasSwitches;

    internal Plan(Dictionary<string, PlanContext> contexts, IReadOnlyDictionary<string, string?> globals, IReadOnlyList<ConfigProblem> problems, IReadOnlyList<string> unread)
    {
        _contexts = contexts;
        Globals = globals;
        Problems = problems;
        Unread = unread;
    }

    public IReadOnlyCollection<PlanContext> Contexts => _contexts.Values;

    /// <summary>[globals]; null: its value comes from a function, and was not read.</summary>
    public IReadOnlyDictionary<string, string?> Globals { get; }

    /// <summary>What Asterisk refuses or ignores.</summary>
    public IReadOnlyList<ConfigProblem> Problems { get; }

    /// <summary>Parts of the dialplan that stand in files of another kind (AEL, Lua) and were not read.</summary>
    public IReadOnlyList<string> Unread { get; }

    /// <summary>A channel without a next priority is hung up; false: it waits for digits.</summary>
    public bool AutoFallThrough { get; init; } = true;

    /// <summary>extenpatternmatchnew=yes: another search, whose order differs where patterns overlap. It is not reproduced here.</summary>
    public bool HasNewPatternMatch { get; init; }

    /// <summary>overrideswitch: everything is asked elsewhere first.</summary>
    public string? OverrideSwitch { get; init; }

    /// <summary>Some context has more includes at certain times than were followed.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Some context asks elsewhere for extensions.</summary>
    public bool HasSwitches => _hasSwitches ??= _contexts.Values.Any(static context => context.Switches.Count > 0);

    public PlanContext? this[string name] => _contexts.GetValueOrDefault(name);

    /// <summary>That of a PBX; read once. Of extensions.conf that Asterisk refuses as a whole nothing is in it.</summary>
    public static Plan Of(PbxSnapshot pbx) => Known.GetValue(pbx, static pbx => PlanReading.Read(RefusedFile.Is(pbx, "extensions.conf") ? AsteriskConfig.Nothing : pbx.Config("extensions.conf"), pbx.Directory, pbx.Files, !pbx.Config("modules.conf").Exists || ModulesConf.Loads(pbx, "pbx_ael")));

    /// <summary>The whole dialplan was read, and it has no such context: calls into it are refused.</summary>
    public static bool SurelyLacks(PbxSnapshot pbx, string context)
    {
        var config = pbx.Config("extensions.conf");
        var plan = Of(pbx);
        return config.Exists && config.Problems.Count == 0 && plan.Unread.Count == 0 && plan.OverrideSwitch is null && plan[context] is null;
    }

    /// <param name="directory">Asterisk's configuration directory.</param>
    public static Plan Read(string directory, IConfigFiles files) => PlanReading.Read(directory, files);

    /// <summary>What Asterisk runs for a number: the first extension in its order that fits and has this priority.</summary>
    /// <param name="isNow">Whether an include's times hold; null: all hold.</param>
    /// <returns>null: nothing; also where a switch would be asked before, which was not read (<see cref="Visits"/> shows it).</returns>
    /// <remarks>main/pbx.c, pbx_find_extension with E_MATCH.</remarks>
    public PlanMatch? Find(string context, string number, int priority = 1, string? callerId = null, Func<PlanInclude, bool>? isNow = null) =>
        Find(context, number, callerId, isNow, extension => extension[priority], priority);

    /// <summary>The priority of a label, which is looked for as numbers are.</summary>
    public PlanMatch? FindLabel(string context, string number, string label, string? callerId = null, Func<PlanInclude, bool>? isNow = null) =>
        Find(context, number, callerId, isNow, extension => extension.Labelled(label));

    /// <summary>The contexts that Asterisk looks into for a number, in its order: the context, then what it includes.</summary>
    /// <param name="isNow">Whether an include's times hold; null: they may or may not.</param>
    public IEnumerable<PlanVisit> Visits(string context, Func<PlanInclude, bool>? isNow = null) =>
        Look(context, isNow);

    private PlanMatch? Find(string context, string number, string? callerId, Func<PlanInclude, bool>? isNow, Func<PlanExtension, PlanPriority?> priority, int? wanted = null)
    {
        foreach (var visit in Visits(context, isNow ?? (static _ => true)))
        {
            foreach (var extension in visit.Context.Fitting(number, wanted))
            {
                if (priority(extension) is { } found && (extension.CallerId is null || ExtensionName.MatchesCaller(extension.CallerId, callerId)))
                {
                    return new PlanMatch(visit.Context, extension, found, visit.Via);
                }
            }

            if (visit.Context.Switches.Count > 0)
            {
                return null;
            }
        }

        return null;
    }

    // One frame for each context whose includes are being followed: iterators in iterators would hand each context through all those above it.
    private IEnumerable<PlanVisit> Look(string asked, Func<PlanInclude, bool>? isNow)
    {
        if (this[asked] is not { } first)
        {
            yield break;
        }

        yield return new PlanVisit(first, null, IsTimed: false);
        var open = new Stack<Looked>([new Looked(first, null, new HashSet<string>(StringComparer.OrdinalIgnoreCase) { first.Name }, Timed: 0)]);
        var met = new Dictionary<PlanContext, int>();
        while (open.TryPop(out var at))
        {
            if (at.Next >= at.Context.Includes.Count || at.Seen.Count >= MaxContexts)
            {
                continue;
            }

            var include = at.Context.Includes[at.Next];
            open.Push(at with { Next = at.Next + 1 });
            if ((include.Times is not null && isNow is not null && !isNow(include)) || at.Seen.Contains(include.Context) || this[include.Context] is not { } context)
            {
                continue;
            }

            // At another time this include is not followed, and what it holds may be met again further down.
            var isUncertain = include.Times is not null && isNow is null;
            var timed = at.Timed + (isUncertain ? 1 : 0);
            if (timed > 0)
            {
                var times = met.GetValueOrDefault(context);
                if (timed > MostTimed || times >= MostTimesMet || met.Count >= MostMet)
                {
                    IsCut = true;
                    continue;
                }

                met[context] = times + 1;
            }

            var next = new Looked(context, new IncludeWay(include, at.Way), isUncertain ? new HashSet<string>(at.Seen, at.Seen.Comparer) : at.Seen, timed);
            yield return new PlanVisit(context, next.Way, timed > 0);
            next.Seen.Add(context.Name);
            open.Push(next);
        }
    }

    /// <param name="Seen">The contexts met so far on this way; those that hold at any time share one.</param>
    /// <param name="Timed">So many includes on the way hold at certain times only.</param>
    private readonly record struct Looked(PlanContext Context, IncludeWay? Way, HashSet<string> Seen, int Timed)
    {
        /// <summary>The include to follow next.</summary>
        public int Next { get; init; }
    }
}

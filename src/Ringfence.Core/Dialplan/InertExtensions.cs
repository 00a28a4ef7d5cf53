namespace Ringfence.Core.Dialplan;

/// <summary>Extensions of which is seen at once that they call phones at most: a PBX has thousands of them, and a walk that looks for trunks passes them by.</summary>
internal sealed class InertExtensions
{
    private static readonly string[] Quiet =
        ["Answer", "NoOp", "Hangup", "Playback", "Busy", "Congestion", "Ringing", "Progress", "Proceeding", "Wait", "Verbose", "Log", "Playtones", "StopPlaytones", "Echo", "MusicOnHold"];

    // Functions that run something wherever they stand, also in NoOp (measured in Log); so does an expression with a caller's text.
    private static readonly string[] Runs = ["SHELL(", "EVAL", "$["];

    private static readonly string[] Ends = ["Hangup", "Busy", "Congestion"];

    private readonly ExitClassifier _classify;
    private readonly Dictionary<PlanExtension, bool> _known = [];
    private readonly HashSet<(int Priority, string Name)> _names;
    private readonly HashSet<(int Priority, string Pattern)> _patterns;
    private readonly bool _isCertain;

    public InertExtensions(Plan plan, ExitClassifier classify)
    {
        _classify = classify;
        _names = [.. plan.Contexts.SelectMany(static context => context.Extensions).Where(static extension => !extension.IsPattern)
            .SelectMany(static extension => extension.Priorities.Where(static priority => priority.Number > 1).Select(priority => (priority.Number, extension.Pattern)))];
        _patterns = [.. plan.Contexts.SelectMany(static context => context.Extensions).SelectMany(static extension => extension.Priorities.Select(priority => (priority.Number, extension.Pattern)))
            .Where(static pair => ExtensionName.IsPattern(pair.Pattern))];
        // Behind the last priority a channel may wait for digits then; and a limit, a tone or a failure may interrupt a line.
        _isCertain = plan.AutoFallThrough && !plan.Contexts.SelectMany(static context => context.Extensions).Any(static extension => extension.Pattern is "T" or "fax" or "e");
    }

    public bool Contains(PlanExtension extension)
    {
        if (!_known.TryGetValue(extension, out var isInert))
        {
            _known[extension] = isInert = _isCertain && IsInert(extension);
        }

        return isInert;
    }

    private bool IsInert(PlanExtension extension)
    {
        var steps = extension.Priorities.Where(static priority => priority.Number != PlanPriority.Hint).ToList();
        if (steps.Count == 0 || steps[0].Number != 1 || steps[^1].Number != steps.Count || !steps.All(IsQuiet))
        {
            return false;
        }

        // A priority that is missing here is looked for in what fits next.
        return Ends.Contains(steps[^1].Application, StringComparer.OrdinalIgnoreCase)
            || (!extension.IsPattern && !_names.Contains((steps.Count + 1, extension.Pattern)) && !_patterns.Any(pattern => pattern.Priority == steps.Count + 1 && ExtensionName.Matches(pattern.Pattern, extension.Pattern)));
    }

    private bool IsQuiet(PlanPriority priority)
    {
        if (!priority.Is("Dial"))
        {
            return Quiet.Contains(priority.Application, StringComparer.OrdinalIgnoreCase) && !Array.Exists(Runs, part => priority.Arguments.Contains(part, StringComparison.Ordinal));
        }

        var arguments = CallArguments.Split(priority.Arguments);
        return !arguments[0].Contains('$', StringComparison.Ordinal)
            && CallArguments.Options(arguments.ElementAtOrDefault(2)).Keys.All(static letter => letter is not ('T' or 'd' or 'G' or 'F' or 'U' or 'M' or 'b' or 'B' or '$'))
            && !(arguments.ElementAtOrDefault(2) ?? "").Contains('$', StringComparison.Ordinal)
            && arguments[0].Split('&').All(channel => DialTarget.Parse(new ConstantText(channel)) is { Technology: not (null or "Local") } target && _classify(target.Technology, target.Resource?.Constant) == ExitKind.Phone);
    }
}

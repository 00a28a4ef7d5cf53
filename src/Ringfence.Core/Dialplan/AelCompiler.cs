using System.Globalization;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Dialplan;

/// <summary>Makes of extensions.ael the contexts, extensions and priorities that Asterisk makes of it, by the same names and numbers, so that <c>dialplan show</c> can be laid beside.</summary>
/// <remarks>
/// Asterisk 22, res/ael/pval.c: gen_prios, set_priorities, add_extensions. A switch becomes extensions sw_N_VALUE whose priorities begin at 10, and keeps the number that was dialled in
/// <c>~~EXTEN~~</c>; a macro becomes a context whose extension <c>~~s~~</c> is called by Gosub.
/// </remarks>
internal sealed class AelCompiler
{
    private const string DialledCopy = "~~EXTEN~~";

    private readonly List<AelTarget> _extensions = [];
    private int _controls;

    /// <summary>An extension under construction.</summary>
    /// <param name="Parent">The one that its switch stands in.</param>
    private sealed record AelTarget(string Context, string Name, string? CallerId, int FirstNumber, AelTarget? Parent)
    {
        public List<AelStep> Steps { get; } = [];

        public string? Hint { get; init; }

        /// <summary>EXTEN is not what was dialled any more, or won't be: it is read from the copy.</summary>
        public bool HasSwitch { get; set; }
    }

    /// <summary>A priority whose number is not known yet.</summary>
    private sealed class AelStep(string application, string data, Place place)
    {
        public string Application => application;

        public string Data => data;

        public Place Place => place;

        public AelTarget? In { get; set; }

        public int Number { get; set; }

        /// <summary>A label is no priority: it is the name of the next one.</summary>
        public bool IsLabel { get; init; }

        /// <summary>Where a Goto goes, and a condition that does not hold.</summary>
        public AelStep? Target { get; init; }

        /// <summary>Where a condition that holds goes: the next priority, or the one after it.</summary>
        public int? Ahead { get; init; }
    }

    private sealed record Loop(AelStep? Break, AelStep? Continue);

    /// <summary>Adds what the file says to the contexts.</summary>
    public void Compile(IReadOnlyList<AelNode> nodes, Dictionary<string, PlanContext> contexts, Dictionary<string, string?> globals, List<ConfigProblem> problems)
    {
        foreach (var globalValue in nodes.OfType<AelGlobals>().SelectMany(static node => node.Values))
        {
            globals[globalValue.Name] = GlobalText.Substitute(globalValue.Value, globals);
        }

        foreach (var node in nodes)
        {
            switch (node)
            {
                case AelContext context:
                    Context(context, Of(contexts, context.Name, context.Place));
                    break;
                case AelMacro macro:
                    Macro(macro, Of(contexts, macro.Name, macro.Place));
                    break;
                default:
                    break;
            }
        }

        _extensions.ForEach(Number);
        foreach (var extension in _extensions)
        {
            Add(extension, contexts[extension.Context], problems);
        }
    }

    private static PlanContext Of(Dictionary<string, PlanContext> contexts, string name, Place place)
    {
        if (!contexts.TryGetValue(name, out var context))
        {
            contexts[name] = context = new PlanContext(name, place);
        }

        return context;
    }

    private void Context(AelContext context, PlanContext plan)
    {
        foreach (var element in Flat(context.Elements))
        {
            switch (element)
            {
                case AelExtension extension:
                    Extension(context.Name, extension);
                    break;
                case AelInclude include:
                    Include(include, plan);
                    break;
                case AelSwitchTo to:
                    plan.Switch(new PlanSwitch(to.Data, to.Place));
                    break;
                default:
                    break;
            }
        }
    }

    private static IEnumerable<AelNode> Flat(IEnumerable<AelNode> nodes) => nodes.SelectMany(static node => node is AelBlock block ? Flat(block.Statements) : [node]);

    private static void Include(AelInclude include, PlanContext plan) =>
        plan.Include(new PlanInclude(include.Context, include.Times.Count == 0 ? null : string.Join(',', include.Times), include.Place));

    private void Extension(string context, AelExtension written)
    {
        var slash = written.Name.IndexOf('/', StringComparison.Ordinal);
        var name = slash < 0 ? written.Name : written.Name[..slash];
        var extension = Begin(new AelTarget(context, name, slash < 0 ? null : written.Name[(slash + 1)..], written.IsRegistered ? 2 : 1, null) { Hint = written.Hint });
        Generate(extension, written.Body, new Loop(null, null));
    }

    private void Macro(AelMacro macro, PlanContext plan)
    {
        var extension = Begin(new AelTarget(macro.Name, "~~s~~", null, 1, null));
        for (var at = 0; at < macro.Arguments.Count; at++)
        {
            Link(extension, new AelStep("MSet", $"LOCAL({macro.Arguments[at]})=${{ARG{(at + 1).ToString(CultureInfo.InvariantCulture)}}}", macro.Place));
        }

        foreach (var include in Flat(macro.Body).OfType<AelInclude>())
        {
            Include(include, plan);
        }

        Generate(extension, [.. macro.Body.Where(static node => node is not AelBlock { Statements: [AelInclude, ..] })], new Loop(null, null));
        Link(extension, new AelStep("Return", "", macro.Place));
    }

    private AelTarget Begin(AelTarget target)
    {
        _extensions.Add(target);
        return target;
    }

    private static void Link(AelTarget extension, AelStep step)
    {
        step.In = extension;
        extension.Steps.Add(step);
    }

    private void Generate(AelTarget extension, IReadOnlyList<AelNode> statements, Loop loop)
    {
        if (!extension.HasSwitch && extension.Parent is null && statements.Any(HasSwitch))
        {
            if (extension.Name == "~~s~~")
            {
                // Twice: the first fails where it is no subroutine, and then the second sets it.
                Link(extension, new AelStep("MSet", $"LOCAL({DialledCopy})=${{EXTEN}}", statements[0].Place));
                Link(extension, new AelStep("MSet", $"LOCAL({DialledCopy})=${{{DialledCopy}}}", statements[0].Place));
            }
            else
            {
                Link(extension, new AelStep("MSet", $"{DialledCopy}=${{EXTEN}}", statements[0].Place));
            }

            extension.HasSwitch = true;
        }

        foreach (var statement in statements)
        {
            Generate(extension, statement, loop);
        }
    }

    private static bool HasSwitch(AelNode? node) => node switch
    {
        AelSwitch => true,
        AelBlock block => block.Statements.Any(HasSwitch),
        AelIf branch => HasSwitch(branch.Then) || HasSwitch(branch.Else),
        AelFor repeated => HasSwitch(repeated.Body),
        AelWhile repeated => HasSwitch(repeated.Body),
        AelCatch caught => caught.Body.Any(HasSwitch),
        _ => false,
    };

    private void Generate(AelTarget extension, AelNode statement, Loop loop)
    {
        switch (statement)
        {
            case AelBlock block:
                Generate(extension, block.Statements, loop);
                break;
            case AelAssignment set:
                Link(extension, new AelStep("MSet", set.IsLocal ? $"LOCAL({set.Name.Trim()})=$[{set.Value}]" : $"{set.Name.Trim()}=$[{set.Value}]", set.Place));
                break;
            case AelLabel label:
                Link(extension, new AelStep(label.Name, "", label.Place) { IsLabel = true });
                break;
            case AelGoto jump:
                // Inside of a case it is the label of the extension that the switch stands in.
                Link(extension, new AelStep("Goto", jump.Target.Count == 1 && extension.Parent is { } mother ? $"{mother.Name},{jump.Target[0]}" : string.Join(',', jump.Target), jump.Place));
                break;
            case AelCall call:
                Link(extension, new AelStep(call.Application, string.Join(',', call.Arguments), call.Place));
                break;
            case AelMacroCall call:
                Link(extension, new AelStep("Gosub", $"{call.Macro},~~s~~,1{(call.Arguments.Count == 0 ? "" : $"({string.Join(',', call.Arguments)})")}", call.Place));
                break;
            case AelIf branch:
                If(extension, branch, loop);
                break;
            case AelFor repeated:
                For(extension, repeated);
                break;
            case AelWhile repeated:
                While(extension, repeated);
                break;
            case AelSwitch choice:
                Switch(extension, choice);
                break;
            case AelCatch caught:
                _controls++;
                var own = Begin(new AelTarget(extension.Context, caught.Extension, null, 1, null));
                Generate(own, caught.Body, new Loop(null, null));
                break;
            case AelJump { Kind: AelJumpKind.Return } jump:
                Link(extension, new AelStep("Return", "", jump.Place));
                break;
            case AelJump jump:
                if ((jump.Kind == AelJumpKind.Break ? loop.Break : loop.Continue) is { } target)
                {
                    Link(extension, new AelStep("Goto", "", jump.Place) { Target = target });
                }

                break;
            default:
                break;
        }
    }

    private void If(AelTarget extension, AelIf branch, Loop loop)
    {
        _controls++;
        var end = new AelStep("NoOp", "", branch.Place);
        var skip = branch.Else is null ? null : new AelStep("Goto", "", branch.Place) { Target = end };
        if (branch.Kind == AelCondition.Time)
        {
            Link(extension, new AelStep("GotoIfTime", branch.Condition.Replace('|', ','), branch.Place) { Ahead = 2 });
            Link(extension, new AelStep("Goto", "", branch.Place) { Target = skip is null ? end : AfterOf(skip) });
        }
        else
        {
            var condition = branch.Kind == AelCondition.Random ? $"$[${{RAND(0,99)}} < ({branch.Condition})]" : $"$[{branch.Condition}]";
            Link(extension, new AelStep("GotoIf", condition, branch.Place) { Ahead = 1, Target = skip is null ? end : AfterOf(skip) });
        }

        GenerateOne(extension, branch.Then, loop);
        if (skip is not null)
        {
            Link(extension, skip);
            GenerateOne(extension, branch.Else, loop);
        }

        Link(extension, end);
    }

    // The priority behind a step; its own number is known only when all are.
    private static AelStep AfterOf(AelStep step) => new("", "", step.Place) { Target = step };

    private void GenerateOne(AelTarget extension, AelNode? statement, Loop loop)
    {
        if (statement is not null)
        {
            Generate(extension, [statement], loop);
        }
    }

    private void For(AelTarget extension, AelFor repeated)
    {
        _controls++;
        var end = new AelStep("NoOp", "", repeated.Place);
        var test = new AelStep("GotoIf", $"$[{repeated.Test}]", repeated.Place) { Ahead = 1, Target = end };
        var next = Part(repeated.Next, repeated.Place);
        Link(extension, Part(repeated.First, repeated.Place));
        Link(extension, test);
        GenerateOne(extension, repeated.Body, new Loop(end, next));
        Link(extension, next);
        Link(extension, new AelStep("Goto", "", repeated.Place) { Target = test });
        Link(extension, end);
    }

    // An assignment, a macro's call or an application's.
    private static AelStep Part(string text, Place place)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals > 0)
        {
            return new AelStep("MSet", $"{text[..equals].TrimEnd()}=$[{text[(equals + 1)..]}]", place);
        }

        var open = text.IndexOf('(', StringComparison.Ordinal);
        var close = text.LastIndexOf(')');
        var name = (open < 0 ? text : text[..open]).Trim();
        var data = open >= 0 && close > open ? text[(open + 1)..close] : "";
        return name.StartsWith('&') ? new AelStep("Gosub", $"{name[1..].Trim()},~~s~~,1({data})", place) : new AelStep(name, data, place);
    }

    private void While(AelTarget extension, AelWhile repeated)
    {
        _controls++;
        var end = new AelStep("NoOp", "", repeated.Place);
        var test = new AelStep("GotoIf", $"$[{repeated.Test}]", repeated.Place) { Ahead = 1, Target = end };
        Link(extension, test);
        GenerateOne(extension, repeated.Body, new Loop(end, test));
        Link(extension, new AelStep("Goto", "", repeated.Place) { Target = test });
        Link(extension, end);
    }

    private void Switch(AelTarget extension, AelSwitch choice)
    {
        var number = (++_controls).ToString(CultureInfo.InvariantCulture);
        var end = new AelStep("NoOp", "", choice.Place);
        Link(extension, new AelStep("Goto", $"sw_{number}_{choice.Value},10", choice.Place));
        Link(extension, end);
        // A switch without a default gets an empty one.
        List<AelCase> cases = [.. choice.Cases];
        if (!cases.Exists(static one => one.Value is null))
        {
            cases.Add(new AelCase(choice.Place, null, IsPattern: false, []));
        }

        for (var at = 0; at < cases.Count; at++)
        {
            var one = cases[at];
            if (one.Value is null)
            {
                // A pattern with a dot does not fit the empty value.
                var empty = Begin(new AelTarget(extension.Context, $"sw_{number}_", null, 10, extension) { HasSwitch = true });
                Link(empty, new AelStep("Goto", $"sw_{number}_.,10", one.Place));
            }

            var name = one.Value is null ? $"_sw_{number}_." : one.IsPattern ? $"_sw_{number}_{one.Value}" : $"sw_{number}_{one.Value}";
            var own = Begin(new AelTarget(extension.Context, name, null, 10, extension) { HasSwitch = true });
            Generate(own, one.Body, new Loop(end, null));
            if (one.Body is [.., AelGoto or AelJump { Kind: not AelJumpKind.Continue }])
            {
                continue;
            }

            var next = at + 1 < cases.Count ? cases[at + 1] : null;
            Link(own, next is null
                ? new AelStep("Goto", "", one.Place) { Target = end }
                : new AelStep("Goto", $"sw_{number}_{(next.Value is null ? "." : next.IsPattern ? Example(next.Value) : next.Value)},10", one.Place));
        }

    }

    // Some text that the pattern fits, for the fall into it (gen_match_to_pattern).
    private static string Example(string pattern)
    {
        var text = new System.Text.StringBuilder();
        for (var at = 0; at < pattern.Length; at++)
        {
            var c = pattern[at];
            if (c == '[' && pattern.IndexOf(']', at) is > 0 and var close)
            {
                text.Append(pattern[at + 1]);
                at = close;
                continue;
            }

            text.Append(c switch
            {
                'X' or 'x' => '9',
                'Z' or 'z' => '9',
                'N' or 'n' => '9',
                '.' or '!' => '9',
                _ => c,
            });
        }

        return text.ToString();
    }

    private static void Number(AelTarget extension)
    {
        var number = extension.FirstNumber;
        foreach (var step in extension.Steps)
        {
            step.Number = number;
            number += step.IsLabel ? 0 : 1;
        }
    }

    private static void Add(AelTarget extension, PlanContext context, List<ConfigProblem> problems)
    {
        if (extension.Hint is { } hint)
        {
            Add(extension, context, new PlanPriority(PlanPriority.Hint, null, hint, "", extension.Name, context.Place), problems);
        }

        string? label = null;
        foreach (var step in extension.Steps)
        {
            if (step.IsLabel)
            {
                label = step.Application;
                continue;
            }

            var data = Data(extension, step);
            data = extension.HasSwitch && !data.EndsWith($"{DialledCopy}=${{EXTEN}}", StringComparison.Ordinal) && !data.StartsWith($"LOCAL({DialledCopy})", StringComparison.Ordinal)
                ? data.Replace("${EXTEN}", $"${{{DialledCopy}}}", StringComparison.Ordinal).Replace("${EXTEN:", $"${{{DialledCopy}:", StringComparison.Ordinal)
                : data;
            Add(extension, context, new PlanPriority(step.Number, label, step.Application, data, extension.Name, step.Place), problems);
            label = null;
        }
    }

    private static void Add(AelTarget extension, PlanContext context, PlanPriority priority, List<ConfigProblem> problems)
    {
        if (context.Add(extension.Name, extension.CallerId, priority) is { } problem)
        {
            problems.Add(new ConfigProblem(priority.Place, problem));
        }
    }

    private static string Data(AelTarget extension, AelStep step)
    {
        if (step.Target is null)
        {
            return step.Ahead is { } ahead ? $"{step.Data}?{Text(step.Number + ahead)}" : step.Data;
        }

        var (target, behind) = step.Target.In is null && step.Target.Target is { } before ? (before, 1) : (step.Target, 0);
        var number = Text(target.Number + behind);
        return step.Ahead is { } then ? $"{step.Data}?{Text(step.Number + then)}:{number}"
            : target.In == extension ? number
            : $"{target.In!.Name},{number}";
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

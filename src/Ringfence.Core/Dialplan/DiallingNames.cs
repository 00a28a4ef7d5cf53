namespace Ringfence.Core.Dialplan;

/// <summary>The variables of a dialplan that decide whom a call reaches: those that stand in a channel or a target, and what those are made of. The others decide a ring tone, a name or a recording.</summary>
internal sealed class DiallingNames
{
    // Whose options do not say whom they call.
    private static readonly string[] WithOptions = ["Dial", "Queue", "Page", "RetryDial"];

    private static readonly string[] Quiet = ["NoOp", "Verbose", "Log", "Playback", "Background", "MixMonitor", "Monitor", "System", "TrySystem", "Hangup", "Wait", "PlayTones", "UserEvent", "CELGenUserEvent", "SayDigits", "MusicOnHold"];

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _begins = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _known = new(StringComparer.Ordinal);

    public DiallingNames(Plan plan)
    {
        var made = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var priority in plan.Contexts.SelectMany(static context => context.Extensions).SelectMany(static extension => extension.Priorities))
        {
            var arguments = priority.Arguments;
            if (priority.Is("Set") || priority.Is("MSet"))
            {
                Remember(made, arguments);
                Add(CallArguments.Cut(arguments, '=').First);
            }
            else if (WithOptions.Any(priority.Is))
            {
                Add(CallArguments.Split(arguments)[priority.Is("RetryDial") ? Math.Min(3, CallArguments.Split(arguments).Count - 1) : 0]);
            }
            else if (CallArguments.Cut(arguments, '?') is (_, { } branches) && priority.Application.Contains("If", StringComparison.OrdinalIgnoreCase))
            {
                Conditional(made, branches);
            }
            else if (!Quiet.Any(priority.Is))
            {
                Add(arguments);
            }
        }

        // What they are made of, and what that is made of: each is read once, for there may be ten thousand one behind the other.
        var open = new Queue<string>(made.Keys.Where(IsIn));
        while (open.TryDequeue(out var name))
        {
            foreach (var value in made.Remove(name, out var values) ? values : [])
            {
                Add(value, open.Enqueue, begin =>
                {
                    foreach (var begun in made.Keys.Where(key => key.StartsWith(begin, StringComparison.Ordinal)))
                    {
                        open.Enqueue(begun);
                    }
                });
            }
        }
    }

    public bool Contains(string name)
    {
        if (!_known.TryGetValue(name, out var isIn))
        {
            _known[name] = isIn = IsIn(name);
        }

        return isIn;
    }

    private bool IsIn(string name) => _names.Contains(name) || _begins.Any(begin => name.StartsWith(begin, StringComparison.Ordinal));

    // ExecIf(...?Set(A=b):Set(A=c)), GotoIf(...?here:there)
    private void Conditional(Dictionary<string, List<string>> made, string branches)
    {
        if (branches.IndexOf("Set(", StringComparison.OrdinalIgnoreCase) is >= 0 and var at)
        {
            Remember(made, branches[(at + "Set(".Length)..]);
        }
        else
        {
            Add(branches);
        }
    }

    private static void Remember(Dictionary<string, List<string>> made, string assignment)
    {
        if (CallArguments.Cut(assignment, '=') is (var name, { } value))
        {
            name = name.Trim().TrimStart('_');
            name = FunctionText.Split(name) is ("LOCAL" or "GLOBAL", var inner, "") ? inner : name;
            if (!made.TryGetValue(name, out var values))
            {
                made[name] = values = [];
            }

            values.Add(value);
        }
    }

    // Every name behind ${, and the beginning of one that is put together: ${OUT_${TRUNK}}. Functions may name a variable as their first argument.
    private void Add(string text, Action<string>? named = null, Action<string>? begun = null)
    {
        for (var at = text.IndexOf("${", StringComparison.Ordinal); at >= 0; at = text.IndexOf("${", at + 2, StringComparison.Ordinal))
        {
            var name = Word(text, at + 2);
            var end = at + 2 + name.Length;
            if (end < text.Length && text[end] == '$' && name.Length > 0)
            {
                if (_begins.Add(name))
                {
                    begun?.Invoke(name);
                }

                continue;
            }

            if (end < text.Length && text[end] == '(')
            {
                name = Word(text, end + 1);
            }

            if (_names.Add(name))
            {
                named?.Invoke(name);
            }
        }
    }

    private static string Word(string text, int start)
    {
        var end = start;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
        {
            end++;
        }

        return text[start..end];
    }
}

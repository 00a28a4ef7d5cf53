using System.Globalization;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Dialplan;

/// <summary>Loads extensions.conf.</summary>
/// <remarks>pbx/pbx_config.c of Asterisk 22, pbx_load_config; its oddities are kept, and told as problems.</remarks>
internal sealed class PlanReading
{
    private const int NoPriority = -2;

    // Extensions that are looked at for labels; a dialplan of FreePBX has none to look for.
    private const long MaxCompared = 20_000_000;

    private readonly Dictionary<string, PlanContext> _contexts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _globals = new(StringComparer.Ordinal);
    private readonly List<ConfigProblem> _problems = [];

    private string _lastName = "";
    private int _lastPriority = NoPriority;
    private long _compared;

    private PlanReading()
    {
    }

    public static Plan Read(string directory, IConfigFiles files) => Read(AsteriskConfig.Read("extensions.conf", directory, files), directory, files, readsAel: true);

    /// <param name="config">extensions.conf</param>
    /// <param name="readsAel">Asterisk loads extensions.ael too (pbx_ael.so).</param>
    public static Plan Read(AsteriskConfig config, string directory, IConfigFiles files, bool readsAel)
    {
        var reading = new PlanReading();
        reading._problems.AddRange(config.Problems);
        foreach (var section in config.Sections.Where(static section => IsNamed(section, "globals")))
        {
            foreach (var setting in section.Settings)
            {
                // Two underscores hand a variable on, and are no part of its name (pbx_builtin_setvar_helper of main/pbx_variables.c).
                reading._globals[setting.Name.StartsWith("__", StringComparison.Ordinal) ? setting.Name[2..] : setting.Name.StartsWith('_') ? setting.Name[1..] : setting.Name] = GlobalText.Substitute(setting.Value, reading._globals);
            }
        }

        foreach (var section in config.Sections.Where(static section => !IsNamed(section, "general") && !IsNamed(section, "globals")))
        {
            reading.Section(section);
        }

        if (readsAel)
        {
            AelReading.Add(directory, files, reading._contexts, reading._globals, reading._problems);
        }

        reading.CheckIncludes();
        var unread = ((string[])["extensions.lua"]).Where(name => files.Read($"{directory.TrimEnd('/')}/{name}") is not null).ToList();
        var general = config.Named("general").FirstOrDefault();
        return new Plan(reading._contexts, reading._globals, reading._problems, unread)
        {
            AutoFallThrough = general?["autofallthrough"] is not { } value || AsteriskBool.IsTrue(value),
            HasNewPatternMatch = AsteriskBool.IsTrue(general?["extenpatternmatchnew"]),
            OverrideSwitch = general?["overrideswitch"] is { Length: > 0 } asked ? asked : null,
        };
    }

    private static bool IsNamed(ConfigSection section, string name) => string.Equals(section.Name, name, StringComparison.OrdinalIgnoreCase);

    private void Section(ConfigSection section)
    {
        if (!_contexts.TryGetValue(section.Name, out var context))
        {
            _contexts[section.Name] = context = new PlanContext(section.Name, section.Place);
        }

        _lastName = "";
        _lastPriority = NoPriority;
        foreach (var setting in section.Settings)
        {
            Setting(context, setting);
        }
    }

    private void Setting(PlanContext context, ConfigSetting setting)
    {
        switch (setting.Name.ToLowerInvariant())
        {
            // Asterisk compares the first four letters.
            case var name when name.StartsWith("same", StringComparison.Ordinal):
                if (_lastName.Length == 0)
                {
                    Problem(setting, "there is no extension above that \"same\" could continue: Asterisk ignores the line");
                    break;
                }

                Extension(context, setting, _lastName, setting.Value);
                break;
            case "exten":
                var (written, rest) = SplitName(setting.Value);
                if (GlobalText.Substitute(written, _globals) is not { } substituted)
                {
                    Problem(setting, $"the extension's name {Shown.Text(written)} comes from a function: it was not read");
                    _lastName = "";
                    break;
                }

                _lastName = substituted;
                Extension(context, setting, substituted, rest);
                break;
            case "include":
                Include(context, setting);
                break;
            case "switch" or "lswitch" or "eswitch":
                context.Switch(new PlanSwitch(setting.Value, setting.Place));
                break;
            case "ignorepat" or "autohints":
                break;
            default:
                Problem(setting, $"{Shown.Text(setting.Name)} is no directive of a dialplan: Asterisk ignores the line");
                break;
        }
    }

    // pbx_strsep: a comma inside of a set is part of the name, and one behind a backslash.
    private static (string Name, string? Behind) SplitName(string value)
    {
        var depth = 0;
        for (var at = 0; at < value.Length; at++)
        {
            switch (value[at])
            {
                case '[':
                    depth++;
                    break;
                case ']':
                    depth = Math.Max(depth - 1, 0);
                    break;
                case '\\':
                    at++;
                    break;
                case ',' when depth == 0:
                    return (value[..at], value[(at + 1)..]);
                default:
                    break;
            }
        }

        return (value, null);
    }

    private void Extension(PlanContext context, ConfigSetting setting, string nameAndCaller, string? rest)
    {
        var slash = nameAndCaller.IndexOf('/', StringComparison.Ordinal);
        var name = slash < 0 ? nameAndCaller : nameAndCaller[..slash];
        var caller = slash < 0 ? null : ShrinkNumber(nameAndCaller[(slash + 1)..]);

        var comma = rest?.IndexOf(',', StringComparison.Ordinal) ?? -1;
        var priority = (comma < 0 ? rest ?? "" : rest![..comma]).Trim();
        var call = comma < 0 ? "" : rest![(comma + 1)..];
        string? label = null;
        if (priority.IndexOf('(', StringComparison.Ordinal) is >= 0 and var open)
        {
            var close = priority.IndexOf(')', open);
            if (close < 0)
            {
                Problem(setting, "the label has no closing ): Asterisk ignores the line");
                return;
            }

            label = priority[(open + 1)..close];
            priority = priority[..open];
        }

        var added = 0;
        if (priority.IndexOf('+', StringComparison.Ordinal) is >= 0 and var plus)
        {
            added = LeadingNumber(priority[(plus + 1)..]) ?? 0;
            priority = priority[..plus];
        }

        if (Number(context, setting, name, caller, priority) is not { } number)
        {
            return;
        }

        if (number == 0)
        {
            // A hint counts as priority -1, so what follows it is 0, which Asterisk takes for none and drops without a word.
            Problem(setting, "\"n\" directly behind a hint is no priority: Asterisk drops the line without a word; write priority 1 there");
            return;
        }

        number += added;
        _lastPriority = number;
        if (ExtensionName.Normalize(name, keepDashes: true).Length == 0)
        {
            Problem(setting, "the extension has no name: Asterisk ignores the line");
            return;
        }

        var (application, arguments) = SplitCall(setting, call);
        var written = ExtensionName.Normalize(name, keepDashes: true);
        var problem = context.Add(written, caller, new PlanPriority(number, string.IsNullOrEmpty(label) ? null : label, application, arguments, written, setting.Place));
        if (problem is not null)
        {
            Problem(setting, problem);
        }
    }

    /// <returns>null: the line is ignored. 0: it is dropped in silence.</returns>
    private int? Number(PlanContext context, ConfigSetting setting, string name, string? caller, string priority)
    {
        switch (priority)
        {
            case "hint":
                return PlanPriority.Hint;
            case "n" or "next" or "s" or "same":
                if (_lastPriority == NoPriority)
                {
                    Problem(setting, $"\"{priority}\" can't be the first priority of a context: Asterisk ignores the line");
                    return null;
                }

                return priority[0] == 'n' ? _lastPriority + 1 : _lastPriority;
            default:
                break;
        }

        if (LeadingNumber(priority) is { } number)
        {
            if (number >= 1)
            {
                return number;
            }

            Problem(setting, $"what stands for the priority is no priority: expected 1 or more; Asterisk ignores the line");
            return null;
        }

        if (_compared > MaxCompared || (_compared += context.Extensions.Count) > MaxCompared)
        {
            Problem(setting, $"so many labels are looked for that {Shown.Text(priority)} was not: the line is left out");
            return null;
        }

        // A label of an extension that stands above; it is looked for as a call would.
        var found = context.Extensions.FirstOrDefault(extension => ExtensionName.Matches(extension.Pattern, name)
            && (extension.CallerId is null || ExtensionName.MatchesCaller(extension.CallerId, caller)) && extension.Labelled(priority) is not null);
        if (found?.Labelled(priority) is { } labelled)
        {
            return labelled.Number;
        }

        Problem(setting, $"what stands for the priority is no priority and no label above: Asterisk ignores the line");
        return null;
    }

    private (string Application, string Arguments) SplitCall(ConfigSetting setting, string call)
    {
        var open = call.IndexOf('(', StringComparison.Ordinal);
        if (open < 0)
        {
            return (call.TrimStart(), "");
        }

        var application = call[..open];
        if (application.Contains("${", StringComparison.Ordinal) || application.Contains("$[", StringComparison.Ordinal))
        {
            return (call.TrimStart(), "");
        }

        var close = call.LastIndexOf(')');
        if (close < open)
        {
            Problem(setting, $"{Shown.Text(application.Trim())}( has no closing parenthesis");
            return (application.TrimStart(), call[(open + 1)..]);
        }

        return (application.TrimStart(), call[(open + 1)..close]);
    }

    private void Include(PlanContext context, ConfigSetting setting)
    {
        if (GlobalText.Substitute(setting.Value, _globals) is not { } value)
        {
            Problem(setting, "the included context comes from a function: it was not read");
            return;
        }

        var at = value.IndexOf('|', StringComparison.Ordinal);
        at = at < 0 ? value.IndexOf(',', StringComparison.Ordinal) : at;
        // Nothing behind the comma is no time at all (ast_build_timing).
        var times = at < 0 || at + 1 == value.Length || PlanInclude.IsAlways(value[(at + 1)..]) ? null : value[(at + 1)..];
        if (!context.Include(new PlanInclude(at < 0 ? value : value[..at], times, setting.Place)))
        {
            Problem(setting, $"{Shown.Text(value)} is included already: Asterisk ignores the line");
        }
    }

    private void CheckIncludes()
    {
        foreach (var context in _contexts.Values)
        {
            foreach (var include in context.Includes.Where(include => !_contexts.ContainsKey(include.Context)))
            {
                _problems.Add(new ConfigProblem(include.Place, $"[{Shown.Text(context.Name)}] includes {Shown.Text(include.Context)}, which extensions.conf does not have"));
            }
        }
    }

    // sscanf("%30d"): blanks, a sign, digits; what follows is ignored.
    private static int? LeadingNumber(string text)
    {
        var trimmed = text.AsSpan().TrimStart();
        var length = trimmed.Length > 0 && trimmed[0] is '-' or '+' ? 1 : 0;
        while (length < trimmed.Length && char.IsAsciiDigit(trimmed[length]))
        {
            length++;
        }

        return int.TryParse(trimmed[..length], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    // ast_shrink_phone_number of main/callerid.c.
    private static string ShrinkNumber(string number)
    {
        var kept = new System.Text.StringBuilder(number.Length);
        var depth = 0;
        for (var at = 0; at < number.Length; at++)
        {
            var c = number[at];
            depth += c == '[' ? 1 : c == ']' ? -1 : 0;
            var isKept = c switch
            {
                '-' => depth != 0,
                '.' => at == number.Length - 1,
                '(' or ' ' or ')' => false,
                _ => true,
            };
            if (isKept)
            {
                kept.Append(c);
            }
        }

        return kept.ToString();
    }

    private void Problem(ConfigSetting setting, string text) => _problems.Add(new ConfigProblem(setting.Place, text));
}

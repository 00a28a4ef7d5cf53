using System.Globalization;
using System.Text;
using Ringfence.Core.Dialplan;

namespace Ringfence.Tests.Dialplan;

/// <summary>Seeded dialplans of which is known what each line does, so that a call can be run number by number, slowly, by other code than that which is tested.</summary>
/// <remarks>Nothing leads backwards, so a real Asterisk comes to an end with each of them.</remarks>
internal sealed class RandomCalls
{
    private const int Contexts = 4;

    private readonly Random _random;
    private readonly string _prefix;
    private readonly bool _hasMarks;
    private readonly StringBuilder _text = new();
    private readonly Dictionary<int, Action<Machine>> _lines = [];
    private int _line;

    /// <param name="prefix">Before the names of all contexts, so that many can stand in one file.</param>
    /// <param name="firstLine">How many lines stand before it there.</param>
    public RandomCalls(int seed, string prefix, int firstLine)
    {
        _random = new Random(seed);
        _prefix = prefix;
        _line = firstLine;
        _hasMarks = seed % 3 == 0;
        for (var context = 0; context < Contexts; context++)
        {
            WriteContext(context);
        }

        Line($"[{prefix}sub]");
        Step("exten => s,1,", $"Dial(PJSIP/${{ARG1}}@{prefix}t3)", static machine => machine.Dial("t3", machine.Variable("ARG1")));
        Step(" same => n,", $"ExecIf($[\"${{ARG1}}\" = \"1\"]?Dial(PJSIP/${{ARG2}}@{prefix}t2))", static machine =>
        {
            if (machine.Variable("ARG1") == "1")
            {
                machine.Dial("t2", machine.Variable("ARG2"));
            }
        });
        Step(" same => n,", "Return(${ARG1:1})", static machine => machine.Return(Cut(machine.Variable("ARG1"), 1)));
    }

    public string Text => _text.ToString();

    public int LastLine => _line;

    public string Entry => _prefix + "0";

    /// <summary>The characters of the numbers that are dialled.</summary>
    public string Characters => _hasMarks ? "0129*-" : "0129";

    /// <summary>What a call of this number dials, trunk and number sent, in the order in which it does.</summary>
    public IReadOnlyList<(string Trunk, string Number)> Run(Plan plan, string number)
    {
        var machine = new Machine(this, plan);
        machine.Call(Entry, number, isLocal: true);
        return machine.Dialled;
    }

    private static string Cut(string text, int offset, int length = int.MaxValue)
    {
        if (offset < 0)
        {
            offset = Math.Max(0, text.Length + offset);
        }

        var rest = offset < text.Length ? text[offset..] : "";
        return length >= 0 ? rest[..Math.Min(rest.Length, length)] : rest.Length > -length ? rest[..^-length] : "";
    }

    private void WriteContext(int context)
    {
        Line($"[{_prefix}{context}]");
        if (context + 1 < Contexts && _random.Next(2) == 0)
        {
            Line($"include => {_prefix}{_random.Next(context + 1, Contexts)}");
        }

        var names = Enumerable.Range(0, _random.Next(1, 6)).Select(_ => Name()).Distinct().ToList();
        foreach (var name in names)
        {
            WriteExtension(context, name);
        }

        if (_random.Next(3) == 0)
        {
            WriteExtension(context, "i", "${INVALID_EXTEN}");
        }
    }

    private string Name() => _random.Next(3) == 0
        ? string.Concat(Enumerable.Range(0, _random.Next(1, 4)).Select(_ => "0129"[_random.Next(4)]))
        : $"_{string.Concat(Enumerable.Range(0, _random.Next(0, 3)).Select(_ => ((string[])["X", "N", "Z", "[0-2]", "[19]", "0", "1", "9"])[_random.Next(8)]))}{((string[])["X", ".", "X.", "!", "9", "[0-29]"])[_random.Next(6)]}";

    private void WriteExtension(int context, string name, string? shown = null)
    {
        var lead = $"exten => {name},1,";
        var steps = _random.Next(1, 6);
        // Labels lead forward alone.
        var label = 0;
        for (var step = 0; step < steps; step++)
        {
            WriteStep(context, lead, shown ?? "${EXTEN}", shown is null, steps - step, step + 1);
            lead = _random.Next(3) == 0 ? $" same => n(l{label++}),"[..] : " same => n,";
        }
    }

    private void WriteStep(int context, string lead, string subject, bool isNumber, int left, int priority)
    {
        var (text, value) = Value(subject);
        var trunk = $"t{_random.Next(1, 4)}";
        var later = context + 1 < Contexts ? $"{_prefix}{_random.Next(context + 1, Contexts)}" : null;
        switch (_random.Next(12))
        {
            case 0 or 1:
                Step(lead, $"Dial(PJSIP/{text}@{_prefix}{trunk},10)", machine => machine.Dial(trunk, value(machine)));
                break;
            case 2:
                Step(lead, $"Dial(PJSIP/7@{_prefix}t1&PJSIP/{text}@{_prefix}{trunk})", machine =>
                {
                    machine.Dial("t1", "7");
                    machine.Dial(trunk, value(machine));
                });
                break;
            case 3 when later is not null:
                Step(lead, $"Dial(Local/{text}@{later}/n)", machine => machine.Fork(later, value(machine)));
                break;
            case 4 or 5 when later is not null:
                Step(lead, $"Goto({later},{text},1)", machine => machine.Goto(later, value(machine), 1));
                break;
            case 6:
                Step(lead, $"Set(V={text})", machine => machine.Set("V", value(machine)));
                break;
            case 7:
                var (kept, allowed) = _random.Next(2) == 0 ? ("0-1", "01") : ("29", "29");
                Step(lead, $"Set(V=${{FILTER({kept},{text})}})", machine => machine.Set("V", string.Concat(value(machine).Where(c => allowed.Contains(c, StringComparison.Ordinal)))));
                break;
            case 8:
                Step(lead, $"Gosub({_prefix}sub,s,1({text},5))", machine => machine.Gosub(_prefix + "sub", value(machine), "5"));
                break;
            case 9:
                var (when, holds) = Condition(text, value, isNumber);
                var (otherwise, second) = Value(subject);
                Step(lead, $"ExecIf({when}?Dial(PJSIP/{text}@{_prefix}{trunk}):Set(V={otherwise}))", machine =>
                {
                    if (holds(machine))
                    {
                        machine.Dial(trunk, value(machine));
                    }
                    else
                    {
                        machine.Set("V", second(machine));
                    }
                });
                break;
            case 10 when later is not null:
                var (condition, isTrue) = Condition(text, value, isNumber);
                var there = priority + _random.Next(1, left + 1);
                Step(lead, $"GotoIf({condition}?{later},{text},1:{there})", machine =>
                {
                    if (isTrue(machine))
                    {
                        machine.Goto(later, value(machine), 1);
                    }
                    else
                    {
                        machine.Goto(machine.Context, "", there);
                    }
                });
                break;
            case 11 when _random.Next(3) == 0:
                Step(lead, "Hangup()", static machine => machine.End());
                break;
            default:
                Step(lead, "NoOp(,)", static _ => { });
                break;
        }
    }

    private (string Text, Func<Machine, string> Value) Value(string subject)
    {
        var (name, whole) = _random.Next(4) switch
        {
            0 => ("V", (Func<Machine, string>)(static machine => machine.Variable("V"))),
            1 when subject == "${EXTEN}" && _random.Next(3) == 0 => ("GOSUB_RETVAL", static machine => machine.Variable("GOSUB_RETVAL")),
            _ => subject == "${EXTEN}" ? ("EXTEN", static machine => machine.Extension) : ("INVALID_EXTEN", static machine => machine.Variable("INVALID_EXTEN")),
        };
        return _random.Next(8) switch
        {
            0 => ($"${{{name}:1}}", machine => Cut(whole(machine), 1)),
            1 => ($"9${{{name}}}", machine => "9" + whole(machine)),
            2 => ($"${{{name}:-2}}", machine => Cut(whole(machine), -2)),
            3 => ($"${{{name}:1:-1}}", machine => Cut(whole(machine), 1, -1)),
            4 => ($"0${{{name}:0:2}}1", machine => "0" + Cut(whole(machine), 0, 2) + "1"),
            5 => ($"${{{name}:0:1}}${{{name}:2}}", machine => Cut(whole(machine), 0, 1) + Cut(whole(machine), 2)),
            _ => ($"${{{name}}}", whole),
        };
    }

    private (string Text, Func<Machine, bool> Holds) Condition(string text, Func<Machine, string> value, bool isNumber)
    {
        var constant = string.Concat(Enumerable.Range(0, _random.Next(1, 3)).Select(_ => "0129"[_random.Next(4)]));
        switch (_random.Next(7))
        {
            case 0:
                return ($"$[\"{text}\" = \"{constant}\"]", machine => value(machine) == constant);
            case 1:
                return ($"$[\"{text}\" != \"{constant}\"]", machine => value(machine) != constant);
            case 2:
                return ($"$[${{LEN({text})}} > 2]", machine => value(machine).Length > 2);
            case 3:
                return ($"${{REGEX(\"^{constant[0]}[0-2]*\\\\*?9$\" {text})}}", machine => System.Text.RegularExpressions.Regex.IsMatch(value(machine), $"^{constant[0]}[0-2]*\\*?9\\z", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)));
            case 4:
                return ($"$[\"{text}\" = \"{constant}\" | ${{LEN({text})}} <= 1]", machine => value(machine) == constant || value(machine).Length <= 1);
            case 5 when isNumber && !_hasMarks:
                // Numbers alone are compared by value; what is no number would be compared as text.
                var bound = int.Parse(constant, CultureInfo.InvariantCulture);
                return ($"$[1${{EXTEN}} < 1{constant}]", machine => long.Parse("1" + machine.Extension, CultureInfo.InvariantCulture) < long.Parse("1" + constant, CultureInfo.InvariantCulture) && bound >= 0);
            default:
                return ($"$[!(\"${{EXTEN:0:1}}\" = \"{constant[0]}\") & \"{text}\" != \"\"]", machine => Cut(machine.Extension, 0, 1) != constant[..1] && value(machine).Length > 0);
        }
    }

    private void Step(string lead, string call, Action<Machine> run)
    {
        Line(lead + call);
        _lines[_line] = run;
    }

    private void Line(string text)
    {
        _text.Append(text).Append('\n');
        _line++;
    }

    /// <summary>A call of one number, priority by priority.</summary>
    internal sealed class Machine(RandomCalls calls, Plan plan)
    {
        private readonly List<(string Trunk, string Number)> _dialled = [];
        private Dictionary<string, string> _variables = new(StringComparer.Ordinal) { ["V"] = "7", ["GOSUB_RETVAL"] = "8" };
        private Stack<(string Context, string Extension, int Priority, string? First, string? Second)> _frames = new();
        private int _priority;
        private bool _isOver;

        public IReadOnlyList<(string Trunk, string Number)> Dialled => _dialled;

        public string Context { get; private set; } = "";

        public string Extension { get; private set; } = "";

        public string Variable(string name) => _variables.GetValueOrDefault(name, "");

        public void Set(string name, string value) => _variables[name] = value;

        public void Dial(string trunk, string number) => _dialled.Add((trunk, number));

        public void End() => _isOver = true;

        public void Goto(string context, string extension, int priority)
        {
            Context = context;
            Extension = extension.Length > 0 ? extension : Extension;
            _priority = priority - 1;
        }

        public void Gosub(string context, string first, string second)
        {
            _frames.Push((Context, Extension, _priority, _variables.GetValueOrDefault("ARG1"), _variables.GetValueOrDefault("ARG2")));
            (Context, Extension, _priority) = (context, "s", 0);
            (_variables["ARG1"], _variables["ARG2"]) = (first, second);
        }

        public void Return(string value)
        {
            (Context, Extension, _priority, _, _) = _frames.Pop();
            _variables["GOSUB_RETVAL"] = value;
        }

        public void Fork(string context, string extension)
        {
            var (variables, frames, at, over) = (_variables, _frames, (Context, Extension, _priority), _isOver);
            _variables = new(StringComparer.Ordinal) { ["V"] = "7", ["GOSUB_RETVAL"] = "8" };
            _frames = new();
            Call(context, extension, isLocal: true);
            (_variables, _frames, (Context, Extension, _priority), _isOver) = (variables, frames, at, over);
        }

        public void Call(string context, string extension, bool isLocal)
        {
            if (isLocal && plan.Find(context, extension) is null)
            {
                return;
            }

            (Context, Extension, _priority, _isOver) = (context, extension.Length > 0 ? extension : "s", 1, false);
            while (!_isOver)
            {
                if (plan.Find(Context, Extension, _priority) is { } found)
                {
                    calls._lines[found.Priority.Place.Line](this);
                    _priority++;
                }
                else if (plan.Find(Context, Extension) is null && Extension != "i" && plan.Find(Context, "i") is not null)
                {
                    _variables["INVALID_EXTEN"] = Extension;
                    (Extension, _priority) = ("i", 1);
                }
                else
                {
                    return;
                }
            }
        }
    }
}

using Ringfence.Core.Pbx;

namespace Ringfence.Core.Dialplan;

/// <summary>Reads extensions.ael into what was written. Asterisk takes nothing of a file with a mistake, so the first one ends the reading.</summary>
/// <remarks>Asterisk 22, res/ael/ael.y.</remarks>
internal sealed class AelParser
{
    // Asterisk's own parser gives up at 10,000 (YYMAXDEPTH); ours must not run out of stack before.
    private const int MaxDepth = 200;

    private readonly AelScanner _scanner;
    private readonly Func<string, int, IReadOnlyList<AelNode>> _include;
    private int _depth;

    private readonly string _file;

    private AelParser(string file, string text, Func<string, int, IReadOnlyList<AelNode>> include)
    {
        _file = file;
        _scanner = new AelScanner(text);
        _include = include;
    }

    /// <param name="file">As places name it.</param>
    /// <param name="include">What #include of that name at that line gives.</param>
    /// <exception cref="AelException">The text is no AEL.</exception>
    public static IReadOnlyList<AelNode> Parse(string file, string text, Func<string, int, IReadOnlyList<AelNode>> include) => new AelParser(file, text, include).Objects();

    private List<AelNode> Objects()
    {
        List<AelNode> objects = [];
        while (_scanner.Peek().Kind != AelTokenKind.End)
        {
            var token = _scanner.Next();
            switch (token)
            {
                case { Kind: AelTokenKind.Include }:
                    objects.AddRange(_include(token.Text, token.Line));
                    break;
                case { Kind: AelTokenKind.Sign, Text: ";" }:
                case { Kind: AelTokenKind.Word, Text: "abstract" or "extend" }:
                    break;
                case { Kind: AelTokenKind.Word, Text: "context" }:
                    objects.Add(new AelContext(At(token.Line), Word("the context's name"), Braces(Element)));
                    break;
                case { Kind: AelTokenKind.Word, Text: "macro" }:
                    objects.Add(Macro(token.Line));
                    break;
                case { Kind: AelTokenKind.Word, Text: "globals" }:
                    objects.Add(new AelGlobals(At(token.Line), [.. Braces(static parser => parser.Assignment(parser.Word("a variable's name"), isLocal: false)).OfType<AelAssignment>()]));
                    break;
                default:
                    throw Unexpected(token, "context, macro or globals");
            }
        }

        return objects;
    }

    private List<AelNode> Braces(Func<AelParser, AelNode?> one)
    {
        Expect("{");
        List<AelNode> all = [];
        while (!_scanner.Peek().Is("}"))
        {
            if (_scanner.Peek().Is(";"))
            {
                _scanner.Next();
            }
            else if (_scanner.Peek().Kind == AelTokenKind.Include)
            {
                var include = _scanner.Next();
                all.AddRange(_include(include.Text, include.Line));
            }
            else if (one(this) is { } node)
            {
                all.Add(node);
            }
        }

        _scanner.Next();
        return all;
    }

    private AelMacro Macro(int line)
    {
        var name = Word("the macro's name");
        Expect("(");
        List<string> arguments = [];
        while (!_scanner.Peek().Is(")"))
        {
            if (_scanner.Peek().Is(","))
            {
                _scanner.Next();
            }
            else
            {
                arguments.Add(Word("an argument's name"));
            }
        }

        _scanner.Next();
        return new AelMacro(At(line), name, arguments, Braces(static parser => parser.MacroStatement()));
    }

    private AelNode? MacroStatement()
    {
        var token = _scanner.Peek();
        if (token.IsWord("includes"))
        {
            _scanner.Next();
            return new AelBlock(At(token.Line), Braces(static parser => parser.Include()));
        }

        if (token.IsWord("catch"))
        {
            _scanner.Next();
            return new AelCatch(At(token.Line), Word("the extension that is caught"), Braces(static parser => parser.Statement()));
        }

        return Statement();
    }

    private static AelNode? Element(AelParser parser) => parser.Element();

    private AelNode? Element()
    {
        var token = _scanner.Peek();
        switch (token)
        {
            case { Kind: AelTokenKind.Word, Text: "includes" }:
                _scanner.Next();
                return new AelBlock(At(token.Line), Braces(static parser => parser.Include()));
            case { Kind: AelTokenKind.Word, Text: "switches" or "eswitches" }:
                _scanner.Next();
                return new AelBlock(At(token.Line), Braces(parser => parser.SwitchTo(token.Text == "eswitches")));
            case { Kind: AelTokenKind.Word, Text: "ignorepat" }:
                _scanner.Next();
                Expect("=>");
                var pattern = Word("a pattern");
                Expect(";");
                return new AelIgnorePattern(At(token.Line), pattern);
            case { Kind: AelTokenKind.Word, Text: "local" }:
                _scanner.Next();
                return Assignment(Word("a variable's name"), isLocal: true);
            default:
                return Extension();
        }
    }

    private AelInclude Include()
    {
        var line = _scanner.Peek().Line;
        var context = Word("a context's name");
        List<string> times = [];
        var part = "";
        while (!_scanner.Peek().Is(";"))
        {
            var token = _scanner.Next();
            if (token.Kind == AelTokenKind.End || token.Is("}"))
            {
                throw Unexpected(token, "; behind the included context");
            }

            if (token.Is("|") || token.Is(","))
            {
                times.Add(part);
                part = "";
            }
            else
            {
                part += token.Text;
            }
        }

        _scanner.Next();
        return new AelInclude(At(line), context, times.Count == 0 ? [] : [.. times.Skip(1), part]);
    }

    private AelSwitchTo SwitchTo(bool isEvaluated)
    {
        var line = _scanner.Peek().Line;
        var data = "";
        while (!_scanner.Peek().Is(";"))
        {
            var token = _scanner.Next();
            data += token.Kind == AelTokenKind.End ? throw Unexpected(token, ";") : token.Text;
        }

        _scanner.Next();
        return new AelSwitchTo(At(line), data, isEvaluated);
    }

    private AelNode Extension()
    {
        var line = _scanner.Peek().Line;
        var isRegistered = Skips("regexten");
        string? hint = null;
        if (Skips("hint"))
        {
            Expect("(");
            hint = _scanner.Condition();
            Expect(")");
        }

        var name = Word("an extension, includes, switches or ignorepat");
        if (hint is null && !isRegistered && _scanner.Peek().Is("="))
        {
            return Assignment(name, isLocal: false);
        }

        if (_scanner.Peek().Is("@"))
        {
            _scanner.Next();
            name = $"{name}@{Word("what stands behind the @")}";
        }

        Expect("=>");
        return new AelExtension(At(line), name, hint, isRegistered, Statement() is { } body ? [body] : []);
    }

    private AelAssignment Assignment(string name, bool isLocal)
    {
        var line = _scanner.Peek().Line;
        Expect("=");
        var value = _scanner.Value();
        Expect(";");
        return new AelAssignment(At(line), name, value, isLocal);
    }

    private AelNode? Statement()
    {
        if (++_depth > MaxDepth)
        {
            throw new AelException(_scanner.Peek().Line, $"blocks are more than {MaxDepth} deep");
        }

        try
        {
            return StatementHere();
        }
        finally
        {
            _depth--;
        }
    }

    private AelNode? StatementHere()
    {
        var token = _scanner.Peek();
        if (token.Is("{"))
        {
            return new AelBlock(At(token.Line), Braces(static parser => parser.Statement()));
        }

        _scanner.Next();
        if (token.Is(";"))
        {
            return null;
        }

        if (token.Is("&"))
        {
            var macro = Word("the macro's name");
            var arguments = Arguments();
            Expect(";");
            return new AelMacroCall(At(token.Line), macro, arguments);
        }

        if (token.Kind != AelTokenKind.Word)
        {
            throw Unexpected(token, "a statement");
        }

        switch (token.Text)
        {
            case "local":
                return Assignment(Word("a variable's name"), isLocal: true);
            case "goto":
                return Goto(token.Line);
            case "jump":
                return Jump(token.Line);
            case "for":
                return For(token.Line);
            case "while":
                return new AelWhile(At(token.Line), Condition(), Statement());
            case "switch":
                return new AelSwitch(At(token.Line), Condition(), [.. Braces(static parser => parser.Case()).OfType<AelCase>()]);
            case "if":
                return If(token.Line, AelCondition.Expression);
            case "ifTime" or "iftime":
                return If(token.Line, AelCondition.Time);
            case "random":
                return If(token.Line, AelCondition.Random);
            case "break" or "continue" or "return":
                Expect(";");
                return new AelJump(At(token.Line), token.Text switch { "break" => AelJumpKind.Break, "continue" => AelJumpKind.Continue, _ => AelJumpKind.Return });
            default:
                return CallLabelOrAssignment(token);
        }
    }

    private AelNode CallLabelOrAssignment(AelToken word)
    {
        var behind = _scanner.Peek();
        if (behind.Is(":"))
        {
            _scanner.Next();
            return new AelLabel(At(word.Line), word.Text);
        }

        if (behind.Is("="))
        {
            return Assignment(word.Text, isLocal: false);
        }

        if (behind.Is(";"))
        {
            _scanner.Next();
            return new AelCall(At(word.Line), word.Text, []);
        }

        var arguments = Arguments();
        if (_scanner.Peek().Is("="))
        {
            // CDR(userfield) = x;
            return Assignment($"{word.Text}({string.Join(',', arguments)})", isLocal: false);
        }

        Expect(";");
        return word.Text.Equals("Goto", StringComparison.OrdinalIgnoreCase) ? new AelGoto(At(word.Line), arguments) : new AelCall(At(word.Line), word.Text, arguments);
    }

    private List<string> Arguments()
    {
        Expect("(");
        List<string> arguments = [_scanner.Argument()];
        while (_scanner.Peek().Is(","))
        {
            _scanner.Next();
            arguments.Add(_scanner.Argument());
        }

        Expect(")");
        return arguments is [""] ? [] : arguments;
    }

    private string Condition()
    {
        Expect("(");
        var condition = _scanner.Condition();
        Expect(")");
        return condition;
    }

    private AelFor For(int line)
    {
        Expect("(");
        var first = _scanner.Value();
        Expect(";");
        var test = _scanner.Value();
        Expect(";");
        var next = _scanner.Condition();
        Expect(")");
        return new AelFor(At(line), first, test, next, Statement());
    }

    private AelIf If(int line, AelCondition kind)
    {
        var condition = Condition();
        var then = Statement();
        return new AelIf(At(line), kind, condition, then, Skips("else") ? Statement() ?? new AelBlock(At(line), []) : null);
    }

    private AelCase Case()
    {
        var token = _scanner.Next();
        var value = token switch
        {
            { Kind: AelTokenKind.Word, Text: "case" or "pattern" } => Word("a value"),
            { Kind: AelTokenKind.Word, Text: "default" } => null,
            _ => throw Unexpected(token, "case, pattern or default"),
        };
        Expect(":");
        List<AelNode> body = [];
        while (_scanner.Peek() is var ahead && !ahead.Is("}") && !ahead.IsWord("case") && !ahead.IsWord("pattern") && !ahead.IsWord("default"))
        {
            if (Statement() is { } statement)
            {
                body.Add(statement);
            }
        }

        return new AelCase(At(token.Line), value, token.Text == "pattern", body);
    }

    // goto [[context,]extension,]label; with | for the comma in old files.
    private AelGoto Goto(int line)
    {
        List<string> parts = [""];
        while (!_scanner.Peek().Is(";"))
        {
            var token = _scanner.Next();
            if (token.Is(",") || token.Is("|"))
            {
                parts.Add("");
            }
            else
            {
                parts[^1] += token.Kind == AelTokenKind.Word || token.Is(":") ? token.Text : throw Unexpected(token, "; behind the target");
            }
        }

        _scanner.Next();
        return new AelGoto(At(line), parts);
    }

    // jump extension[,priority][@context];
    private AelGoto Jump(int line)
    {
        var extension = Word("an extension");
        var priority = "1";
        if (_scanner.Peek().Is(","))
        {
            _scanner.Next();
            priority = Word("a priority");
        }

        string? context = null;
        if (_scanner.Peek().Is("@"))
        {
            _scanner.Next();
            context = Word("a context");
        }

        Expect(";");
        return new AelGoto(At(line), context is null ? [extension, priority] : [context, extension, priority]);
    }

    private Place At(int line) => new(_file, line);

    private bool Skips(string word)
    {
        if (!_scanner.Peek().IsWord(word))
        {
            return false;
        }

        _scanner.Next();
        return true;
    }

    private string Word(string expected)
    {
        var token = _scanner.Next();
        return token.Kind == AelTokenKind.Word ? token.Text : throw Unexpected(token, expected);
    }

    private void Expect(string sign)
    {
        var token = _scanner.Next();
        if (!token.Is(sign))
        {
            throw Unexpected(token, sign);
        }
    }

    private static AelException Unexpected(AelToken token, string expected) =>
        new(token.Line, token.Kind == AelTokenKind.End ? $"the text ends where {expected} is expected" : $"found {(token.Kind == AelTokenKind.Sign ? $"\"{token.Text}\"" : "a word")}, expected {expected}");
}

using System.Text;

namespace Ringfence.Core.Pbx;

/// <summary>One file in Asterisk's configuration syntax, line by line and without loss: includes are named, not followed.</summary>
/// <remarks>
/// Reads what Asterisk 22 reads, its oddities included (main/config.c, config_text_file_load and process_text_line): a line of 8,191 bytes or more is skipped,
/// its line end not counted; text ends at a NUL, a line end is LF, blanks are all bytes up to 32; a byte order mark at the beginning is passed over.
/// </remarks>
internal sealed class AsteriskFile
{
    /// <summary>Asterisk's buffer is 8,192 bytes with the NUL; a line that fills it, its LF not counted, is skipped.</summary>
    private const int FullBufferBytes = 8191;

    /// <summary>MAX_NESTED_COMMENTS of main/config.c.</summary>
    private const int MaxNesting = 128;

    private AsteriskFile(string name, byte[] content, IReadOnlyList<ConfigLine> lines, IReadOnlyList<ConfigProblem> problems, IReadOnlyList<int> blockEdges, int depth, bool isCut)
    {
        IsCut = isCut;
        BlockEdges = blockEdges;
        _depth = depth;
        Name = name;
        Content = content;
        Lines = lines;
        Problems = problems;
    }

    // In how many block comments it ends; -1 where one ended that never began.
    private readonly int _depth;

    /// <summary>As places show it: no two files have the same.</summary>
    public string Name { get; }

    public byte[] Content { get; }

    /// <summary>Those that say something, in order: no empty lines and no comments.</summary>
    public IReadOnlyList<ConfigLine> Lines { get; }

    /// <summary>What is wrong in the lines taken one by one, in order.</summary>
    public IReadOnlyList<ConfigProblem> Problems { get; }

    /// <summary>The lines at whose end it is inside of a block comment and was not at that of the line before, or the other way round, in turn.</summary>
    public IReadOnlyList<int> BlockEdges { get; }

    /// <summary>It holds more lines than were asked for; they are in <see cref="Content"/> alone.</summary>
    public bool IsCut { get; }

    /// <returns>What stands in that line; null: nothing that counts, or there is no such line.</returns>
    public ConfigLine? LineAt(int number) => Above(number) is var at and >= 0 && Lines[at].Number == number ? Lines[at] : null;

    /// <summary>The bytes of a line as they stand in the file, with the line end; none: there is no such line.</summary>
    public ReadOnlySpan<byte> Raw(int number)
    {
        var (known, start) = Above(number) is var at and >= 0 ? (Lines[at].Number, Lines[at].Start) : (1, 0);
        var rest = Content.AsSpan(start);
        for (; known < number && !rest.IsEmpty; known++)
        {
            rest = rest[FirstLine(rest).Length..];
        }

        return number < 1 ? [] : FirstLine(rest);
    }

    /// <returns>Up to the first LF, with it.</returns>
    public static ReadOnlySpan<byte> FirstLine(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)'\n');
        return end < 0 ? text : text[..(end + 1)];
    }

    /// <param name="after">The file that one #include with a pattern named before this one: Asterisk goes on in its block comment, and passes over no byte order mark.</param>
    /// <param name="mostLines">Of those that say something.</param>
    public static AsteriskFile Parse(string name, byte[] content, AsteriskFile? after = null, int mostLines = int.MaxValue) => new Reading(name, content, after, mostLines).Run();

    // The last line that counts and is not below that one; -1: there is none.
    private int Above(int number)
    {
        var (low, high) = (0, Lines.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Lines[middle].Number <= number ? (middle + 1, high) : (low, middle);
        }

        return low - 1;
    }

    private sealed class Reading(string name, byte[] content, AsteriskFile? after, int mostLines)
    {
        private readonly List<ConfigLine> _lines = [];
        private readonly List<ConfigProblem> _problems = [];
        private readonly byte[] _kept = new byte[FullBufferBytes];
        private readonly List<int> _blockEdges = [];
        private int _depth = after?._depth ?? 0;
        private int _blockLine;
        private int _number;
        private int _start;

        public AsteriskFile Run()
        {
            var isCut = false;
            while (_start < content.Length)
            {
                var line = FirstLine(content.AsSpan(_start));
                _number++;
                if (ParseLine(_number == 1 && after is null && line.StartsWith(ByteOrderMark) ? line[ByteOrderMark.Length..] : line) is { } read)
                {
                    if (_lines.Count >= mostLines)
                    {
                        isCut = true;
                        break;
                    }

                    _lines.Add(read);
                }

                if ((_depth != 0) != (_blockEdges.Count % 2 != 0))
                {
                    _blockEdges.Add(_number);
                }

                _start += line.Length;
            }

            if (_depth > 0 && _blockLine > 0 && !isCut)
            {
                _problems.Add(new ConfigProblem(new Place(name, _blockLine), "the block comment that begins with ;-- here never ends: everything below is ignored"));
            }

            return new AsteriskFile(name, content, _lines, _problems, _blockEdges, _depth, isCut);
        }

        private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

        // null: nothing that counts. A file of nothing but line ends must not cost an object for each.
        private ConfigLine? ParseLine(ReadOnlySpan<byte> line)
        {
            if (line.TrimEnd((byte)'\n').Length >= FullBufferBytes)
            {
                return Broken($"the line is longer than {FullBufferBytes - 1:N0} bytes: Asterisk skips it");
            }

            var nul = line.IndexOf((byte)0);
            if (nul >= 0)
            {
                Problem("there is a NUL byte in the line: Asterisk reads it only up to there");
                line = line[..nul];
            }

            var text = Strip(WithoutComments(line));
            if (text.IsEmpty)
            {
                return null;
            }

            return text[0] switch
            {
                (byte)'[' => ParseSection(text),
                (byte)'#' => ParseDirective(text),
                _ => ParseSetting(text),
            };
        }

        // One pass. "segment" is where the reader last restarted its search: an escape or the two hyphens of an end count only behind it.
        private ReadOnlySpan<byte> WithoutComments(ReadOnlySpan<byte> line)
        {
            var kept = 0;
            var reads = _depth == 0;
            var segment = 0;
            for (var i = 0; i < line.Length; i++)
            {
                if (line[i] != ';')
                {
                    if (reads && _depth == 0)
                    {
                        _kept[kept++] = line[i];
                    }

                    continue;
                }

                if (i > segment && line[i - 1] == '\\')
                {
                    if (reads && _depth == 0)
                    {
                        _kept[kept - 1] = (byte)';';
                    }

                    segment = i + 1;
                }
                else if (line[i..].StartsWith(";--"u8) && (i + 3 >= line.Length || line[i + 3] != '-'))
                {
                    if (_depth == 0)
                    {
                        _blockLine = _number;
                    }

                    _depth = Math.Min(_depth + 1, MaxNesting);
                    i += 2;
                    segment = i + 1;
                }
                else if (i >= segment + 2 && line[i - 1] == '-' && line[i - 2] == '-')
                {
                    if (_depth == 0)
                    {
                        // Asterisk counts this below zero and then takes the rest of the file for a comment.
                        _depth = -1;
                        Problem("--; ends a block comment that never began: Asterisk ignores everything below");
                        var tail = reads ? line[i..] : [];
                        tail.CopyTo(_kept.AsSpan(kept));
                        return _kept.AsSpan(0, kept + tail.Length);
                    }

                    _depth--;
                    segment = i + 1;
                    reads |= _depth == 0;
                }
                else if (_depth == 0)
                {
                    break;
                }
                else
                {
                    segment = i + 1;
                }
            }

            return _kept.AsSpan(0, kept);
        }

        private ConfigLine ParseSection(ReadOnlySpan<byte> text)
        {
            var close = text.IndexOf((byte)']');
            if (close < 0)
            {
                return Broken("the section has no closing ]", stops: true);
            }

            var section = Text(text[1..close]);
            var rest = text[(close + 1)..];
            if (rest.IsEmpty || rest[0] != '(')
            {
                return new SectionLine(_number, _start, section, IsTemplate: false, [], IsAddition: false, "");
            }

            var end = rest.IndexOf((byte)')');
            if (end < 0)
            {
                return Broken($"section [{Shown.Text(section)}] has no closing )", stops: true);
            }

            var bases = new List<string>();
            var isTemplate = false;
            var isAddition = false;
            var filter = "";
            var saidBlank = false;
            foreach (var option in Text(rest[1..end]).Split(','))
            {
                if (option.StartsWith('+'))
                {
                    isAddition = true;
                    filter = option[1..];
                    continue;
                }

                var trimmed = option.Trim();
                if (trimmed.Length != option.Length && !saidBlank)
                {
                    saidBlank = true;
                    Problem($"there is a blank beside \"{Shown.Text(trimmed)}\" in the parentheses: Asterisk takes it for part of the name", stops: true);
                }

                if (trimmed == "!")
                {
                    isTemplate = true;
                }
                else
                {
                    bases.Add(trimmed);
                }
            }

            return new SectionLine(_number, _start, section, isTemplate, bases, isAddition, filter);
        }

        private ConfigLine ParseDirective(ReadOnlySpan<byte> text)
        {
            var end = 1;
            while (end < text.Length && text[end] > 32)
            {
                end++;
            }

            var word = Text(text[1..end]);
            var argument = Strip(text[end..]);
            ConfigDirective? directive = word.ToLowerInvariant() switch
            {
                "include" => ConfigDirective.Include,
                "tryinclude" => ConfigDirective.TryInclude,
                "exec" => ConfigDirective.Exec,
                _ => null,
            };
            if (directive is not { } known)
            {
                return Broken($"#{Shown.Text(word)} is no directive: expected #include, #tryinclude or #exec; a comment begins with ;");
            }

            if (argument.IsEmpty)
            {
                return Broken($"#{word} needs a file name");
            }

            var close = argument[0] switch { (byte)'"' => (byte)'"', (byte)'<' => (byte)'>', _ => (byte)0 };
            if (close != 0 && argument[^1] == close)
            {
                argument = argument.Length == 1 ? [] : argument[1..^1];
            }

            return new DirectiveLine(_number, _start, known, Text(argument));
        }

        private ConfigLine ParseSetting(ReadOnlySpan<byte> text)
        {
            // A leading backslash lets a name begin with [ or #.
            var isEscaped = text[0] == '\\';
            text = isEscaped ? text[1..] : text;
            if (isEscaped && (text.IsEmpty || text[0] < 33))
            {
                return Broken("there is nothing behind the \\", stops: true, isSetting: true);
            }

            var from = isEscaped ? 1 : 0;
            var equals = text[from..].IndexOf((byte)'=');
            if (equals < 0)
            {
                return Broken("there is no = in the line: Asterisk ignores it", isSetting: true);
            }

            equals += from;
            var isAppend = equals > from && text[equals - 1] == '+';
            var key = Text(Strip(text[..(isAppend ? equals - 1 : equals)]));
            if (key.Length == 0)
            {
                return Broken("there is no name before the =: Asterisk ignores the line", isSetting: true);
            }

            var value = text[(equals + 1)..];
            var isObject = !isAppend && !value.IsEmpty && value[0] == '>';
            return new SettingLine(_number, _start, key, Text(isAppend ? value : Strip(isObject ? value[1..] : value)),
                isAppend ? SettingOperator.Append : isObject ? SettingOperator.Object : SettingOperator.Set);
        }

        private BrokenLine Broken(string why, bool stops = false, bool isSetting = false)
        {
            Problem(why, stops);
            return new BrokenLine(_number, _start, isSetting);
        }

        private void Problem(string text, bool stops = false) => _problems.Add(new ConfigProblem(new Place(name, _number), text, stops));

        private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

        private static ReadOnlySpan<byte> Strip(ReadOnlySpan<byte> text)
        {
            var start = 0;
            while (start < text.Length && text[start] < 33)
            {
                start++;
            }

            var end = text.Length;
            while (end > start && text[end - 1] < 33)
            {
                end--;
            }

            return text[start..end];
        }
    }
}

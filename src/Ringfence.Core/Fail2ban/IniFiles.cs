using System.Text;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Fail2ban;

/// <summary>An option as it was written last, and what it overrides (fail2ban's %(known/x)s).</summary>
internal sealed record IniOption(string Value, Place Place, string? Known);

/// <summary>fail2ban's files, one over the other: sections of options, with [INCLUDES] before and after.</summary>
/// <remarks>
/// jail.conf(5) and configparserinc.py: a continuation line begins with a blank; # and ; begin a comment at the start of a line, ; also behind a blank in
/// it; names of options are the same in either case; a file's neighbour NAME.local is read behind it, also of an included one.
/// </remarks>
internal sealed class IniFiles(IConfigFiles files)
{
    public const string Default = "DEFAULT";

    private const int DeepestInclude = 10;
    private const int MostOptions = 20_000;

    private readonly Dictionary<string, Dictionary<string, IniOption>> _sections = new(StringComparer.Ordinal);
    private int _options;

    /// <summary>What could not be read: a sentence each, place first.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>In the order in which they came.</summary>
    public IEnumerable<string> Sections => _sections.Keys.Where(name => name is not (Default or "INCLUDES"));

    public IniOption? Find(string section, string option) =>
        _sections.TryGetValue(section, out var options) && options.TryGetValue(option.ToLowerInvariant(), out var found) ? found : null;

    public IReadOnlyDictionary<string, IniOption> Section(string name) => _sections.TryGetValue(name, out var options) ? options : new Dictionary<string, IniOption>();

    /// <summary>Puts a value over what is there.</summary>
    public void Set(string section, string option, string value, Place place)
    {
        if (++_options > MostOptions)
        {
            return;
        }

        if (!_sections.TryGetValue(section, out var options))
        {
            _sections[section] = options = new Dictionary<string, IniOption>(StringComparer.Ordinal);
        }

        var name = option.ToLowerInvariant();
        options[name] = new IniOption(value, place, options.GetValueOrDefault(name)?.Value);
    }

    /// <returns>false: there is no such file.</returns>
    public bool Read(string path) => Read(path, []);

    private bool Read(string path, List<string> above)
    {
        if (files.Match(path).Count == 0 || files.Read(path) is not { } bytes)
        {
            return false;
        }

        if (above.Contains(path) || above.Count >= DeepestInclude)
        {
            Problems.Add($"{path}: it includes itself, or {DeepestInclude} files in each other: not read again");
            return true;
        }

        var lines = Parse(path, Encoding.UTF8.GetString(bytes));
        Include(path, lines, "before", above);
        foreach (var (section, option, value, line) in lines.Where(line => line.Section != "INCLUDES"))
        {
            Set(section, option, value, new Place(path, line));
        }

        Include(path, lines, "after", above);
        return true;
    }

    private void Include(string path, List<(string Section, string Option, string Value, int Line)> lines, string when, List<string> above)
    {
        var directory = path[..path.LastIndexOf('/')];
        foreach (var name in lines.Where(line => line.Section == "INCLUDES" && line.Option == when).SelectMany(line => line.Value.Split((char[])['\n', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            var included = name.StartsWith('/') ? name : $"{directory}/{name}";
            List<string> now = [.. above, path];
            _ = Read(included, now);
            var dot = included.LastIndexOf('.');
            if (dot > 0 && !included.EndsWith(".local", StringComparison.Ordinal))
            {
                _ = Read(included[..dot] + ".local", now);
            }
        }
    }

    private List<(string Section, string Option, string Value, int Line)> Parse(string path, string text)
    {
        var read = new List<(string Section, string Option, string Value, int Line)>();
        var (section, number, isOpen) = ("", 0, false);
        foreach (var raw in text.ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            var line = WithoutComment(raw);
            var trimmed = line.Trim();
            if (trimmed.Length == 0)
            {
                // An empty line ends no value, a comment in the middle of one neither.
                continue;
            }

            if (char.IsWhiteSpace(line[0]) && isOpen)
            {
                var last = read[^1];
                read[^1] = last with { Value = last.Value.Length == 0 ? trimmed : $"{last.Value}\n{trimmed}" };
            }
            else if (trimmed[0] == '[' && trimmed.IndexOf(']', StringComparison.Ordinal) is > 0 and var close)
            {
                (section, isOpen) = (trimmed[1..close].Trim(), false);
            }
            else if (section.Length > 0 && trimmed.IndexOfAny(['=', ':']) is > 0 and var sign)
            {
                read.Add((section, trimmed[..sign].Trim().ToLowerInvariant(), trimmed[(sign + 1)..].Trim(), number));
                isOpen = true;
            }
            else
            {
                Problems.Add($"{path}:{number}: it is neither a section nor an option: fail2ban refuses the file");
                isOpen = false;
            }
        }

        return read;
    }

    private static string WithoutComment(string line)
    {
        var trimmed = line.AsSpan().TrimStart();
        if (trimmed.Length > 0 && trimmed[0] is '#' or ';')
        {
            return "";
        }

        for (var at = 1; at < line.Length; at++)
        {
            if (line[at] == ';' && char.IsWhiteSpace(line[at - 1]))
            {
                return line[..at];
            }
        }

        return line;
    }
}

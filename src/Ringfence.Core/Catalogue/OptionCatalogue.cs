using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Ringfence.Core.Catalogue;

/// <summary>Which options one version of Asterisk knows, file by file. What is in it is in options.txt, which tools/catalogue writes.</summary>
internal sealed class OptionCatalogue
{
    private const string Resource = "options.txt";

    private static readonly SearchValues<char> SpanCharacters = SearchValues.Create("0123456789-,");

    private static readonly Lazy<OptionCatalogue> OfAny = new(static () => Load(null));

    private readonly Dictionary<string, List<OptionObject>> _byFile = new(StringComparer.Ordinal);
    private FrozenSet<string> _formats = [];

    private OptionCatalogue(bool isKnown, int[] versions) => (IsKnown, First, Last) = (isKnown, versions[0], versions[^1]);

    /// <summary>The oldest version that the catalogue covers.</summary>
    public int First { get; }

    /// <summary>The newest.</summary>
    public int Last { get; }

    /// <summary>The catalogue covers this version. If not, it holds what any version has, and an option that is not in it may exist all the same.</summary>
    public bool IsKnown { get; }

    /// <summary>What any version that is covered has; what differs between them is not known.</summary>
    public static OptionCatalogue Any => OfAny.Value;

    /// <param name="major">20 of 20.7.1; null: nobody knows, and any is taken.</param>
    public static OptionCatalogue Of(int? major) => major is null ? Any : Load(major);

    /// <param name="text">In the form of options.txt, which says it in its first lines.</param>
    /// <param name="major">As for <see cref="Of"/>.</param>
    /// <exception cref="FormatException">A line is not of that form.</exception>
    public static OptionCatalogue Parse(string text, int? major)
    {
        var versions = Versions(text);
        var taken = Taken(versions, major);
        var catalogue = new OptionCatalogue(taken.Length > 0, versions);
        OptionObject? current = null;
        var formats = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var areFormats = false;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range);
            if (line.IsEmpty || line[0] == '#')
            {
                continue;
            }

            var (rest, span) = WithoutVersions(line);
            if (line[0] == '[')
            {
                areFormats = line.StartsWith("[codecs formats]");
                current = IsIn(span, taken) ? ParseObject(rest) : null;
                if (current is not null && !areFormats)
                {
                    current = catalogue.Add(current);
                }
            }
            else if (current is null || !IsIn(span, taken))
            {
                continue;
            }
            else if (areFormats)
            {
                formats.Add(rest[..rest.IndexOf(' ')].ToString());
            }
            else
            {
                current.Add(ParseOption(rest));
            }
        }

        catalogue._formats = formats.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        return catalogue;
    }

    /// <summary>"cdr.conf", "pjsip.conf"...</summary>
    public IReadOnlyCollection<string> Files => _byFile.Keys;

    public IReadOnlyList<OptionObject> Objects(string file) => _byFile.TryGetValue(file, out var objects) ? objects : [];

    /// <returns>null: the version has none of that type, or the file is not in the catalogue.</returns>
    public OptionObject? Find(string file, string kind) => _byFile.TryGetValue(file, out var objects) ? objects.Find(found => found.Kind == kind) : null;

    /// <summary>allow= and disallow= take it. Modules that are not Asterisk's own can add names.</summary>
    public bool HasFormat(string name) => _formats.Contains(name);

    /// <summary>The value that holds where an option is not given; empty: none; null: not known.</summary>
    public string? Default(string file, string kind, string option) => Find(file, kind)?.Find(option)?.Default;

    private static OptionCatalogue Load(int? major)
    {
        using var stream = typeof(OptionCatalogue).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return Parse(reader.ReadToEnd(), major);
    }

    // Where several versions are taken together, one object holds the options of all.
    private OptionObject Add(OptionObject found)
    {
        if (!_byFile.TryGetValue(found.File, out var objects))
        {
            _byFile[found.File] = objects = [];
        }

        if (objects.Find(known => known.Kind == found.Kind) is { } same)
        {
            return same;
        }

        objects.Add(found);
        return found;
    }

    private static int[] Versions(string text)
    {
        const string Mark = "# versions ";
        var at = text.IndexOf(Mark, StringComparison.Ordinal);
        var end = at < 0 ? -1 : text.IndexOf('\n', at);
        return end < 0 ? throw new FormatException("the catalogue names no versions")
            : [.. text[(at + Mark.Length)..end].Split(' ').Select(static version => int.Parse(version, CultureInfo.InvariantCulture))];
    }

    // A release between two that are covered (17, 19) had options of either. Empty: not covered.
    private static int[] Taken(int[] versions, int? major) =>
        major is not { } wanted ? versions
        : versions.Contains(wanted) ? [wanted]
        : wanted > versions[0] && wanted < versions[^1] ? [versions.Last(version => version < wanted), versions.First(version => version > wanted)]
        : [];

    private static (string Text, string Span) WithoutVersions(ReadOnlySpan<char> line)
    {
        var at = line.LastIndexOf(" @");
        return at < 0 || line[(at + 2)..].IndexOfAnyExcept(SpanCharacters) >= 0 ? (line.ToString(), "") : (line[..at].ToString(), line[(at + 2)..].ToString());
    }

    // "18-", "-20", "18-20", "20,22"
    private static bool IsIn(string span, int[] taken) => span.Length == 0 || taken.Length == 0 || span.Split(',').Any(part =>
    {
        var dash = part.IndexOf('-', StringComparison.Ordinal);
        var least = dash == 0 ? 0 : Number(dash < 0 ? part : part[..dash]);
        var most = dash < 0 ? least : dash == part.Length - 1 ? int.MaxValue : Number(part[(dash + 1)..]);
        return Array.Exists(taken, version => version >= least && version <= most);
    });

    private static OptionObject ParseObject(string line)
    {
        var close = line.IndexOf(']', StringComparison.Ordinal);
        var blank = line.IndexOf(' ', StringComparison.Ordinal);
        if (close < 0 || blank < 0 || blank > close)
        {
            throw new FormatException($"no object: {line}");
        }

        var words = line[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var reading = words.Contains("sorcery", StringComparer.Ordinal) ? OptionReading.Sorcery : words.Contains("aco", StringComparer.Ordinal) ? OptionReading.WholeFile : OptionReading.Plain;
        return new OptionObject(line[1..blank], line[(blank + 1)..close], reading)
        {
            IsComplete = !words.Contains("partial", StringComparer.Ordinal),
            IsSingle = words.Contains("single", StringComparer.Ordinal),
            FixedName = After(words, "named="),
            Type = After(words, "type="),
            Sections = After(words, "section=") ?? "",
        };
    }

    private static string? After(string[] words, string key) => Array.Find(words, word => word.StartsWith(key, StringComparison.Ordinal))?[key.Length..];

    private static OptionInfo ParseOption(string line)
    {
        var name = line[..Blank(line, 0)];
        var kindEnd = Blank(line, name.Length + 1);
        var kind = line[(name.Length + 1)..kindEnd];
        var rest = line[kindEnd..].TrimStart();
        string? value = null;
        if (rest.StartsWith('"'))
        {
            value = Unquoted(rest, out var length);
            rest = rest[length..];
        }

        var open = kind.IndexOf('(', StringComparison.Ordinal);
        var argument = open < 0 ? "" : kind[(open + 1)..^1];
        var word = (open < 0 ? kind : kind[..open]).TrimEnd('~');
        var words = argument.Length == 0 || argument.Contains("..", StringComparison.Ordinal) ? [] : argument.Split('|');
        return new OptionInfo(name, KindOf(word), value)
        {
            Words = [.. words.Where(static part => part is not "<bool>" and not "<empty>")],
            TakesBool = words.Contains("<bool>", StringComparer.Ordinal),
            TakesEmpty = words.Contains("<empty>", StringComparer.Ordinal),
            Range = RangeOf(argument),
            IsLenient = kind.Contains('~', StringComparison.Ordinal),
            IsDeprecated = rest.Split(' ').Contains("deprecated", StringComparer.Ordinal),
        };
    }

    private static int Blank(string line, int from)
    {
        var at = line.IndexOf(' ', from);
        return at < 0 ? line.Length : at;
    }

    private static string Unquoted(string text, out int length)
    {
        var value = new StringBuilder();
        var at = 1;
        while (at < text.Length && text[at] != '"')
        {
            at += text[at] == '\\' ? 1 : 0;
            value.Append(text[at++]);
        }

        length = Math.Min(at + 1, text.Length);
        return value.ToString();
    }

    private static (long Least, long Most)? RangeOf(string argument)
    {
        var dots = argument.IndexOf("..", StringComparison.Ordinal);
        return dots < 0 ? null : (long.Parse(argument[..dots], CultureInfo.InvariantCulture), long.Parse(argument[(dots + 2)..], CultureInfo.InvariantCulture));
    }

    private static OptionKind KindOf(string word) => word switch
    {
        "any" => OptionKind.Any,
        "ignored" => OptionKind.Ignored,
        "gone" => OptionKind.Gone,
        "text" => OptionKind.Text,
        "text!" => OptionKind.TextNotEmpty,
        "bool" => OptionKind.Bool,
        "bool-" => OptionKind.BoolUnlessNo,
        "int" => OptionKind.Int,
        "uint" => OptionKind.UInt,
        "number" => OptionKind.Number,
        "duration" => OptionKind.Duration,
        "seconds" => OptionKind.Seconds,
        "codecs" => OptionKind.Codecs,
        "address" => OptionKind.Address,
        "network" => OptionKind.Network,
        "acl" => OptionKind.Acl,
        "names" => OptionKind.Names,
        "one" => OptionKind.OneOf,
        "exact" => OptionKind.Exactly,
        "words" => OptionKind.Words,
        "file" => OptionKind.File,
        "bind" => OptionKind.Bind,
        "tos" => OptionKind.Tos,
        "uris" => OptionKind.Uris,
        "match" => OptionKind.Match,
        "variable" => OptionKind.Variable,
        "user" => OptionKind.User,
        "presentation" => OptionKind.Presentation,
        _ => throw new FormatException($"no kind of option: {word}"),
    };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Sip;

/// <summary>Reads fingerprints out of files with a section for each: the one that is built in (fingerprints.conf says what the keys mean), and the operator's own.</summary>
internal static class FingerprintFile
{
    /// <summary>As places show the file that is built in.</summary>
    public const string BuiltInName = "fingerprints.conf";

    // Each that has no User-Agent is asked of every request.
    private const int MostFingerprints = 256;

    // A shorter beginning would be that of some phone: "sip", "Ava", "Lin".
    private const int LeastAgent = 4;

    private static readonly (string Key, FingerprintPart Part)[] Parts =
    [
        ("method", FingerprintPart.Method),
        ("user_agent", FingerprintPart.UserAgent),
        ("branch", FingerprintPart.Branch),
        ("call_id", FingerprintPart.CallId),
        ("contact", FingerprintPart.Contact),
        ("uri", FingerprintPart.Uri),
        ("from", FingerprintPart.From),
        ("to", FingerprintPart.To),
        ("via", FingerprintPart.Via),
        ("from_tag", FingerprintPart.FromTag),
        ("to_tag", FingerprintPart.ToTag),
        ("cseq", FingerprintPart.Header),
        ("max_forwards", FingerprintPart.Header),
        ("accept", FingerprintPart.Header),
        ("allow", FingerprintPart.Header),
        ("expires", FingerprintPart.Header),
        ("supported", FingerprintPart.Header),
        ("headers", FingerprintPart.Headers),
        ("lacks", FingerprintPart.Lacks),
        ("session", FingerprintPart.Session),
    ];

    // RFC 3261 section 7.3.3, and those registered since.
    private static readonly (string Long, string Compact)[] CompactForms =
    [
        ("call-id", "i"), ("contact", "m"), ("content-encoding", "e"), ("content-length", "l"), ("content-type", "c"), ("from", "f"), ("subject", "s"), ("supported", "k"),
        ("to", "t"), ("via", "v"), ("allow-events", "u"), ("event", "o"), ("refer-to", "r"), ("referred-by", "b"), ("session-expires", "x"),
    ];

    /// <exception cref="InvalidOperationException">The file has a mistake, which a test would have found.</exception>
    public static Fingerprints BuiltIn()
    {
        var mistakes = new List<ConfigMistake>();
        var read = Read(Parse(BuiltInName, BuiltInText()), mistakes);
        return mistakes.Count == 0 ? new Fingerprints([.. read.Values.OfType<Fingerprint>()]) : throw new InvalidOperationException(string.Join('\n', mistakes));
    }

    /// <summary>The file that is built in, as it stands in the sources.</summary>
    public static byte[] BuiltInText()
    {
        using var stream = typeof(FingerprintFile).Assembly.GetManifestResourceStream(BuiltInName)!;
        var text = new byte[stream.Length];
        stream.ReadExactly(text);
        return text;
    }

    /// <summary>Those that are built in, with those of a file: a section of the same name is in place of the one that is built in.</summary>
    /// <param name="mistakes">All that is wrong in the file is added.</param>
    public static Fingerprints With(AsteriskConfig file, List<ConfigMistake> mistakes)
    {
        var all = Read(Parse(BuiltInName, BuiltInText()), []);
        foreach (var (name, print) in Read(file, mistakes))
        {
            all[name] = print;
        }

        return new Fingerprints([.. all.Values.OfType<Fingerprint>()]);
    }

    /// <summary>Reads a text that includes nothing.</summary>
    public static AsteriskConfig Parse(string name, byte[] text) => AsteriskConfig.Read(name, "/", new OneFile($"/{name}", text));

    /// <returns>By the sections' names, in the order of the file; null: not to be used.</returns>
    public static OrderedDictionary<string, Fingerprint?> Read(AsteriskConfig file, List<ConfigMistake> mistakes)
    {
        var read = new OrderedDictionary<string, Fingerprint?>(StringComparer.OrdinalIgnoreCase);
        mistakes.AddRange(file.Problems.Select(problem => new ConfigMistake(problem.Place, problem.Text)));
        foreach (var section in file.Sections)
        {
            if (read.Count == MostFingerprints)
            {
                mistakes.Add(new ConfigMistake(section.Place, $"expected at most {MostFingerprints} fingerprints"));
                break;
            }

            var print = Read(section, mistakes);
            if (!read.TryAdd(section.Name, print))
            {
                mistakes.Add(new ConfigMistake(section.Place, $"[{Shown.Text(section.Name)}] is there again: expected each fingerprint once"));
            }
        }

        return read;
    }

    private static Fingerprint? Read(ConfigSection section, List<ConfigMistake> mistakes)
    {
        var before = mistakes.Count;
        var (name, isUsed) = (section.Name, true);
        var conditions = new List<FingerprintCondition>();
        var agents = new List<FingerprintPattern>();
        foreach (var given in section.Settings.GroupBy(setting => setting.Name, StringComparer.OrdinalIgnoreCase))
        {
            var part = Array.Find(Parts, known => known.Key.Equals(given.Key, StringComparison.OrdinalIgnoreCase));
            if (part.Key is not null)
            {
                Add(conditions, agents, part.Key, part.Part, [.. given], mistakes);
                continue;
            }

            var last = given.Last();
            switch (given.Key.ToLowerInvariant())
            {
                case "name":
                    name = last.Value;
                    break;
                case "use":
                    isUsed = AsteriskBool.Parse(last.Value) ?? Wrong(last, "yes or no", mistakes);
                    break;
                case "source":
                    break;
                default:
                    mistakes.Add(new ConfigMistake(last.Place, $"{Shown.Text(last.Name)} is no key of a fingerprint: "
                        + (NearestName.Of(last.Name, Keys) is { } near ? $"did you mean {near}?" : $"expected one of {string.Join(", ", Keys)}")));
                    break;
            }
        }

        if (name.Length is 0 or > 40 || name.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0)
        {
            mistakes.Add(new ConfigMistake((section.Find("name")?.Place) ?? section.Place, $"the name is \"{Shown.Text(name)}\": expected 1 to 40 printable ASCII characters"));
        }

        // What is missing is told of a section that has no other mistake: the cure of the one is often the other.
        if (isUsed && mistakes.Count == before && agents.Count == 0
            && (conditions.Count < 2 || !conditions.Exists(condition => condition.Part is FingerprintPart.Branch or FingerprintPart.CallId or FingerprintPart.Headers)))
        {
            mistakes.Add(new ConfigMistake(section.Place,
                $"[{Shown.Text(section.Name)}] says too little, and phones could look like it: expected user_agent, or branch, call_id or headers together with another condition"));
        }

        return isUsed && mistakes.Count == before
            ? new Fingerprint { Name = Encoding.ASCII.GetBytes(name), Agents = agents, Conditions = [.. conditions.OrderBy(condition => condition.Part)] }
            : null;
    }

    private static void Add(List<FingerprintCondition> conditions, List<FingerprintPattern> agents, string key, FingerprintPart part, List<ConfigSetting> given, List<ConfigMistake> mistakes)
    {
        switch (part)
        {
            case FingerprintPart.Headers:
                var orders = given.ConvertAll(setting => Good(setting, HeaderOrder.Parse(setting.Value), mistakes));
                conditions.Add(new FingerprintCondition(part, [], null, [.. orders.OfType<HeaderOrder>()], []));
                break;
            case FingerprintPart.Lacks:
                conditions.Add(new FingerprintCondition(part, [], null, [], [.. given.SelectMany(setting => Lacking(setting, mistakes))]));
                break;
            default:
                var isAgent = part == FingerprintPart.UserAgent;
                List<FingerprintPattern> patterns = [.. given.ConvertAll(setting => Good(setting, Pattern(setting.Value, isAgent), mistakes)).OfType<FingerprintPattern>()];
                agents.AddRange(isAgent ? patterns : []);
                conditions.Add(new FingerprintCondition(part, [.. patterns], part == FingerprintPart.Header ? Encoding.ASCII.GetBytes(key.Replace('_', '-')) : null, [], []));
                break;
        }
    }

    private static (FingerprintPattern? Pattern, string? Expected) Pattern(string text, bool isAgent)
    {
        var (pattern, expected) = FingerprintPattern.Parse(text, inAnyCase: isAgent);
        return pattern is null ? (null, expected)
            : isAgent && pattern.Beginning.Length < LeastAgent ? (null, $"at least {LeastAgent} characters as they are at the beginning, for whole makes of phones begin with fewer")
            : pattern.IsAnything ? (null, "a condition that does not hold of everything")
            : (pattern, null);
    }

    private static IEnumerable<byte[]> Lacking(ConfigSetting setting, List<ConfigMistake> mistakes)
    {
        var names = setting.Value.ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries);
        if (!Array.TrueForAll(names, HeaderOrder.IsName))
        {
            mistakes.Add(new GivenValue(setting.Name, setting.Value, setting.Place).Expected("names of headers with commas between them"));
            return [];
        }

        // In whichever form it is written.
        return names
            .SelectMany(name => CompactForms.Where(form => form.Long == name || form.Compact == name).SelectMany(form => new[] { form.Long, form.Compact }).DefaultIfEmpty(name))
            .Select(Encoding.ASCII.GetBytes);
    }

    private static T? Good<T>(ConfigSetting setting, (T? Value, string? Expected) reading, List<ConfigMistake> mistakes)
        where T : class
    {
        if (reading.Expected is { } expected)
        {
            mistakes.Add(new GivenValue(setting.Name, setting.Value, setting.Place).Expected(expected));
        }

        return reading.Value;
    }

    private static bool Wrong(ConfigSetting setting, string expected, List<ConfigMistake> mistakes)
    {
        mistakes.Add(new GivenValue(setting.Name, setting.Value, setting.Place).Expected(expected));
        return false;
    }

    private static IEnumerable<string> Keys => ["name", "source", "use", .. Parts.Select(part => part.Key)];

    private sealed class OneFile(string path, byte[] text) : IConfigFiles
    {
        public IReadOnlyList<string> Match(string pattern) => [];

        public byte[]? Read(string wanted) => wanted == path ? text : null;
    }
}

using System.Text;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Configuration;

/// <summary>Reads ringfence.conf: Asterisk's own syntax, every mistake told at once.</summary>
internal static class ConfigReader
{
    /// <summary>Of a configuration, with all that it includes: 100,000 trusted networks have room in it.</summary>
    public const int MostBytes = 4 << 20;

    /// <summary>What is said of a larger one.</summary>
    public const string TooMuch = "expected at most 4 MiB of configuration, all included files together";

    // Who included a log by mistake needs the first of them; each costs a search for what was meant, and two million took twenty seconds.
    private const int MostMistakes = 100;

    /// <param name="path">An absolute path; includes in it are relative to its directory.</param>
    public static ConfigReading Read(string path, IConfigFiles files) => Read(path, files, isAlone: false);

    private static ConfigReading Read(string path, IConfigFiles files, bool isAlone)
    {
        var slash = path.LastIndexOf('/');
        var name = path[(slash + 1)..];
        var bounded = new BoundedFiles(files);
        var parsed = AsteriskConfig.Read(name, slash <= 0 ? "/" : path[..slash], bounded);
        if (bounded.TooMuch is { } tooMuch)
        {
            return new ConfigReading(null, [new ConfigMistake(new Place(tooMuch, 0), TooMuch)]);
        }

        return parsed.Exists
            ? Read(parsed, isAlone ? null : file => AsteriskConfig.Read(file, slash <= 0 ? "/" : path[..slash], bounded))
            : new ConfigReading(null, [new ConfigMistake(new Place(path, 0), "there is no such file, or it can't be read: `ringfence init` writes one")]);
    }

    /// <summary>Reads a text that includes nothing; of other files that it names none is read.</summary>
    /// <param name="name">As places show it.</param>
    public static ConfigReading Parse(string name, string text) => Read($"/{name}", new OneText($"/{name}", text), isAlone: true);

    /// <param name="open">Reads another file that it names; null: none of them is read.</param>
    public static ConfigReading Read(AsteriskConfig parsed, Func<string, AsteriskConfig>? open = null)
    {
        var mistakes = parsed.Problems.Select(problem => new ConfigMistake(problem.Place, OwnWords(problem.Text))).ToList();
        var given = new Dictionary<(string Section, string Key), List<ConfigSetting>>();
        foreach (var section in parsed.Sections.Where(section => !NotifierSections.Is(section.Name) && NamedSections.Of(section.Name) is null))
        {
            Collect(section.Name, section, given, mistakes);
        }

        var config = ApplyPreset(given, mistakes);
        foreach (var key in ConfigKeys.All)
        {
            if (given.TryGetValue((key.Section, key.Name), out var settings))
            {
                config = key.Set(config, key.IsList ? Elements(key, settings) : [Only(key, settings, mistakes)], mistakes);
            }
        }

        var notifiers = NotifierSections.Read(parsed.Sections.Where(section => NotifierSections.Is(section.Name)), mistakes);
        config = notifiers.Count == 0 ? config : config with { Notify = config.Notify with { Notifiers = notifiers } };
        foreach (var section in parsed.Sections.Where(section => !section.IsTemplate))
        {
            config = NamedSections.Of(section.Name) is { } kind ? Named(config, kind, section, mistakes) : config;
        }

        CheckTogether(config, given, mistakes);
        RoamingKeys.CheckTogether(config, (section, key) => given.GetValueOrDefault((section, key))?[^1], mistakes);
        CallKeys.CheckTogether(config, (section, key, words) => mistakes.Add(new ConfigMistake(given[(section, key)][^1].Place, words)));
        GateKeys.CheckTogether(config, (section, key, words) => mistakes.Add(new ConfigMistake(given[(section, key)][^1].Place, words)));
        ServiceKeys.CheckTogether(config.Perimeter, name => parsed.Sections.Last(section => NamedSections.Of(section.Name) == ServiceKeys.Named && ServiceKeys.Named.NameOf(section.Name) == name).Place, mistakes);
        config = config with { Perimeter = Perimeter.LineNotes.Add(config.Perimeter, parsed.Files) };
        if (config.Detection.FingerprintFile is { } path && open is not null)
        {
            config = config with { Detection = config.Detection with { Fingerprints = Fingerprints(open(path), given[("detect", "fingerprints")][^1], mistakes) } };
        }

        return mistakes.Count == 0
            ? new ConfigReading(config, [])
            : new ConfigReading(null, First(mistakes.OrderBy(mistake => Order(parsed, mistake.Place)).ThenBy(mistake => mistake.Place.Line))) { Readable = config };
    }

    private static Sip.Fingerprints Fingerprints(AsteriskConfig file, ConfigSetting setting, List<ConfigMistake> mistakes)
    {
        if (!file.Exists)
        {
            mistakes.Add(new GivenValue(setting.Name, setting.Value, setting.Place).Expected("a file that can be read"));
        }

        return Sip.FingerprintFile.With(file, mistakes);
    }

    // The reader of Asterisk's files says what Asterisk does; with this one it has nothing to do.
    private static string OwnWords(string problem) => problem.IndexOf(": Asterisk ignores", StringComparison.Ordinal) is >= 0 and var end
        ? $"{problem[..end]}: expected key = value, or ; in front of a comment"
        : problem;

    private static List<ConfigMistake> First(IEnumerable<ConfigMistake> ordered)
    {
        List<ConfigMistake> told = [.. ordered.Take(MostMistakes + 1)];
        if (told.Count > MostMistakes)
        {
            told[MostMistakes] = new ConfigMistake(told[MostMistakes].Place, "here and further on there are more mistakes: they are told when these are mended");
        }

        return told;
    }

    private static RingfenceConfig Named(RingfenceConfig config, NamedSection kind, ConfigSection section, List<ConfigMistake> mistakes)
    {
        var before = mistakes.Count;
        var given = new Dictionary<(string Section, string Key), List<ConfigSetting>>();
        Collect(kind.Section, section, given, mistakes);
        var with = kind.Add(config, kind.NameOf(section.Name));
        foreach (var key in kind.Keys)
        {
            if (given.TryGetValue((key.Section, key.Name), out var settings))
            {
                with = key.Set(with, key.IsList ? Elements(key, settings) : [Only(key, settings, mistakes)], mistakes);
            }
        }

        // What is missing is told of a section that has no other mistake: the cure of the one is often the other.
        if (mistakes.Count == before && kind.Missing(with) is { } missing)
        {
            mistakes.Add(new ConfigMistake(section.Place, $"[{Shown.Text(section.Name)}] {missing}"));
        }

        return with;
    }

    private static void Collect(string name, ConfigSection section, Dictionary<(string, string), List<ConfigSetting>> given, List<ConfigMistake> mistakes)
    {
        if (mistakes.Count > MostMistakes)
        {
            return;
        }

        if (!ConfigKeys.Sections.Any(known => known.Name == name))
        {
            mistakes.Add(new ConfigMistake(section.Place, $"[{Shown.Text(section.Name)}] is no section: " + (
                NearestName.Of(section.Name, ConfigKeys.Sections.Select(known => known.Name)) is { } near
                    ? $"did you mean [{near}]?"
                    : $"expected {string.Join(", ", ConfigKeys.Sections.Select(known => $"[{known.Name}]"))}")));
            return;
        }

        foreach (var setting in section.Settings)
        {
            if (ConfigKeys.All.FirstOrDefault(key => key.Section == name && key.Name == setting.Name) is not { } key)
            {
                if (mistakes.Count <= MostMistakes)
                {
                    mistakes.Add(Unknown(name, setting));
                }

                continue;
            }

            if (!given.TryGetValue((key.Section, key.Name), out var settings))
            {
                given[(key.Section, key.Name)] = settings = [];
            }

            settings.Add(setting);
        }
    }

    private static ConfigMistake Unknown(string section, ConfigSetting setting)
    {
        // A slip in the right section is likelier than the wrong section, and a key of that name elsewhere may mean something else.
        var elsewhere = ConfigKeys.All.FirstOrDefault(key => key.Name == setting.Name);
        var cure = NearestName.Of(setting.Name, ConfigKeys.All.Where(key => key.Section == section).Select(key => key.Name)) is { } near ? $"did you mean {near}?"
            : elsewhere is not null ? $"it belongs to [{elsewhere.Section}]"
            : NearestName.Of(setting.Name, ConfigKeys.All.Select(key => key.Name)) is { } far ? $"did you mean {far} in [{ConfigKeys.All.First(key => key.Name == far).Section}]?"
            : $"expected one of {string.Join(", ", ConfigKeys.All.Where(key => key.Section == section).Select(key => key.Name))}";
        return new ConfigMistake(setting.Place, $"{Shown.Text(setting.Name)} is no key of [{section}]: {cure}");
    }

    private static RingfenceConfig ApplyPreset(Dictionary<(string, string), List<ConfigSetting>> given, List<ConfigMistake> mistakes)
    {
        if (!given.TryGetValue(("general", "preset"), out var settings))
        {
            return RingfenceConfig.Default;
        }

        // Said twice is told by the loop over all keys, which comes here as well.
        var value = settings[^1];
        if (Preset.Find(value.Value) is { } preset)
        {
            return preset.Config;
        }

        var near = NearestName.Of(value.Value, Preset.All.Select(known => known.Name));
        mistakes.Add(new GivenValue("preset", value.Value, value.Place).Expected(
            string.Join(", ", Preset.All.SkipLast(1).Select(known => known.Name)) + $" or {Preset.All[^1].Name}" + (near is null ? "" : $"; did you mean {near}?")));
        return RingfenceConfig.Default;
    }

    // Own values override inherited ones; two of the same standing are a slip of which nobody knows the meaning.
    private static GivenValue Only(ConfigKey key, List<ConfigSetting> settings, List<ConfigMistake> mistakes)
    {
        var own = settings.Where(setting => !setting.IsInherited).ToList();
        foreach (var again in own.Skip(1))
        {
            mistakes.Add(new ConfigMistake(again.Place, key.IsSecret
                ? $"{again.Name} is there again: expected it once, and {own[0].Place} has it"
                : $"{again.Name} is \"{Shown.Text(again.Value)}\": expected it once, and {own[0].Place} says \"{Shown.Text(own[0].Value)}\""));
        }

        var counts = own.Count > 0 ? own[^1] : settings[^1];
        return new GivenValue(counts.Name, counts.Value, counts.Place) { IsSecret = key.IsSecret };
    }

    private static List<GivenValue> Elements(ConfigKey key, List<ConfigSetting> settings) =>
        [.. settings.SelectMany(setting => (key.KeepsCommas ? [setting.Value] : setting.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Select(element => new GivenValue(setting.Name, element, setting.Place) { IsSecret = key.IsSecret }))];

    private static void CheckTogether(RingfenceConfig config, Dictionary<(string, string), List<ConfigSetting>> given, List<ConfigMistake> mistakes)
    {
        // Only what the operator wrote can be his mistake: a preset's own values agree.
        var blamed = given.GetValueOrDefault(("bans", "first_ban")) ?? given.GetValueOrDefault(("bans", "max_ban"));
        if (config.Bans.FirstBan > config.Bans.MaxBan && blamed is not null && !mistakes.Exists(mistake => mistake.Place == blamed[^1].Place))
        {
            mistakes.Add(new ConfigMistake(blamed[^1].Place,
                $"{blamed[^1].Name} is \"{Shown.Text(blamed[^1].Value)}\": expected first_ban ({Duration.Format(config.Bans.FirstBan)}) to be no longer than max_ban ({Duration.Format(config.Bans.MaxBan)})"));
        }

        CheckBanList(config.BanList, given.GetValueOrDefault((BanListKeys.Section, "listen")), mistakes);

        // What HEP tells is believed: whoever may send it could have anybody banned.
        if (config.Hep is { Listen: { } listen, Password.Length: 0 } && !System.Net.IPAddress.IsLoopback(listen.Address) && given.GetValueOrDefault(("hep", "listen")) is [.., { } open])
        {
            mistakes.Add(new ConfigMistake(open.Place,
                $"listen is \"{Shown.Text(open.Value)}\", where others can send to, and there is no password: expected an address such as 127.0.0.1, or password = (capture_password in hep.conf)"));
        }
    }

    private static void CheckBanList(BanListSettings list, List<ConfigSetting>? given, List<ConfigMistake> mistakes)
    {
        if (list is { Listen: { } listen, Token: null, Allow.Count: 0 } && !System.Net.IPAddress.IsLoopback(listen.Address) && given is [.., { } open])
        {
            mistakes.Add(new ConfigMistake(open.Place,
                $"listen is \"{Shown.Text(open.Value)}\", where others can ask who is banned, and there is neither token nor allow in [list]: expected one of them, or an address such as 127.0.0.1"));
        }
    }

    private static int Order(AsteriskConfig parsed, Place place)
    {
        for (var i = 0; i < parsed.Files.Count; i++)
        {
            if (parsed.Files[i].Name == place.File)
            {
                return i;
            }
        }

        return int.MaxValue;
    }

    /// <summary>Reads no more than a configuration may be.</summary>
    private sealed class BoundedFiles(IConfigFiles files) : IConfigFiles
    {
        private long _bytes;

        /// <summary>The file with which it was too much; null: none.</summary>
        public string? TooMuch { get; private set; }

        public IReadOnlyList<string> Match(string pattern) => files.Match(pattern);

        public byte[]? Read(string path)
        {
            if (TooMuch is not null || files.Read(path) is not { } content)
            {
                return null;
            }

            _bytes += content.Length;
            TooMuch = _bytes > MostBytes ? path : null;
            return TooMuch is null ? content : null;
        }
    }

    private sealed class OneText(string path, string text) : IConfigFiles
    {
        public IReadOnlyList<string> Match(string pattern) => [];

        public byte[]? Read(string wanted) => wanted == path ? Encoding.UTF8.GetBytes(text) : null;
    }
}

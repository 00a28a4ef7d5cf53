namespace Ringfence.Core.Pbx;

/// <summary>A configuration as Asterisk sees it: includes followed, templates applied, additions added.</summary>
/// <remarks>
/// What Asterisk does is kept: an include's name is relative to the configuration directory and not to the including file; ten files deep at most;
/// a section inherits what its base held at that line. Unlike Asterisk, reading goes on behind a mistake, so that all of them are told.
/// </remarks>
internal sealed class AsteriskConfig
{
    /// <summary>MAX_INCLUDE_LEVEL of main/config.c.</summary>
    private const int MaxDepth = 10;

    // Asterisk has none of these bounds; a file of a few kilobytes (a includes b twice, b includes c twice...) must not cost more than a large honest one.
    private const int MaxFiles = 1_000;
    private const long MaxBytes = 64L << 20;
    private const int MaxInherited = 2_000_000;
    private const int MaxAppendedCharacters = 65_536;

    private readonly Dictionary<string, List<ConfigSection>> _byName = new(StringComparer.Ordinal);
    private readonly List<ConfigSection> _sections = [];
    private readonly List<AsteriskFile> _files = [];
    private readonly List<ConfigProblem> _problems = [];

    private AsteriskConfig()
    {
    }

    /// <summary>The sections that count: no templates.</summary>
    public IEnumerable<ConfigSection> Sections => _sections.Where(section => !section.IsTemplate);

    /// <summary>Every file that was read, once for each time that it was included; none: the first was not there.</summary>
    public IReadOnlyList<AsteriskFile> Files => _files;

    public IReadOnlyList<ConfigProblem> Problems => _problems;

    public bool Exists => _files.Count > 0;

    /// <summary>The sections of that name, in order, without templates. Names are compared byte for byte, as Asterisk does.</summary>
    public IEnumerable<ConfigSection> Named(string name) =>
        _byName.TryGetValue(name, out var sections) ? sections.Where(section => !section.IsTemplate) : [];

    /// <summary>
    /// The section that counts where Asterisk asks for one by name: the first; it reads nothing of a second (main/config.c, ast_variable_browse; measured on 22.10.1 with rtp, manager,
    /// iax, logger and modules.conf). Files that it reads section by section (acl.conf, cdr.conf, pjsip.conf, contexts) are not meant.
    /// </summary>
    public ConfigSection? First(string name) => Named(name).FirstOrDefault();

    /// <param name="fileName">Relative to <paramref name="directory"/>, or absolute.</param>
    public static AsteriskConfig Read(string fileName, string directory, IConfigFiles files)
    {
        var config = new AsteriskConfig();
        new Loading(config, directory.Length > 1 ? directory.TrimEnd('/') : directory, files).Load(fileName);
        return config;
    }

    private sealed class Loading(AsteriskConfig config, string directory, IConfigFiles files)
    {
        private readonly Stack<string> _open = new();
        private ConfigSection? _current;
        private long _inherited;
        private long _bytes;
        private bool _saidTooMuch;

        public void Load(string fileName)
        {
            var path = Absolute(fileName);
            if (files.Read(path) is { } content)
            {
                LoadFile(path, content);
            }
        }

        private void LoadFile(string path, byte[] content)
        {
            var file = AsteriskFile.Parse(Name(path), content);
            config._files.Add(file);
            _bytes += content.Length;
            config._problems.AddRange(file.Problems);
            _open.Push(path);

            // A setting above the first section of an included file goes to the section that is open where it is included.
            var section = _current;
            foreach (var line in file.Lines)
            {
                switch (line)
                {
                    case SectionLine header:
                        section = Open(header, new Place(file.Name, line.Number));
                        break;
                    case SettingLine setting:
                        Set(section, setting, new Place(file.Name, line.Number));
                        break;
                    case DirectiveLine directive:
                        Follow(directive, new Place(file.Name, line.Number));
                        break;
                    case BlankLine or BrokenLine:
                        break;
                    default:
                        throw new System.Diagnostics.UnreachableException();
                }
            }

            _open.Pop();
        }

        private ConfigSection Open(SectionLine header, Place place)
        {
            ConfigSection? section = null;
            if (header.IsAddition)
            {
                section = Find(header.Name, candidate => Fits(candidate, header.AdditionFilter));
                if (section is null)
                {
                    Problem(place, $"[{Shown.Text(header.Name)}](+) adds to a section that does not stand above", stops: true);
                }
            }

            if (section is null)
            {
                section = new ConfigSection(header.Name, header.IsTemplate, place);
                Add(section);
            }

            foreach (var name in header.Bases)
            {
                Inherit(section, name, place);
            }

            _current = section;
            return section;
        }

        private void Add(ConfigSection section)
        {
            config._sections.Add(section);
            if (!config._byName.TryGetValue(section.Name, out var sameName))
            {
                config._byName[section.Name] = sameName = [];
            }

            sameName.Add(section);
        }

        private void Inherit(ConfigSection section, string name, Place place)
        {
            // A section that inherits from its own name means an earlier one.
            var found = config._byName.TryGetValue(name, out var sameName) ? sameName.Find(candidate => candidate != section) : null;
            if (found is null)
            {
                Problem(place, $"[{Shown.Text(section.Name)}] inherits from [{Shown.Text(name)}], which does not stand above", stops: true);
                return;
            }

            _inherited += found.Settings.Count;
            if (_inherited > MaxInherited)
            {
                TooMuch(place, $"more than {MaxInherited:N0} settings are inherited; the rest is left out");
                return;
            }

            section.Inherit(found);
        }

        private ConfigSection? Find(string name, Func<ConfigSection, bool> fits)
        {
            if (!config._byName.TryGetValue(name, out var sameName))
            {
                return null;
            }

            return sameName.Find(section => !section.IsTemplate && fits(section)) ?? sameName.Find(section => fits(section));
        }

        // "type=endpoint&context=a". Asterisk takes the values for regular expressions; nobody was seen writing one, and they are compared whole here.
        private static bool Fits(ConfigSection section, string filter) =>
            filter.Length == 0 || filter.Split('&').All(term =>
            {
                var equals = term.IndexOf('=', StringComparison.Ordinal);
                return equals < 0 || term.StartsWith("TEMPLATES=", StringComparison.OrdinalIgnoreCase)
                    || string.Equals(section[term[..equals]], term[(equals + 1)..], StringComparison.Ordinal);
            });

        private void Set(ConfigSection? section, SettingLine line, Place place)
        {
            if (section is null)
            {
                Problem(place, $"\"{Shown.Text(line.Name)}\" stands in no section", stops: true);
                return;
            }

            if (line.Operator != SettingOperator.Append || !section.Append(line.Name, line.Value, place, MaxAppendedCharacters))
            {
                section.Add(new ConfigSetting(line.Name, line.Value, place, IsInherited: false));
            }
        }

        private void Follow(DirectiveLine line, Place place)
        {
            if (line.Directive == ConfigDirective.Exec)
            {
                Problem(place, $"#exec {Shown.Text(line.Argument)} is not run: what it prints is not read");
                return;
            }

            var pattern = Absolute(line.Argument);
            var paths = pattern.AsSpan().IndexOfAny("*?[{") >= 0 ? files.Match(pattern) : [pattern];
            var found = 0;
            foreach (var path in paths)
            {
                found += Include(path, line, place) ? 1 : 0;
            }

            if (found == 0 && line.Directive == ConfigDirective.Include)
            {
                Problem(place, $"#include {Shown.Text(line.Argument)}: there is no such file in {Shown.Text(directory)}", stops: true);
            }
        }

        private bool Include(string path, DirectiveLine line, Place place)
        {
            if (_open.Contains(path))
            {
                Problem(place, $"#include {Shown.Text(line.Argument)} includes itself", stops: true);
                return true;
            }

            if (_open.Count >= MaxDepth)
            {
                Problem(place, $"#include {Shown.Text(line.Argument)} is more than {MaxDepth} files deep: Asterisk does not read it", stops: true);
                return true;
            }

            if (config._files.Count >= MaxFiles)
            {
                TooMuch(place, $"more than {MaxFiles:N0} files are included; the rest is left out");
                return true;
            }

            if (files.Read(path) is not { } content)
            {
                return false;
            }

            if (_bytes + content.Length > MaxBytes)
            {
                TooMuch(place, $"the files are more than {MaxBytes >> 20} MiB together; the rest is left out");
                return true;
            }

            LoadFile(path, content);
            return true;
        }

        private string Absolute(string fileName) => fileName.StartsWith('/') ? fileName : directory == "/" ? "/" + fileName : $"{directory}/{fileName}";

        private string Name(string path)
        {
            var prefix = directory == "/" ? directory : directory + "/";
            return Shown.Text(path.StartsWith(prefix, StringComparison.Ordinal) && path.Length > prefix.Length ? path[prefix.Length..] : path, 4_096);
        }

        private void TooMuch(Place place, string text)
        {
            if (!_saidTooMuch)
            {
                _saidTooMuch = true;
                Problem(place, text);
            }
        }

        private void Problem(Place place, string text, bool stops = false) => config._problems.Add(new ConfigProblem(place, text, stops));
    }
}

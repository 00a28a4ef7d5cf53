namespace Ringfence.Core.Pbx;

/// <summary>A configuration as Asterisk sees it: includes followed, templates applied, additions added.</summary>
/// <remarks>
/// What Asterisk does is kept: an include's name is relative to the configuration directory and not to the including file; ten includes deep at most; names of sections are the same in
/// either case; a section inherits what its base held at that line. Unlike Asterisk, reading goes on behind a mistake, so that all of them are told, and no file includes itself.
/// </remarks>
internal sealed class AsteriskConfig
{
    /// <summary>MAX_INCLUDE_LEVEL of main/config.c.</summary>
    private const int MaxDepth = 10;

    /// <summary>The name of a section has 80 bytes with the NUL.</summary>
    private const int MaxNameBytes = 79;

    // Asterisk has none of these bounds, as it has none of ReadingBounds.
    private const int MaxCompared = 20_000_000;
    private const int MaxAppendedCharacters = 65_536;

    private readonly Dictionary<string, List<ConfigSection>> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ConfigSection> _sections = [];
    private readonly List<AsteriskFile> _files = [];
    private readonly List<ConfigProblem> _problems = [];

    private AsteriskConfig()
    {
    }

    /// <summary>That of a file which is not there, or of which Asterisk takes nothing.</summary>
    public static AsteriskConfig Nothing { get; } = new();

    /// <summary>The sections that count: no templates.</summary>
    public IEnumerable<ConfigSection> Sections => _sections.Where(section => !section.IsTemplate);

    /// <summary>Every file that was read, once for each time that it was included; none: the first was not there.</summary>
    public IReadOnlyList<AsteriskFile> Files => _files;

    public IReadOnlyList<ConfigProblem> Problems => _problems;

    public bool Exists => _files.Count > 0;

    /// <summary>The sections of that name in either case, in order, without templates (main/config.c, ast_category_get; measured on 22.10.1 with [GENERAL] of rtp.conf).</summary>
    public IEnumerable<ConfigSection> Named(string name) =>
        _byName.TryGetValue(name, out var sections) ? sections.Where(section => !section.IsTemplate) : [];

    /// <summary>
    /// The section that counts where Asterisk asks for one by name: the first; it reads nothing of a second (main/config.c, ast_variable_browse; measured on 22.10.1 with rtp, manager,
    /// iax, logger and modules.conf). Files that it reads section by section (acl.conf, cdr.conf, pjsip.conf, contexts) are not meant.
    /// </summary>
    public ConfigSection? First(string name) => Named(name).FirstOrDefault();

    /// <param name="fileName">Relative to <paramref name="directory"/>, or absolute.</param>
    /// <param name="bounds">Of all that is read of one PBX; null: this is all.</param>
    public static AsteriskConfig Read(string fileName, string directory, IConfigFiles files, ReadingBounds? bounds = null)
    {
        var config = new AsteriskConfig();
        new Loading(config, directory.Length > 1 ? directory.TrimEnd('/') : directory, files, bounds ?? new ReadingBounds()).Load(fileName);
        return config;
    }

    private sealed class Loading(AsteriskConfig config, string directory, IConfigFiles files, ReadingBounds bounds)
    {
        private readonly Stack<string> _open = new();
        private ConfigSection? _current;

        // The last file that the directive at hand named, and the section that was open at its end.
        private (AsteriskFile File, ConfigSection? Section)? _before;

        // Asterisk's count of open files; one that it gave up stays counted.
        private int _level = 1;

        // Where the innermost open file had a mistake for which Asterisk reads nothing more of it: the count at that time.
        private int? _stoppedAt;
        private long _compared;
        private bool _saidTooMuch;

        // One of the bounds is reached: nothing more is read.
        private bool _isOver;

        public void Load(string fileName)
        {
            var path = Absolute(fileName);
            if (files.Read(path) is not { } content)
            {
                return;
            }

            if (!End(bounds.TakeFile(content.Length), new Place(Name(path), 0)))
            {
                LoadFile(path, content);
            }
        }

        private void LoadFile(string path, byte[] content)
        {
            var before = _before;
            var file = AsteriskFile.Parse(Name(path), content, before?.File, bounds.LinesLeft);
            var tooMuch = bounds.TakeLines(file);
            config._files.Add(file);
            config._problems.AddRange(file.Problems);
            _open.Push(path);

            // A setting above the first section of an included file goes to the section that is open where it is included.
            var section = before is { } same ? same.Section : _current;
            var stops = file.Problems.Where(static problem => problem.StopsReading).Select(static problem => problem.Place.Line).ToHashSet();
            foreach (var line in file.Lines.TakeWhile(_ => !_isOver))
            {
                if (stops.Contains(line.Number))
                {
                    _stoppedAt ??= _level;
                }

                var place = new Place(file.Name, line.Number);
                switch (line)
                {
                    case SectionLine header:
                        section = Open(header, place);
                        break;
                    case SettingLine setting when section is not null:
                        Set(section, setting, place);
                        break;
                    case DirectiveLine directive:
                        Follow(directive, place);
                        break;
                    case SettingLine or BrokenLine { IsSetting: true } when section is null:
                        Problem(place, "the line stands in no section", stops: true);
                        break;
                    case BrokenLine or SettingLine:
                        break;
                    default:
                        throw new System.Diagnostics.UnreachableException();
                }

                // Of an included file what stands below the mistake is not there (measured); of the file itself nothing is.
                if (_stoppedAt is not null && _open.Count > 1)
                {
                    break;
                }
            }

            if (tooMuch is not null)
            {
                End(tooMuch, new Place(file.Name, file.Lines is [.., var last] ? last.Number : 0));
            }

            _open.Pop();
            _before = (file, section);
        }

        private ConfigSection Open(SectionLine header, Place place)
        {
            ConfigSection? section = null;
            if (header.IsAddition)
            {
                section = Find(header, place);
                if (section is null)
                {
                    Problem(place, $"[{Shown.Text(header.Name)}](+{Shown.Text(header.AdditionFilter)}) adds to a section that does not stand above, or is a template", stops: true);
                }
                else if (header.IsTemplate)
                {
                    section.BecomeTemplate();
                }
            }

            if (section is null)
            {
                section = new ConfigSection(Cut(header.Name), header.IsTemplate, place);
                Add(section);
                End(bounds.TakeSection(), place);
            }

            foreach (var name in header.Bases.TakeWhile(_ => !_isOver))
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
            // A section that inherits from its own name means an earlier one, and one that inherits from no name the first of all.
            var found = name.Length == 0 ? config._sections[0]
                : config._byName.TryGetValue(name, out var sameName) ? sameName.Find(candidate => candidate != section)
                : null;
            if (name.Length == 0 && found != section)
            {
                Problem(place, $"there is an empty name in the parentheses: Asterisk lets [{Shown.Text(section.Name)}] inherit from the first section, [{Shown.Text(found!.Name)}]");
            }

            found = found == section ? null : found;
            if (found is null)
            {
                Problem(place, $"[{Shown.Text(section.Name)}] inherits from [{Shown.Text(name)}], which does not stand above", stops: true);
                End(bounds.TakeSection(), place);
                return;
            }

            if (!End(bounds.TakeInherited(1 + found.Settings.Count), place))
            {
                section.Inherit(found);
            }
        }

        private ConfigSection? Find(SectionLine header, Place place)
        {
            // No name fits every section.
            foreach (var section in header.Name.Length == 0 ? config._sections : config._byName.GetValueOrDefault(header.Name) ?? [])
            {
                _compared += header.AdditionFilter.Length == 0 ? 1 : 10 * (1 + section.Settings.Count);
                if (_compared > MaxCompared)
                {
                    TooMuch(place, $"more than {MaxCompared:N0} comparisons are needed for what is added to; the rest is left out");
                    return section;
                }

                switch (SectionFilter.Fits(section, header.AdditionFilter))
                {
                    case true:
                        return section;
                    case null:
                        Unread(place, $"what stands behind the plus of [{Shown.Text(header.Name)}](+{Shown.Text(header.AdditionFilter)}) is not read here: it is taken for the first section of that name");
                        return section;
                    default:
                        break;
                }
            }

            return null;
        }

        private void Set(ConfigSection section, SettingLine line, Place place)
        {
            // An addition looks through the section, and the value grows with each.
            if (line.Operator == SettingOperator.Append && (_compared += section.Settings.Count + (section[line.Name]?.Length ?? 0)) > MaxCompared)
            {
                TooMuch(place, $"more than {MaxCompared:N0} comparisons are needed for what is added to; the rest is left out");
            }
            else if (line.Operator != SettingOperator.Append || !section.Append(line.Name, line.Value, place, MaxAppendedCharacters))
            {
                section.Add(new ConfigSetting(line.Name, line.Value.Trim(), place, IsInherited: false));
            }
        }

        private void Follow(DirectiveLine line, Place place)
        {
            if (line.Directive == ConfigDirective.Exec)
            {
                Problem(place, $"#exec {Shown.Text(line.Argument.Split((char[])[' ', '\t'])[0])} is not run: what it prints is not read");
                return;
            }

            if (_level > MaxDepth)
            {
                Problem(place, $"#{line.Directive.ToString().ToLowerInvariant()} {Shown.Text(line.Argument)} is more than {MaxDepth} includes deep: Asterisk does not read it", stops: line.Directive == ConfigDirective.Include);
                return;
            }

            var outer = _stoppedAt;
            (_stoppedAt, _before) = (null, null);
            _level++;
            var found = 0;
            foreach (var path in Paths(line.Argument))
            {
                found += Include(path, line, place) ? 1 : 0;
            }

            _level = _stoppedAt ?? _level - 1;
            _stoppedAt = outer;
            if (found == 0 && line.Directive == ConfigDirective.Include)
            {
                Problem(place, $"#include {Shown.Text(line.Argument)}: there is no such file in {Shown.Text(directory)}", stops: true);
            }
        }

        private IReadOnlyList<string> Paths(string argument) => Absolute(argument) is var path && PathPattern.Is(path) ? files.Match(path) : [path];

        /// <returns>Whether it is there.</returns>
        private bool Include(string path, DirectiveLine line, Place place)
        {
            if (_open.Contains(path))
            {
                Problem(place, $"#include {Shown.Text(line.Argument)} includes itself: Asterisk reads it again, until {MaxDepth + 1} files are open");
                return true;
            }

            if (_isOver)
            {
                return true;
            }

            if (files.Read(path) is not { } content)
            {
                if (files.Match(PathPattern.Escape(path)).Count == 0)
                {
                    return false;
                }

                Unread(place, $"#include {Shown.Text(line.Argument)} is there and could not be read");
                return true;
            }

            if (!End(bounds.TakeFile(content.Length), place))
            {
                LoadFile(path, content);
            }

            return true;
        }

        private string Absolute(string fileName) => fileName.StartsWith('/') ? fileName : directory == "/" ? "/" + fileName : $"{directory}/{fileName}";

        private string Name(string path)
        {
            var prefix = directory == "/" ? directory : directory + "/";
            var name = path.StartsWith(prefix, StringComparison.Ordinal) && path.Length > prefix.Length ? path[prefix.Length..] : path;
            // Two names that are shown alike would be one file to whoever looks lines up by them.
            return Shown.Whole(name.Replace(@"\", @"\\", StringComparison.Ordinal));
        }

        /// <param name="tooMuch">What is; null: nothing.</param>
        private bool End(string? tooMuch, Place place)
        {
            if (tooMuch is not null)
            {
                _isOver = true;
                TooMuch(place, tooMuch);
            }

            return _isOver;
        }

        private void TooMuch(Place place, string text)
        {
            if (!_saidTooMuch)
            {
                _saidTooMuch = true;
                Unread(place, text);
            }
        }

        // What this program does not read, and Asterisk does.
        private void Unread(Place place, string text) => config._problems.Add(new ConfigProblem(place, text, IsUnread: true));

        private void Problem(Place place, string text, bool stops = false)
        {
            config._problems.Add(new ConfigProblem(place, text, stops));
            if (stops)
            {
                _stoppedAt ??= _level;
            }
        }

        private static string Cut(string name)
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(name);
            return bytes.Length > MaxNameBytes ? System.Text.Encoding.UTF8.GetString(bytes.AsSpan(0, MaxNameBytes)) : name;
        }
    }
}

using Ringfence.Core.Catalogue;

namespace Ringfence.Core.Pbx;

/// <summary>One PBX as it was found: its files, and what its machine said of itself. All of it is read when it is first asked for, once.</summary>
/// <param name="directory">Asterisk's configuration directory, as Asterisk names it: /etc/asterisk, wherever a copy of it lies.</param>
/// <param name="version">null: nobody said; <see cref="AsteriskVersion.Assumed"/> is taken.</param>
/// <param name="facts">What commands printed on the machine, by the names of <see cref="HostFact"/>; empty where only files were given.</param>
internal sealed class PbxSnapshot(string directory, IConfigFiles files, AsteriskVersion? version, IReadOnlyDictionary<string, string> facts)
{
    private readonly Dictionary<string, AsteriskConfig> _configs = new(StringComparer.Ordinal);
    private readonly ReadingBounds _bounds = new();
    private readonly SortedSet<string> _leftOut = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, object?> _once = [];
    private PjsipConfig? _pjsip;
    private OptionCatalogue? _options;
    private IReadOnlyList<JudgedSetting>? _remarkable;

    public string Directory => directory;

    /// <summary>Only Asterisk's directory was given: what it names elsewhere may be there on the machine.</summary>
    public bool IsPartial { get; init; }

    public IConfigFiles Files => files;

    public AsteriskVersion Version => version ?? AsteriskVersion.Assumed;

    /// <summary>Nobody said which version it is.</summary>
    public bool IsVersionAssumed => version is null;

    /// <summary>What was read so far, for the lines that a report shows and the comments that allow a finding.</summary>
    public IEnumerable<AsteriskFile> FilesRead => _configs.Values.SelectMany(config => config.Files);

    /// <summary>The options that its version knows; those of every version where nobody said which it is.</summary>
    public OptionCatalogue Options => _options ??= OptionCatalogue.Of(version?.Major);

    /// <summary>The lines of all files that Asterisk does not know, refuses, misreads, or will drop.</summary>
    public IReadOnlyList<JudgedSetting> RemarkableSettings => _remarkable ??= JudgedSetting.Remarkable(this);

    /// <summary>What was not looked at because it would cost too much, each as a sentence for the report.</summary>
    public IReadOnlyCollection<string> LeftOut => [.. _configs.Values.SelectMany(static config => config.Problems).Where(static problem => problem.IsUnread).Select(static problem => problem.ToString()).Distinct(StringComparer.Ordinal), .. _leftOut];

    public PjsipConfig Pjsip => _pjsip ??= PjsipConfig.Read(this);

    /// <param name="fileName">Of Asterisk's directory: "pjsip.conf". A file that is not there is an empty configuration that does not exist.</param>
    public AsteriskConfig Config(string fileName)
    {
        if (!_configs.TryGetValue(fileName, out var config))
        {
            _configs[fileName] = config = AsteriskConfig.Read(fileName, directory, files, _bounds);
        }

        return config;
    }

    /// <inheritdoc cref="LeftOut"/>
    public void LeaveOut(string told) => _leftOut.Add(told);

    /// <summary>What several rules read of it, read once.</summary>
    public T? Once<T>(Func<PbxSnapshot, T?> read)
        where T : class
    {
        if (!_once.TryGetValue(typeof(T), out var known))
        {
            _once[typeof(T)] = known = read(this);
        }

        return (T?)known;
    }

    /// <summary>The same machine with other files: what it would be after a change.</summary>
    public PbxSnapshot With(IConfigFiles otherFiles) => new(directory, otherFiles, version, facts) { IsPartial = IsPartial };

    /// <returns>What the machine said; null: it was not asked or did not answer, so nothing may be concluded.</returns>
    public string? Fact(HostFact fact) => FactNamed(fact.Name);

    /// <inheritdoc cref="Fact"/>
    public string? FactNamed(string name) => facts.GetValueOrDefault(name);
}

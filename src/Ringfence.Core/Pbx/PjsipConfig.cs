using Ringfence.Core.Catalogue;

namespace Ringfence.Core.Pbx;

/// <summary>PJSIP's objects as sorcery sees them: those of pjsip.conf, and those that pjsip_wizard.conf makes.</summary>
/// <remarks>res/res_sorcery_config.c, sorcery_config_internal_load; docs.asterisk.org, "PJSIP Configuration Sections and Relationships".</remarks>
internal sealed class PjsipConfig
{
    private readonly Dictionary<string, List<PjsipObject>> _byType = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Type, string Name), PjsipObject> _byName = [];
    private readonly Dictionary<string, PjsipSource> _sources = new(StringComparer.Ordinal);
    private readonly List<ConfigSection> _strangers = [];
    private readonly Dictionary<(string Type, string Option, bool IsList), ILookup<string, PjsipObject>> _indexed = [];

    private readonly bool _isWhole;

    private PjsipConfig(bool exists, bool isWhole)
    {
        Exists = exists;
        _isWhole = isWhole;
    }

    /// <summary>There is a pjsip.conf.</summary>
    public bool Exists { get; }

    public IReadOnlyList<PjsipObject> Endpoints => Of("endpoint");

    public IReadOnlyList<PjsipObject> Aors => Of("aor");

    public IReadOnlyList<PjsipObject> Auths => Of("auth");

    public IReadOnlyList<PjsipObject> Transports => Of("transport");

    /// <summary>Every object of the files, also those that Asterisk refuses for a wrong option.</summary>
    public IEnumerable<PjsipObject> All => _byType.Values.SelectMany(static objects => objects);

    /// <summary>Sections of pjsip.conf that no type claims: without <c>type</c>, or with one that Asterisk does not know.</summary>
    public IReadOnlyList<ConfigSection> Strangers => _strangers;

    public static PjsipConfig Read(PbxSnapshot pbx)
    {
        // What a program prints, or a file that the archive lacks, may hold more objects.
        var config = new PjsipConfig(pbx.Config(PjsipSource.UsualFile).Exists, ((string[])[PjsipSource.UsualFile, "pjsip_wizard.conf"]).All(file => pbx.Config(file).Problems.All(static problem => !LeavesOut(problem))));
        var sorcery = pbx.Config("sorcery.conf");
        var kinds = pbx.Options.Objects(PjsipSource.UsualFile);
        foreach (var kind in kinds)
        {
            config._sources[kind.Kind] = PjsipSource.Of(kind.Kind, sorcery);
        }

        foreach (var kind in kinds)
        {
            foreach (var file in config._sources[kind.Kind].Files.Where(static file => file is not { File: PjsipSource.UsualFile, NeedsType: true }))
            {
                config.AddAll(kind, pbx.Config(file.File).Sections.Where(section => !file.NeedsType || TypeOf(section)?.Value == kind.Type));
            }
        }

        config.AddUsual(kinds, pbx.Config(PjsipSource.UsualFile));
        foreach (var made in pbx.Config("pjsip_wizard.conf").Sections.SelectMany(static section => PjsipWizard.Objects(section)))
        {
            config.Add(made with { Kind = pbx.Options.Find(PjsipSource.UsualFile, made.Type) });
        }

        return config;
    }

    public IReadOnlyList<PjsipObject> Of(string type) => _byType.TryGetValue(type, out var objects) ? objects : [];

    /// <summary>The first of that name: those of pjsip.conf stand before the wizard's. Names are compared byte for byte.</summary>
    public PjsipObject? Find(string type, string name) => _byName.GetValueOrDefault((type, name));

    /// <summary>The objects of that type in which an option is this text and no other.</summary>
    public IEnumerable<PjsipObject> Having(string type, string option, string text) =>
        Indexed(type, option, isList: false, found => found[option] is { } value ? [value] : [])[text];

    /// <summary>The objects of that type of which a list such as aors names this one.</summary>
    public IEnumerable<PjsipObject> Naming(string type, string option, string name) =>
        Indexed(type, option, isList: true, found => found.List(option).Select(static named => named.Text).Distinct(StringComparer.Ordinal))[name];

    /// <summary>Where objects of that type come from.</summary>
    public PjsipSource Source(string type) => _sources.TryGetValue(type, out var source) ? source : new PjsipSource([], null);

    /// <summary>All objects of that type are in files that were read, so that one which is not found does not exist.</summary>
    public bool IsWhole(string type) => _isWhole && Source(type).Elsewhere is null;

    /// <summary>The setting by which sorcery knows a section's type: the first, whatever a template or a later line says.</summary>
    public static ConfigSetting? TypeOf(ConfigSection section) => section.Settings.FirstOrDefault(static setting => setting.Name.Equals("type", StringComparison.OrdinalIgnoreCase));

    private static bool LeavesOut(ConfigProblem problem) =>
        problem.Text.StartsWith("#exec ", StringComparison.Ordinal) || problem.Text.StartsWith("#include ", StringComparison.Ordinal) || problem.Text.EndsWith("left out", StringComparison.Ordinal);

    // Ten thousand trunks that each ask for their own among ten thousand others.
    private ILookup<string, PjsipObject> Indexed(string type, string option, bool isList, Func<PjsipObject, IEnumerable<string>> texts)
    {
        if (!_indexed.TryGetValue((type, option, isList), out var indexed))
        {
            _indexed[(type, option, isList)] = indexed = Of(type).SelectMany(found => texts(found).Select(text => (text, found))).ToLookup(static pair => pair.text, static pair => pair.found, StringComparer.Ordinal);
        }

        return indexed;
    }

    private void AddUsual(IReadOnlyList<OptionObject> kinds, AsteriskConfig file)
    {
        var byType = kinds.Where(static kind => kind.Type is not null).ToDictionary(static kind => kind.Type!, StringComparer.Ordinal);
        foreach (var section in file.Sections)
        {
            // A section named global needs no type, but then all of its options must be global's.
            var type = TypeOf(section)?.Value;
            var kind = type is not null ? byType.GetValueOrDefault(type) : kinds.FirstOrDefault(kind => kind.FixedName == section.Name && section.Settings.All(setting => kind.Find(setting.Name) is not null));
            if (kind is null)
            {
                _strangers.Add(section);
            }
            else if (_sources[kind.Kind].Files.Any(static source => source is { File: PjsipSource.UsualFile, NeedsType: true }))
            {
                Add(new PjsipObject(kind.Kind, section.Name, section, kind));
            }
        }
    }

    private void AddAll(OptionObject kind, IEnumerable<ConfigSection> sections)
    {
        foreach (var section in sections)
        {
            Add(new PjsipObject(kind.Kind, section.Name, section, kind));
        }
    }

    private void Add(PjsipObject found)
    {
        if (!_byType.TryGetValue(found.Type, out var objects))
        {
            _byType[found.Type] = objects = [];
        }

        objects.Add(found);
        _byName.TryAdd((found.Type, found.Name), found);
    }
}

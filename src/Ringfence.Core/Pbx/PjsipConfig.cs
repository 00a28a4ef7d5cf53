namespace Ringfence.Core.Pbx;

/// <summary>The objects of pjsip.conf and those that pjsip_wizard.conf makes.</summary>
/// <remarks>docs.asterisk.org, "PJSIP Configuration Sections and Relationships".</remarks>
internal sealed class PjsipConfig
{
    private readonly Dictionary<string, List<PjsipObject>> _byType = new(StringComparer.Ordinal);

    private PjsipConfig(bool exists) => Exists = exists;

    /// <summary>There is a pjsip.conf.</summary>
    public bool Exists { get; }

    public IReadOnlyList<PjsipObject> Endpoints => Of("endpoint");

    public IReadOnlyList<PjsipObject> Aors => Of("aor");

    public IReadOnlyList<PjsipObject> Auths => Of("auth");

    public IReadOnlyList<PjsipObject> Transports => Of("transport");

    public static PjsipConfig Read(PbxSnapshot pbx)
    {
        var file = pbx.Config("pjsip.conf");
        var config = new PjsipConfig(file.Exists);
        foreach (var section in file.Sections)
        {
            if (section["type"] is { } type)
            {
                config.Add(new PjsipObject(type.ToLowerInvariant(), section.Name, section));
            }
        }

        return config;
    }

    public IReadOnlyList<PjsipObject> Of(string type) => _byType.TryGetValue(type, out var objects) ? objects : [];

    public PjsipObject? Find(string type, string name) => Of(type).FirstOrDefault(found => found.Name == name);

    private void Add(PjsipObject found)
    {
        if (!_byType.TryGetValue(found.Type, out var objects))
        {
            _byType[found.Type] = objects = [];
        }

        objects.Add(found);
    }
}

namespace Ringfence.Core.Pbx;

/// <summary>One value in a section, and where it was written: for an inherited one that is in the template.</summary>
internal sealed record ConfigSetting(string Name, string Value, Place Place, bool IsInherited);

/// <summary>A section with everything that it inherits. Several may have one name (pjsip.conf: endpoint, aor and auth of a phone).</summary>
internal sealed class ConfigSection(string name, bool isTemplate, Place place)
{
    // Most sections hold so few that to look through them costs less than a table of them.
    private const int Few = 12;

    private readonly List<ConfigSetting> _settings = [];
    private readonly List<ConfigSetting> _inherited = [];
    private Dictionary<string, int>? _last;

    public string Name { get; } = name;

    public bool IsTemplate { get; private set; } = isTemplate;

    public Place Place { get; } = place;

    /// <summary>In the order in which Asterisk applies them: inherited ones first.</summary>
    public IReadOnlyList<ConfigSetting> Settings => _settings;

    /// <summary>The value that counts, the last of that name; null if there is none. Names of settings are the same in either case, as for Asterisk.</summary>
    public string? this[string name] => Find(name)?.Value;

    public ConfigSetting? Find(string name)
    {
        if (_settings.Count <= Few)
        {
            return _settings.FindLast(setting => setting.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        }

        if (_last is null)
        {
            _last = new(StringComparer.OrdinalIgnoreCase);
            for (var at = 0; at < _settings.Count; at++)
            {
                _last[_settings[at].Name] = at;
            }
        }

        return _last.TryGetValue(name, out var last) ? _settings[last] : null;
    }

    /// <summary>Every value of that name, for settings that may be given more than once.</summary>
    public IEnumerable<ConfigSetting> All(string name) => _settings.Where(setting => string.Equals(setting.Name, name, StringComparison.OrdinalIgnoreCase));

    public void Add(ConfigSetting setting)
    {
        _last?[setting.Name] = _settings.Count;
        _settings.Add(setting);
    }

    /// <summary><c>[name](!,+)</c>: a section that was one is none any more.</summary>
    public void BecomeTemplate() => IsTemplate = true;

    /// <summary>Puts text behind the last value of that name, which is one in this case and no other.</summary>
    /// <remarks>Measured on 22.10.1: what is changed is the first setting of that name, in either case, whose value is the same.</remarks>
    /// <param name="text">With the blanks before it.</param>
    /// <returns>false if there is none.</returns>
    public bool Append(string name, string text, Place place, int maxCharacters)
    {
        var last = _settings.FindLast(setting => setting.Name == name);
        if (last is null)
        {
            return false;
        }

        var at = _settings.FindIndex(setting => setting.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
            && (last.Value.Length == 0 || setting.Value.Equals(last.Value, StringComparison.OrdinalIgnoreCase)));
        if (last.Value.Length + text.Length <= maxCharacters)
        {
            _settings[at] = _settings[at] with { Name = name, Value = (last.Value + text).Trim(), Place = place, IsInherited = false };
            _inherited.Clear();
        }

        return true;
    }

    public void Inherit(ConfigSection from)
    {
        // A thousand phones share what their template's lines are to them.
        for (var at = from._inherited.Count; at < from._settings.Count; at++)
        {
            from._inherited.Add(from._settings[at] is { IsInherited: true } known ? known : from._settings[at] with { IsInherited = true });
        }

        foreach (var setting in from._inherited)
        {
            Add(setting);
        }
    }
}

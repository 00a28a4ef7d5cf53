using System.Globalization;

namespace Ringfence.Core.Pbx;

/// <summary>Which names of endpoints and peers are trunks, and which phones, as the configuration has them.</summary>
/// <remarks>A phone registers with the PBX; of a trunk the PBX knows the place: an aor with a contact, an identify section, a registration there (docs.asterisk.org, "PJSIP
/// Configuration Sections and Relationships"). Those of a database are not known.</remarks>
internal sealed class TrunkEndpoints
{
    // Of any machine's: four E1 have 124.
    private const int MostLines = 1024;

    private readonly Dictionary<string, bool> _isTrunk = new(StringComparer.OrdinalIgnoreCase);

    public static TrunkEndpoints Read(string directory, IConfigFiles files)
    {
        var known = new TrunkEndpoints();
        known.ReadOld(directory, files);
        known.ReadWizards(directory, files);
        known.ReadPjsip(AsteriskConfig.Read("pjsip.conf", directory, files).Sections);
        known.ReadLines(directory, files);
        return known;
    }

    /// <returns>null: nobody knows.</returns>
    public bool? IsTrunk(string endpoint) => _isTrunk.TryGetValue(endpoint, out var isTrunk) ? isTrunk : null;

    private void ReadPjsip(IEnumerable<ConfigSection> all)
    {
        var sections = all.ToList();
        IEnumerable<ConfigSection> Of(string type) => sections.Where(section => string.Equals(section["type"], type, StringComparison.OrdinalIgnoreCase));
        var named = Of("identify").Concat(Of("registration")).Select(static section => section["endpoint"]).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        var placed = Of("aor").Where(static aor => aor.All("contact").Any()).Select(static aor => aor.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var registered = Of("aor").Where(static aor => int.TryParse(aor["max_contacts"], CultureInfo.InvariantCulture, out var most) && most > 0).Select(static aor => aor.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var endpoint in Of("endpoint"))
        {
            List<string> aors = [.. endpoint.All("aors").SelectMany(static setting => setting.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
            if (aors.Exists(placed.Contains) || (named.Contains(endpoint.Name) && !aors.Exists(registered.Contains)))
            {
                _isTrunk[endpoint.Name] = true;
            }
            else if (aors.Exists(registered.Contains))
            {
                _isTrunk[endpoint.Name] = false;
            }
        }
    }

    private void ReadWizards(string directory, IConfigFiles files)
    {
        foreach (var section in AsteriskConfig.Read("pjsip_wizard.conf", directory, files).Sections.Where(static section => string.Equals(section["type"], "wizard", StringComparison.OrdinalIgnoreCase)))
        {
            if (AsteriskBool.IsTrue(section["accepts_registrations"]))
            {
                _isTrunk[section.Name] = false;
            }
            else if (section.All("remote_hosts").Any())
            {
                _isTrunk[section.Name] = true;
            }
        }
    }

    // Of analog lines: what is signalled like an exchange's line (fxo_ks) has a phone behind it, like a phone's (fxs_ks) an exchange (configs/samples/chan_dahdi.conf.sample of 22).
    private void ReadLines(string directory, IConfigFiles files)
    {
        foreach (var section in AsteriskConfig.Read("chan_dahdi.conf", directory, files).Sections)
        {
            var signalling = "";
            foreach (var setting in section.Settings)
            {
                if (setting.Name.Equals("signalling", StringComparison.OrdinalIgnoreCase) || setting.Name.Equals("signaling", StringComparison.OrdinalIgnoreCase))
                {
                    signalling = setting.Value;
                }
                else if (setting.Name.Equals("channel", StringComparison.OrdinalIgnoreCase) && (signalling.StartsWith("fxo", StringComparison.OrdinalIgnoreCase) || signalling.StartsWith("fxs", StringComparison.OrdinalIgnoreCase)))
                {
                    foreach (var line in Lines(setting.Value))
                    {
                        // A phone of that name is the phone.
                        _isTrunk.TryAdd($"{line}", signalling.StartsWith("fxs", StringComparison.OrdinalIgnoreCase));
                    }
                }
            }
        }
    }

    // "1-4,7"
    private static IEnumerable<int> Lines(string text)
    {
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var ends = part.Split('-', 2);
            if (int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first) && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last <= MostLines)
            {
                for (var line = first; line <= last; line++)
                {
                    yield return line;
                }
            }
        }
    }

    private void ReadOld(string directory, IConfigFiles files)
    {
        foreach (var section in ((string[])["iax.conf", "sip.conf"]).SelectMany(file => AsteriskConfig.Read(file, directory, files).Sections))
        {
            if (section["host"] is { Length: > 0 } host && section.Name != "general")
            {
                _isTrunk[section.Name] = !string.Equals(host, "dynamic", StringComparison.OrdinalIgnoreCase);
            }
        }
    }
}

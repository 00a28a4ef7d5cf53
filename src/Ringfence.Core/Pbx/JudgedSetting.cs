using Ringfence.Core.Catalogue;

namespace Ringfence.Core.Pbx;

/// <summary>A line with what this version of Asterisk makes of it in sections of one kind. A line of a template counts in many.</summary>
/// <param name="Section">The first in which it counts.</param>
/// <param name="Option">null: Asterisk has none of that name there.</param>
/// <param name="Fault">null: the value is taken as it stands, as far as is known.</param>
internal sealed record JudgedSetting(CataloguedSection Section, ConfigSetting Setting, OptionInfo? Option, ValueFault? Fault)
{
    private ConfigSection? _last;

    /// <summary>In how many more sections the line counts.</summary>
    public int Others { get; private set; }

    /// <summary>Those of which there is something to say: unknown, refused, misread, without effect, deprecated.</summary>
    public static List<JudgedSetting> Remarkable(PbxSnapshot pbx)
    {
        List<JudgedSetting> remarkable = [];

        // What is inherited is judged once, and not for each of the thousand phones that share it.
        Dictionary<(OptionObject Kind, Place Place, string Name), JudgedSetting?> inherited = [];
        foreach (var section in CataloguedSection.All(pbx))
        {
            foreach (var setting in section.Section.Settings)
            {
                var key = (section.Kind, setting.Place, setting.Name);
                if (setting.IsInherited && inherited.TryGetValue(key, out var known))
                {
                    known?.CountIn(section.Section);
                    continue;
                }

                var judged = Judge(section, setting, pbx.Options);
                if (setting.IsInherited)
                {
                    inherited[key] = judged;
                }

                if (judged is not null)
                {
                    remarkable.Add(judged);
                }
            }
        }

        return remarkable;
    }

    // null: there is nothing to say.
    private static JudgedSetting? Judge(CataloguedSection section, ConfigSetting setting, OptionCatalogue options)
    {
        var option = section.Kind.Find(setting.Name);
        var fault = option is null ? null : OptionValue.Judge(option, setting.Value, options);
        return fault is not null || option is null or { IsDeprecated: true } or { Kind: OptionKind.Gone } ? new JudgedSetting(section, setting, option, fault) : null;
    }

    // A section may inherit one line twice.
    private void CountIn(ConfigSection section)
    {
        Others += section == _last || section == Section.Section ? 0 : 1;
        _last = section;
    }
}

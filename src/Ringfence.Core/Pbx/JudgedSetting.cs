using Ringfence.Core.Catalogue;

namespace Ringfence.Core.Pbx;

/// <summary>A setting with the section that it counts in, and what this version of Asterisk makes of it. A line of a template counts in many sections.</summary>
/// <param name="Option">null: Asterisk has none of that name there.</param>
/// <param name="Fault">null: the value is taken as it stands, as far as is known.</param>
internal sealed record JudgedSetting(CataloguedSection Section, ConfigSetting Setting, OptionInfo? Option, ValueFault? Fault)
{
    /// <summary>Those of which there is something to say: unknown, refused, misread, without effect, deprecated.</summary>
    public static IEnumerable<JudgedSetting> Remarkable(PbxSnapshot pbx) =>
        from section in CataloguedSection.All(pbx)
        from setting in section.Section.Settings
        let option = section.Kind.Find(setting.Name)
        let fault = option is null ? null : OptionValue.Judge(option, setting.Value, pbx.Options)
        where fault is not null || option is null or { IsDeprecated: true } or { Kind: OptionKind.Gone }
        select new JudgedSetting(section, setting, option, fault);
}

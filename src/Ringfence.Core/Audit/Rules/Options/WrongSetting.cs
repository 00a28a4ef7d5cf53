using Ringfence.Core.Catalogue;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>A setting with the section that it counts in. A line of a template counts in many.</summary>
internal sealed record WrongSetting(CataloguedSection Section, ConfigSetting Setting, OptionInfo? Option)
{
    /// <summary>Every setting of a section whose options are known, with the option that it sets; null: there is none of that name.</summary>
    public static IEnumerable<WrongSetting> All(PbxSnapshot pbx) =>
        from section in CataloguedSection.All(pbx)
        from setting in section.Section.Settings
        select new WrongSetting(section, setting, section.Kind.Find(setting.Name));

    /// <summary>One fault for each line, whoever inherits it.</summary>
    /// <param name="text">What is said of the first section of a line.</param>
    public static IEnumerable<Fault> PerLine(IEnumerable<WrongSetting> settings, Func<WrongSetting, Fault> text) =>
        settings.GroupBy(static wrong => (wrong.Setting.Place, wrong.Setting.Name.ToLowerInvariant(), wrong.Section.Kind.Kind)).Select(group =>
        {
            var fault = text(group.First());
            var more = group.DistinctBy(static wrong => wrong.Section.Name).Count() - 1;
            return more == 0 ? fault : fault with { Text = $"{fault.Text} (and {more} more that {(more == 1 ? "inherits" : "inherit")} the line)" };
        });

    /// <summary>Removes the line, which is right wherever the line has no effect but harm.</summary>
    public Mend Removed(string text) => new(text, new RemoveLine(Setting.Place.File, Setting.Place.Line));
}

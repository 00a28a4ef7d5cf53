using Ringfence.Core.Catalogue;

namespace Ringfence.Core.Pbx;

/// <summary>A section of which Asterisk's options are known.</summary>
/// <param name="Section">Of an object that pjsip_wizard.conf makes: what it makes of its section.</param>
internal sealed record CataloguedSection(ConfigSection Section, OptionObject Kind)
{
    private const string Wizard = "pjsip_wizard.conf";

    /// <summary>pjsip_wizard.conf made it: its settings stand there under longer names.</summary>
    public bool IsFromWizard { get; init; }

    /// <summary>Every section whose options are known, in every file that is there. None where the version is not covered.</summary>
    public static IEnumerable<CataloguedSection> All(PbxSnapshot pbx) => pbx.Options.IsKnown ? [.. OfPjsip(pbx), .. OfFiles(pbx)] : [];

    // [global] without a type is global's only while all of its options are: with another one Asterisk passes over it, and it is judged as what it was meant to be.
    private static IEnumerable<CataloguedSection> OfPjsip(PbxSnapshot pbx) =>
        (from found in pbx.Pjsip.All
         where found.Kind is not null
         select new CataloguedSection(found.Section, found.Kind!) { IsFromWizard = found.IsFromWizard })
        .Concat(
         from stranger in pbx.Pjsip.Strangers
         where PjsipConfig.TypeOf(stranger) is null
         let kind = pbx.Options.Objects(PjsipSource.UsualFile).FirstOrDefault(kind => kind.FixedName == stranger.Name)
         where kind is not null
         select new CataloguedSection(stranger, kind));

    private static IEnumerable<CataloguedSection> OfFiles(PbxSnapshot pbx) =>
        from file in pbx.Options.Files
        where file is not PjsipSource.UsualFile and not Wizard
        let kinds = pbx.Options.Objects(file)
        from section in pbx.Config(file).Sections
        let kind = kinds.FirstOrDefault(kind => IsOf(section, kind))
        where kind is not null
        select new CataloguedSection(section, kind);

    private static bool IsOf(ConfigSection section, OptionObject kind) => kind.Reading switch
    {
        OptionReading.Sorcery => PjsipConfig.TypeOf(section) is { } type ? type.Value == kind.Type : kind.FixedName == section.Name,
        OptionReading.WholeFile => kind.HasSection(section.Name) && (kind.Type is null || string.Equals(PjsipConfig.TypeOf(section)?.Value, kind.Type, StringComparison.OrdinalIgnoreCase)),
        _ => kind.HasSection(section.Name),
    };

    /// <summary>As people call it: "endpoint 1001", "[general] of cdr.conf".</summary>
    public string Name => Kind.File == PjsipSource.UsualFile ? $"{Kind.Kind} {Shown.Text(Section.Name)}" : $"[{Shown.Text(Section.Name)}] of {Kind.File}";

    /// <summary>What Asterisk does with the section when one of its options is wrong.</summary>
    public string WhatIsLost => Kind switch
    {
        { Reading: OptionReading.Plain } => "the line has no effect",
        { File: "acl.conf" } => "Asterisk then takes nothing of acl.conf, and every list that an account names keeps nobody out",
        { Reading: OptionReading.WholeFile } => $"Asterisk then takes nothing of {Kind.File}",
        { File: PjsipSource.UsualFile, Kind: "endpoint" } => "Asterisk refuses the whole endpoint: it can neither register nor call",
        { File: PjsipSource.UsualFile, Kind: "aor" } => "Asterisk refuses the whole aor: nobody can register with it",
        { File: PjsipSource.UsualFile, Kind: "auth" } => "Asterisk refuses the whole auth: whoever needs it can't log in",
        { File: PjsipSource.UsualFile, Kind: "transport" } => "Asterisk does not open the transport",
        { File: PjsipSource.UsualFile, Kind: "identify" } => "Asterisk refuses the whole identify: the peer's calls are a stranger's",
        { File: PjsipSource.UsualFile, Kind: "acl" } => "Asterisk refuses the whole acl, and it keeps nobody out",
        { IsSingle: true } => $"Asterisk refuses the whole section: the defaults hold for all of {Kind.Kind}",
        _ => $"Asterisk refuses the whole {Kind.Kind}",
    };

    /// <summary>What the mistake costs is more than the line.</summary>
    public bool LosesMore => Kind.Reading != OptionReading.Plain;
}

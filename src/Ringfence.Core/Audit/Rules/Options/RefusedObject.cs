using Ringfence.Core.Catalogue;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>Whether Asterisk refuses an object of pjsip.conf, as far as that is certain.</summary>
internal static class RefusedObject
{
    public static bool IsCertain(PbxSnapshot pbx, PjsipObject found) =>
        pbx.Options.IsKnown && found.Kind is { IsComplete: true } kind
        && (found.Section.Settings.Any(setting => IsRefused(pbx, kind, setting)) || IncompleteObject.Missing(found).Any());

    private static bool IsRefused(PbxSnapshot pbx, OptionObject kind, ConfigSetting setting) =>
        kind.Find(setting.Name) is not { } option || OptionValue.Judge(option, setting.Value, pbx.Options)?.Outcome == ValueOutcome.Refused;
}

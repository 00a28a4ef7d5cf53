using Ringfence.Core.Catalogue;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>An option that a later version will not have, or that has no effect any more.</summary>
internal static class DeprecatedOption
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1104",
        Name = "deprecated-option",
        Severity = Severity.Info,
        Why = "The option is on its way out. In the version that drops it the object that holds it is refused: an update then takes phones or trunks away. Some are still read and do nothing.",
        Fix = "Look up what takes its place in the documentation of your version, and change it before you update.",
        Bad = """
            [1001]
            type = auth
            username = 1001
            md5_cred = 00112233445566778899aabbccddeeff ; here
            [1001]
            type = endpoint
            stir_shaken = on ; here
            """,
        Good = """
            [1001]
            type = auth
            username = 1001
            password_digest = MD5:00112233445566778899aabbccddeeff
            """,
        Reference = new Uri("https://docs.asterisk.org/Latest_API/API_Documentation/Module_Configuration/res_pjsip/"),
        Topic = AuditTopic.Options,
        NeedsOptions = true,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => SettingFaults.PerLine(
        from wrong in pbx.RemarkableSettings
        where wrong.Option is { IsDeprecated: true } or { Kind: OptionKind.Gone }
        select wrong,
        static wrong => wrong.Option!.Kind == OptionKind.Gone
            ? new Fault(wrong.Setting.Place, wrong.Section.Name, $"{wrong.Option.Name} has no effect any more") { Severity = Severity.Low, Mend = SettingFaults.Removed(wrong, $"remove {wrong.Option.Name}") }
            : new Fault(wrong.Setting.Place, wrong.Section.Name, $"{wrong.Option.Name} is deprecated") { IsSecret = SecretOptions.Contains(wrong.Setting.Name) });
}

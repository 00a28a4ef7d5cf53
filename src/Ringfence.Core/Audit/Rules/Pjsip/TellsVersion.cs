using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>SIP answers that tell which version this is.</summary>
/// <remarks>res/res_pjsip/config_global.c: user_agent is "Asterisk PBX" and the version unless it is given.</remarks>
internal static class TellsVersion
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1024",
        Name = "tells-version",
        Severity = Severity.Info,
        Why = "Each answer, to strangers too, says \"Asterisk PBX\" and the exact version: search engines for devices list it, and whoever has an exploit for that version finds you first.",
        Fix = "Write user_agent into [global]: any text without a version.",
        Bad = """
            [global]
            type = global
            user_agent = FPBX-17.0.19(22.5.2) ; here
            """,
        Good = """
            [global]
            type = global
            user_agent = PBX of house 12
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_pjsip/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var file = pbx.Config("pjsip.conf");
        var global = pbx.Pjsip.Of("global") is [var only, ..] ? only : null;
        var said = global?["user_agent"];
        if (!file.Exists || pbx.Pjsip.Transports.Count + pbx.Pjsip.Endpoints.Count + pbx.Pjsip.Of("global").Count == 0 || !pbx.Pjsip.IsWhole("global") || (!string.IsNullOrEmpty(said) && !HasVersion(said)))
        {
            return [];
        }

        return [new Fault(global?.PlaceOf("user_agent") ?? new Place(file.Files[0].Name, 0), "global", string.IsNullOrEmpty(said) ? "every answer tells strangers which version of Asterisk this is" : "every answer tells strangers a version")
        {
            Mend = new Mend("say something else", global is not null ? ObjectEdit.Set(global, "user_agent", "PBX") : new AppendLines(file.Files[0].Name, ["[global]", "type = global", "user_agent = PBX"])),
        }];
    }

    // FPBX-17.0.19(22.5.2), Asterisk PBX 22.
    private static bool HasVersion(string text) =>
        AsteriskVersion.Parse(text) is { Major: >= 10 } && (text.Contains('.', StringComparison.Ordinal) || text.Contains("Asterisk", StringComparison.OrdinalIgnoreCase));
}

using Ringfence.Core.Catalogue;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>A value that Asterisk takes for another, without a word.</summary>
internal static class MisreadValue
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1103",
        Name = "misread-value",
        Severity = Severity.Medium,
        Why = "Asterisk knows yes, true, y, t, 1, on and no, false, n, f, 0, off, and takes every other word for the opposite of what the option asks, in silence: verify_client = require verifies nobody.",
        Fix = "Write yes or no. Where you meant another option's value, look up what this one takes.",
        Bad = """
            [t-tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            method = sslv23
            verify_client = require ; here
            """,
        Good = """
            [t-tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            method = sslv23
            verify_client = On
            require_client_cert = 1
            verify_server =
            """,
        Reference = new Uri("https://docs.asterisk.org/Latest_API/API_Documentation/Module_Configuration/res_pjsip/"),
        Topic = AuditTopic.Options,
        NeedsOptions = true,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => SettingFaults.PerLine(
        from wrong in pbx.RemarkableSettings
        where wrong.Fault?.Outcome == ValueOutcome.Misread
        select wrong,
        static wrong => new Fault(wrong.Setting.Place, wrong.Section.Name,
            $"{wrong.Option!.Name} is {Shown.Text(wrong.Setting.Value)}: {wrong.Fault!.Text}"));
}

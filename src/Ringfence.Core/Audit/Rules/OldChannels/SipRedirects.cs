using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.OldChannels;

/// <summary>chan_sip calls wherever the called phone says.</summary>
/// <remarks>sip.conf.sample of Asterisk 16: promiscredir.</remarks>
internal static class SipRedirects
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1256",
        Name = "sip-redirects-anywhere",
        Severity = Severity.Medium,
        Why = "With promiscredir a phone that is called may answer with any address or channel to call in its place, at your cost and past the dialplan.",
        Fix = "Remove promiscredir: then a redirection is dialled as a number, by the dialplan's rules.",
        ExampleFile = "sip.conf",
        ExampleVersion = new AsteriskVersion(16),
        Bad = """
            [general]
            allowguest = no
            promiscredir = yes ; here
            """,
        Good = """
            [general]
            allowguest = no
            promiscredir = no
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.OldChannels,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        OldPeers.ReadsSip(pbx)
            ? from section in OldPeers.Sip(pbx).Concat(pbx.Config("sip.conf").Named("general"))
              let setting = section.Find("promiscredir")
              where setting is not null && AsteriskBool.IsTrue(setting.Value)
              select new Fault(setting.Place, $"sip {Shown.Text(section.Name)}", "a called phone says where to call in its place") { Mend = new Mend("dial redirections as numbers", OptionEdit.Set(section, "promiscredir", "no")) }
            : [];
}

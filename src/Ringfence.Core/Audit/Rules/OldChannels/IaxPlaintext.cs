using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.OldChannels;

/// <summary>An account of IAX2 whose password crosses the network in clear.</summary>
/// <remarks>channels/chan_iax2.c of Asterisk 22 warns of it: "Auth method ... is set to deprecated 'plaintext'".</remarks>
internal static class IaxPlaintext
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1272",
        Name = "iax-plaintext",
        Severity = Severity.High,
        Why = "With auth = plaintext the password itself is sent: whoever is on the way has it.",
        Fix = "Write auth = md5, or auth = rsa with keys.",
        ExampleFile = "iax.conf",
        Bad = """
            [office]
            type = friend
            host = dynamic
            secret = Xk9-mP2vL8-qR5w-77aZ
            auth = md5,plaintext ; here
            """,
        Good = """
            [office]
            type = friend
            host = dynamic
            secret = Xk9-mP2vL8-qR5w-77aZ
            auth = md5
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/Inter-Asterisk-eXchange-protocol-version-2-IAX2/"),
        Topic = AuditTopic.OldChannels,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        OldPeers.ReadsIax(pbx)
            ? from section in OldPeers.Iax(pbx).Concat(pbx.Config("iax.conf").Named("general"))
              let setting = section.Find("auth")
              where setting is not null && setting.Value.Split(',', StringSplitOptions.TrimEntries).Contains("plaintext", StringComparer.OrdinalIgnoreCase)
              select new Fault(setting.Place, $"iax {Shown.Text(section.Name)}", "the password is sent in clear") { Mend = new Mend("send a digest of it", OptionEdit.Set(section, "auth", "md5")) }
            : [];
}

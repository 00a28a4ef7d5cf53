using System.Net;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>A copy of all signalling goes to a public address in clear.</summary>
internal static class HepInClear
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1565",
        Name = "hep-in-clear",
        Severity = Severity.Medium,
        Why = "HEP has no encryption: who calls whom, and each phone's answer to a challenge, which is enough to guess its password at leisure, can be read on the way.",
        Fix = "Send it to this machine or through a tunnel.",
        ExampleFile = "hep.conf",
        Bad = """
            [general]
            enabled = yes
            capture_address = 203.0.113.9:9060 ; here
            """,
        Good = """
            [general]
            enabled = yes
            capture_address = 127.0.0.1:9060
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Reporting/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from general in pbx.Config("hep.conf").Named("general")
        let address = general.Find("capture_address")
        where address is not null && AsteriskBool.Parse(general["enabled"]) is not false
        where IPEndPoint.TryParse(address.Value, out var to) && !PrivateNetworks.Contains(to.Address)
        select new Fault(address.Place, "hep.conf", $"every SIP message goes to {Shown.Text(address.Value)} unencrypted");
}

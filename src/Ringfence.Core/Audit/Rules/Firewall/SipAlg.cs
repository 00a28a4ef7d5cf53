using Ringfence.Core.Host;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Firewall;

/// <summary>The kernel rewrites SIP on its way.</summary>
internal static class SipAlg
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1710",
        Name = "sip-alg",
        Severity = Severity.Medium,
        Why = "The SIP helper changes addresses inside messages that it follows, which breaks registrations and calls behind NAT, and opens ports that a message names, which its sender wrote.",
        Fix = "Unload nf_nat_sip and nf_conntrack_sip, and write \"blacklist nf_conntrack_sip\" into a file of /etc/modprobe.d.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact kernel-modules
            nf_nat_sip 20480 0 - Live 0x0000000000000000 ; here
            nf_conntrack_sip 45056 1 nf_nat_sip, Live 0x0000000000000000
            """,
        Good = """
            ;;; fact kernel-modules
            nf_conntrack 196608 3 nft_ct,nf_nat,xt_conntrack, Live 0x0000000000000000
            """,
        Reference = new Uri("https://www.kernel.org/doc/html/latest/networking/nf_conntrack-sysctl.html"),
        Topic = AuditTopic.Firewall,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from line in FactLines.Of(pbx, HostFact.KernelModules)
        where line.Text.StartsWith("nf_nat_sip ", StringComparison.Ordinal)
        select new Fault(line.Place, "kernel", "the module nf_nat_sip is loaded: connections that the SIP helper follows are rewritten");
}

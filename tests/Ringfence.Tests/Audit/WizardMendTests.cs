using Ringfence.Core.Audit;
using Ringfence.Core.Pbx;
using Ringfence.Tests.Pbx;
using Xunit;

namespace Ringfence.Tests.Audit;

/// <summary>What pjsip_wizard.conf makes is judged like what pjsip.conf says, and mended as the wizard writes it.</summary>
public sealed class WizardMendTests
{
    [Theory]
    [InlineData("RF1006", "remote_hosts = 203.0.113.10\nendpoint/context = from-trunk", "endpoint/identify_by = ip")]
    [InlineData("RF1003", "accepts_auth = yes\ninbound_auth/username = a\ninbound_auth/password = Xk9-mP2vL8-qR5w-77aZ\nendpoint/permit = 192.0.2.0/24", "endpoint/deny = 0.0.0.0/0.0.0.0")]
    [InlineData("RF1016", "accepts_registrations = yes\naor/max_contacts = 1", "aor/remove_existing = yes")]
    [InlineData("RF1019", "accepts_auth = yes\ninbound_auth/username = a\ninbound_auth/password = Xk9-mP2vL8-qR5w-77aZ\nendpoint/allow_unauthenticated_options = yes", "endpoint/allow_unauthenticated_options = no")]
    [InlineData("RF1021", "accepts_registrations = yes\naor/max_contacts = 1\naccepts_auth = yes\ninbound_auth/username = a\ninbound_auth/password = Xk9-mP2vL8-qR5w-77aZ\nendpoint/trust_id_inbound = yes", "endpoint/trust_id_inbound = no")]
    public void A_mend_of_the_wizards_section_is_written_in_its_words_and_ends_the_finding(string id, string lines, string expected)
    {
        var rule = AuditRules.All.Single(known => known.Id == id);
        var pbx = new PbxSnapshot("/etc/asterisk", new MemoryFiles().With("/etc/asterisk/pjsip_wizard.conf", $"[one]\ntype = wizard\n{lines}\n"), AsteriskVersion.Assumed, new Dictionary<string, string>());

        var faults = rule.Check(pbx).ToList();
        var edits = faults.SelectMany(fault => fault.Mend?.Edits ?? []).ToList();

        Assert.Single(faults);
        Assert.Contains(expected, edits.SelectMany(edit => edit switch { ReplaceLine replaced => [replaced.Text], InsertLines inserted => inserted.Lines, _ => (IReadOnlyList<string>)[] }));
        Assert.Empty(rule.Check(Mended.Of(pbx, edits)));
    }
}

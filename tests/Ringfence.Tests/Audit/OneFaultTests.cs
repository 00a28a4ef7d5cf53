using Ringfence.Core.Audit;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;
using Xunit;

namespace Ringfence.Tests.Audit;

/// <summary>One fault is one finding, by whichever rule and however many objects it costs.</summary>
public sealed class OneFaultTests
{
    private const string Rules = """{"nftables": [{"table": {"family": "inet", "name": "f"}}, {"chain": {"family": "inet", "table": "f", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "accept"}}, {"rule": {"family": "inet", "table": "f", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 1}}, {"drop": null}]}}]}""";
    private const string IPv4Rules = """{"nftables": [{"table": {"family": "ip", "name": "f"}}, {"chain": {"family": "ip", "table": "f", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "accept"}}, {"rule": {"family": "ip", "table": "f", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 5038}}, {"drop": null}]}}]}""";
    private const string Open = ";;; fact addresses\n2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0\n;;; fact nft\n" + Rules;

    [Theory]
    [InlineData("[1001]\ntype=endpoint\nauth=1001\naors=1001\n[1001-aor]\ntype=aor\nmax_contacts=1\n[1001]\ntype=auth\nusername=1001\npassword=Xk9-mP2vL8-qR5w\n", "RF1014", "RF1110")]
    [InlineData("[office]\ntype=acl\ndeny=0.0.0.0/0\npermit=192.0.2.0/24\n[1001]\ntype=auth\nusername=1001\npassword=Xk9-mP2vL8-qR5w\nacl=office\n[trunk]\ntype=identify\nendpoint=trunk\nmatch=203.0.113.10\n", "RF1112", "RF1011")]
    [InlineData("[1001]\ntype=endpoint\nauth=1001\nacl=office\n;;; acl.conf\n[office]\npermit=192.0.2.0/24\ndeny=0.0.0.0/0\nallow=192.0.2.0/24\n", "RF1002", "RF1004")]
    [InlineData("[1001]\ntype=endpoint\nauth=1001\nacl=office\n;;; acl.conf\n[office]\npermit=192.0.2.0/24\nallow=192.0.2.0/24\n", "RF1002", "RF1003")]
    [InlineData(";;; fact sockets\ntcp LISTEN 0 10 0.0.0.0:3306 0.0.0.0:* users:((\"mariadbd\",pid=1,fd=1))\nudp UNCONN 0 0 0.0.0.0:69 0.0.0.0:* users:((\"tftpd\",pid=1,fd=1))\n" + Open, "RF1703", "RF1607")]
    [InlineData(";;; fact sockets\nudp UNCONN 0 0 0.0.0.0:69 0.0.0.0:* users:((\"tftpd\",pid=1,fd=1))\n" + Open, "RF1704", "RF1608")]
    [InlineData(";;; fact sockets\ntcp LISTEN 0 10 *:5038 *:* users:((\"asterisk\",pid=1,fd=1))\n;;; fact addresses\n2: eth0    inet 203.0.113.9/24 brd 203.0.113.255 scope global eth0\n2: eth0    inet6 2001:db8::9/64 scope global \n;;; fact nft\n" + IPv4Rules, "RF1707", "RF1701")]
    [InlineData("[tls]\ntype=transport\nprotocol=tls\n", "RF1111", "RF1041")]
    public void Where_one_rule_tells_of_a_fault_the_other_is_silent(string files, string tells, string isSilent)
    {
        var found = Run(files).Select(finding => finding.Rule.Id).ToList();

        Assert.Contains(tells, found);
        Assert.DoesNotContain(isSilent, found);
    }

    [Fact]
    public void A_database_that_the_firewall_shuts_off_is_a_lesser_fault()
    {
        var finding = Assert.Single(Run(";;; fact sockets\ntcp LISTEN 0 10 0.0.0.0:3306 0.0.0.0:* users:((\"mariadbd\",pid=1,fd=1))\n" + Open.Replace("accept", "drop", StringComparison.Ordinal)), finding => finding.Rule.Id is "RF1607" or "RF1703");

        Assert.Equal(("RF1607", Severity.Low), (finding.Rule.Id, finding.Severity));
    }

    [Fact]
    public void A_password_that_opens_three_accounts_is_one_finding()
    {
        var files = string.Concat(Enumerable.Range(1001, 3).Select(number => $"[{number}]\ntype=auth\nusername={number}\npassword=Xk9-mP2vL8-qR5w-77aZ\n"));

        var finding = Assert.Single(Run(files), finding => finding.Rule.Id == "RF1206");

        Assert.Contains("auth 1002, auth 1003", finding.Fault.Text, StringComparison.Ordinal);
        Assert.Equal(2, finding.Fault.Way.Count);
    }

    [Fact]
    public void A_line_of_a_template_is_one_finding_for_two_hundred_phones_and_its_mend_mends_all()
    {
        var files = "[phone](!)\ntype=endpoint\ntrust_id_inbound=yes\n"
            + string.Concat(Enumerable.Range(1001, 200).Select(number => $"[{number}](phone)\nauth={number}\naors={number}\n[{number}]\ntype=aor\nmax_contacts=1\n"));

        var finding = Assert.Single(Run(files), finding => finding.Rule.Id == "RF1021");

        Assert.EndsWith("(the same line: endpoint 1002, endpoint 1003, endpoint 1004 and 196 more)", finding.Fault.Text, StringComparison.Ordinal);
        Assert.Equal(new ReplaceLine("pjsip.conf", 3, "trust_id_inbound = no"), Assert.Single(finding.Fault.Mend!.Edits));
    }

    [Fact]
    public void A_line_of_a_template_that_a_trunk_needs_is_mended_at_each_phone()
    {
        var files = "[peer](!)\ntype=endpoint\ntrust_id_inbound=yes\n[trunk](peer)\n[trunk]\ntype=identify\nendpoint=trunk\nmatch=203.0.113.10\n"
            + string.Concat(Enumerable.Range(1001, 10).Select(number => $"[{number}](peer)\nauth={number}\naors={number}\n[{number}]\ntype=aor\nmax_contacts=1\n"));

        var finding = Assert.Single(Run(files), finding => finding.Rule.Id == "RF1021");

        Assert.Equal(10, finding.Fault.Mend!.Edits.Count);
        Assert.Equal(9, EditText.First(finding.Fault.Mend).Count());
    }

    [Theory]
    [MemberData(nameof(AuditRulesTests.Ids), MemberType = typeof(AuditRulesTests))]
    public void A_template_that_nobody_inherits_is_no_object(string id)
    {
        var rule = AuditRules.All.Single(rule => rule.Id == id);
        if (rule is not { Topic: AuditTopic.Pjsip or AuditTopic.Options or AuditTopic.Passwords, ExampleFile: "pjsip.conf" } || rule.Bad.Contains(";;;", StringComparison.Ordinal) || rule.Bad.Contains("(!)", StringComparison.Ordinal)
            // Of files and lines, not of objects.
            || id is "RF1114" or "RF1115" or "RF1120")
        {
            return;
        }

        var templates = string.Join('\n', rule.Bad.Split('\n').Select(line => line.StartsWith('[') && !line.Contains('(', StringComparison.Ordinal) ? line.Insert(line.IndexOf(']', StringComparison.Ordinal) + 1, "(!)") : line));

        Assert.Equal([], rule.Check(ExampleFiles.Of(templates, rule.ExampleFile, rule.ExampleVersion).Pbx).Select(fault => $"{fault.Place}: {fault.Text}"));
    }

    private static IReadOnlyList<Finding> Run(string files) =>
        Auditor.Run(ExampleFiles.Of(files, "pjsip.conf").Pbx, AuditRules.All, new HashSet<string>(), TestContext.Current.CancellationToken).Findings;
}

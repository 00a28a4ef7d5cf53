using Ringfence.Core.Audit;
using Ringfence.Core.Audit.Rules.Passwords;
using Ringfence.Core.Pbx;
using Ringfence.Tests.Pbx;
using Xunit;

namespace Ringfence.Tests.Audit;

/// <summary>Files and facts out of a stranger's archive that are made to cost time: every rule ends, and none fails. How long they take in larger sizes is measured by bench/hostile.</summary>
public sealed class HostileInputTests
{
    [Fact]
    public void One_password_of_64_KB_by_many_additions() =>
        Ends(("pjsip.conf", "[1001]\ntype=auth\nusername=1001\npassword=x\n" + string.Concat(Enumerable.Range(0, 64).Select(static i => $"password+={Text(1_000, i)}\n"))));

    [Theory]
    [InlineData("ab")]
    [InlineData("qwertz")]
    [InlineData("aX9!kd82")]
    public void A_password_that_repeats_itself(string unit) =>
        Ends(("pjsip.conf", "[1001]\ntype=auth\nusername=1001\npassword=x\n" + string.Concat(Enumerable.Repeat($"password+={string.Concat(Enumerable.Repeat(unit, 1_000 / unit.Length))}\n", 64))));

    [Fact]
    public void A_certificate_file_of_beginnings_that_thirty_transports_name() =>
        Ends(
            ("pjsip.conf", string.Concat(Enumerable.Range(0, 30).Select(static i => $"[t{i}]\ntype=transport\nprotocol=tls\nbind=0.0.0.0:{5061 + i}\ncert_file=/etc/asterisk/c.pem\npriv_key_file=/etc/asterisk/k.pem\n"))),
            ("c.pem", string.Concat(Enumerable.Repeat("-----BEGIN CERTIFICATE-----\n", 3_600))), ("k.pem", string.Concat(Enumerable.Repeat("-----BEGIN PRIVATE KEY-----\n", 3_600))));

    [Theory]
    [InlineData("manager.conf", "secret", "[general]\nenabled=yes\n")]
    [InlineData("pjsip.conf", "type=auth\nusername={0}\npassword", "")]
    public void Thousands_of_accounts_with_one_password(string file, string option, string head) =>
        Ends((file, head + string.Concat(Enumerable.Range(0, 2_000).Select(i => $"[u{i}]\n{option.Replace("{0}", $"u{i}", StringComparison.Ordinal)}=Xk9-mP2vL8-qR5w-77aZ\n"))));

    [Fact]
    public void A_template_of_many_options_for_many_objects() =>
        Ends(("pjsip.conf", "[t](!)\ntype=endpoint\n" + string.Concat(Enumerable.Range(0, 500).Select(static i => $"unknown_{i}=x\n")) + string.Concat(Enumerable.Range(0, 800).Select(static i => $"[{i}](t)\n"))));

    [Fact]
    public void A_set_of_networks_in_hundreds_of_rules() =>
        Ends(("fact nft", "{\"nftables\":[{\"table\":{\"family\":\"inet\",\"name\":\"f\"}},{\"chain\":{\"family\":\"inet\",\"table\":\"f\",\"name\":\"i\",\"type\":\"filter\",\"hook\":\"input\",\"prio\":0,\"policy\":\"drop\"}},"
            + "{\"set\":{\"family\":\"inet\",\"table\":\"f\",\"name\":\"s\",\"type\":\"ipv4_addr\",\"elem\":[" + string.Join(',', Enumerable.Range(0, 10_000).Select(static i => $"\"11.{i >> 16}.{(i >> 8) & 255}.{i & 255}\"")) + "]}}"
            + string.Concat(Enumerable.Range(0, 500).Select(static i => $",{{\"rule\":{{\"family\":\"inet\",\"table\":\"f\",\"chain\":\"i\",\"expr\":[{{\"match\":{{\"op\":\"{(i % 2 == 0 ? "==" : "!=")}\",\"left\":{{\"payload\":{{\"protocol\":\"ip\",\"field\":\"saddr\"}}}},\"right\":\"@s\"}}}},{{\"counter\":{{}}}}]}}}}"))
            + "]}"), Sockets);

    [Fact]
    public void Hundreds_of_rules_with_networks_of_their_own() =>
        Ends(("fact nft", "{\"nftables\":[{\"chain\":{\"family\":\"inet\",\"table\":\"f\",\"name\":\"i\",\"type\":\"filter\",\"hook\":\"input\",\"prio\":0,\"policy\":\"drop\"}}"
            + string.Concat(Enumerable.Range(0, 500).Select(static i => $",{{\"rule\":{{\"family\":\"inet\",\"table\":\"f\",\"chain\":\"i\",\"expr\":[{{\"match\":{{\"op\":\"==\",\"left\":{{\"payload\":{{\"protocol\":\"ip\",\"field\":\"saddr\"}}}},\"right\":{{\"set\":[{string.Join(',', Enumerable.Range(0, 50).Select(j => $"\"11.{i >> 8}.{i & 255}.{j}\""))}]}}}}}},{{\"accept\":null}}]}}}}"))
            + "]}"), Sockets);

    [Fact]
    public void Thousands_of_files_that_everybody_may_write() =>
        Ends(("fact config-files", "755 root root d /etc/asterisk\n" + string.Concat(Enumerable.Range(0, 2_000).Select(static i => $"666 root root f /etc/asterisk/{string.Concat(Enumerable.Repeat("d/", 50))}pjsip_{i}.conf\n"))));

    [Fact]
    public void Thousands_of_sockets() =>
        Ends(("fact sockets", string.Concat(Enumerable.Range(0, 2_000).Select(static i => $"tcp LISTEN 0 10 0.0.0.0:{1 + (i % 6_500)} 0.0.0.0:* users:((\"asterisk\",pid={i},fd=9))\n"))), ("fact addresses", string.Concat(Enumerable.Range(0, 2_000).Select(static i => $"2: eth{i} inet 11.0.{i >> 8}.{i & 255}/24 scope global eth{i}\n"))));

    [Fact]
    public void A_megabyte_of_line_ends_in_each_file()
    {
        var text = new string('\n', 1 << 20);

        Ends(("pjsip.conf", text + "[anonymous]\ntype=endpoint\n" + text), ("extensions.conf", text + "[general]\n"), ("manager.conf", text), ("logger.conf", text));
    }

    [Fact]
    public void Comments_that_allow_something_by_the_thousand() =>
        Ends(("pjsip.conf", string.Concat(Enumerable.Range(0, 2_000).Select(static i => "; ringfence: allow RF1001 (x)\n")) + "[anonymous]\ntype=endpoint\n" + string.Concat(Enumerable.Range(0, 500).Select(static i => $"odd{i}=1 ; ringfence: allow RF1100\n"))));

    [Fact]
    public void Accounts_lists_and_identifies_that_all_name_each_other() =>
        Ends(
            ("pjsip.conf", string.Concat(Enumerable.Range(0, 300).Select(static i => $"[{i}]\ntype=endpoint\naors={i}\nauth={i % 7}\nacl=a{i % 100}\ntransport=t\n[{i}]\ntype=aor\nmax_contacts=1\n[i{i}]\ntype=identify\nendpoint={i}\nmatch=11.0.{i >> 8}.{i & 255}\n[{i}]\ntype=auth\nusername={i}\npassword=Xk9-mP2vL8-{i}\n"))),
            ("acl.conf", string.Concat(Enumerable.Range(0, 200).Select(static i => $"[a{i}]\ndeny=0.0.0.0/0\npermit=11.0.{i >> 8}.0/24\n"))));

    // What is asked for each of ten thousand objects must not look through ten thousand others.
    [Theory]
    [InlineData("[e{0}]\ntype=endpoint\naors=e{0}\n[e{0}]\ntype=identify\nendpoint=e{0}\nmatch=11.0.0.{0}\n", 2_000)]
    [InlineData("[e{0}]\ntype=endpoint\naors=e{0}\n[i{0}]\ntype=identify\nmatch=11.0.0.1\nendpoint=e{0}\n[q{0}]\ntype=acl\npermit=11.0.0.0/24\n", 1_000)]
    [InlineData("[r{0}]\ntype=registration\nserver_uri=sip:h{0}\noutbound_auth=a{0}\n[e{0}]\ntype=endpoint\noutbound_auth=a{0}\naors=e{0}\n[e{0}]\ntype=aor\ncontact=sip:h{0}\n", 1_000)]
    [InlineData("[t{0}]\ntype=transport\nprotocol=tls\nbind=0.0.0.0\n[e{0}]\ntype=endpoint\ntransport=t{0}\n", 1_500)]
    [InlineData("[anonymous@{0}]\ntype=endpoint\n[q{0}]\ntype=acl\npermit=11.0.0.0/24\n", 1_500)]
    [InlineData("[e{0}]\ntype=endpoint\nauth=e{0}\naors=e{0}\n[e{0}]\ntype=aor\n", 2_000)]
    public void Objects_that_each_ask_for_one_of_the_others(string of, int times) =>
        Ends(("pjsip.conf", string.Concat(Enumerable.Range(0, times).Select(i => of.Replace("{0}", $"{i}", StringComparison.Ordinal)))));

    [Theory]
    [InlineData("permit=11.{1}.{2}.{3}\n")]
    [InlineData("permit=11.{1}.{2}.{3}\ndeny=12.{1}.{2}.{3}\n")]
    [InlineData("deny=12.{1}.{2}.{3}\npermit=11.{1}.{2}.{3}\n")]
    public void A_list_of_addresses_that_hundreds_of_endpoints_name(string unit) =>
        Ends(
            ("acl.conf", "[a]\n" + string.Concat(Enumerable.Range(0, 5_000).Select(i => unit.Replace("{1}", $"{i >> 16}", StringComparison.Ordinal).Replace("{2}", $"{(i >> 8) & 255}", StringComparison.Ordinal).Replace("{3}", $"{i & 255}", StringComparison.Ordinal)))),
            ("pjsip.conf", string.Concat(Enumerable.Range(0, 200).Select(static i => $"[e{i}]\ntype=endpoint\naors=e{i}\nacl=a\n"))));

    [Theory]
    [InlineData("[c{0}]\ninclude => c{1}\nexten => {0},1,NoOp()\n")]
    [InlineData("[c{0}]\nexten => _X.,1,Goto(c{1},${EXTEN},1)\n")]
    [InlineData("[c]\ninclude => c{0}\n")]
    [InlineData("[c]\nexten => _X.,{1},NoOp()\nexten => s,{1}(l{0}),NoOp()\n")]
    [InlineData("[c]\nexten => {0},1,Goto(c,x{0},1)\n")]
    [InlineData("[c{0}]\nexten => _{0}.,1,Dial(PJSIP/${EXTEN}@t)\ninclude => c{1},9:00-17:00,mon-fri,*,*\ninclude => c{0}0,sat,*,*\n")]
    [InlineData("[c]\nexten => {0},1,Set(a=${ODBC_F{0}(${FILTER(0-9,${EXTEN})})})\n")]
    public void A_dialplan_of_which_each_line_asks_for_another(string of) =>
        Ends(
            ("extensions.conf", string.Concat(Enumerable.Range(0, 2_000).Select(i => of.Replace("{0}", $"{i}", StringComparison.Ordinal).Replace("{1}", $"{i + 1}", StringComparison.Ordinal)))),
            ("func_odbc.conf", string.Concat(Enumerable.Range(0, 500).Select(static i => $"[F{i}]\ndsn=x\nreadsql=SELECT a FROM b WHERE c=${{ARG1}}\n"))),
            ("pjsip.conf", string.Concat(Enumerable.Range(0, 200).Select(static i => $"[e{i}]\ntype=endpoint\ncontext=c{i}\n"))));

    [Theory]
    [InlineData("ab")]
    [InlineData("aaaaaaaaab")]
    public void A_password_is_judged_by_so_much_of_it_as_anybody_would_guess(string unit) =>
        Assert.Equal(PasswordFlaw.Pattern, PasswordJudge.Judge(string.Concat(Enumerable.Repeat(unit, 30_000)), ["1001"]));

    private static (string Name, string Text) Sockets => ("fact sockets", "tcp LISTEN 0 10 0.0.0.0:5060 0.0.0.0:* users:((\"asterisk\",pid=1,fd=9))\nudp UNCONN 0 0 0.0.0.0:5060 0.0.0.0:* users:((\"asterisk\",pid=1,fd=9))\ntcp LISTEN 0 10 0.0.0.0:5038 0.0.0.0:* users:((\"asterisk\",pid=1,fd=9))\n");

    private static string Text(int length, int seed)
    {
        var seeded = new Random(seed);
        return string.Concat(Enumerable.Range(0, length).Select(_ => (char)seeded.Next('A', 'z')));
    }

    private static void Ends(params (string Name, string Text)[] given)
    {
        var files = new MemoryFiles();
        Dictionary<string, string> facts = [];
        foreach (var (name, text) in given)
        {
            if (name.StartsWith("fact ", StringComparison.Ordinal))
            {
                facts[name[5..]] = text;
            }
            else
            {
                files.With($"/etc/asterisk/{name}", text);
            }
        }

        var pbx = new PbxSnapshot("/etc/asterisk", files, new AsteriskVersion(22, 10, 1), facts);
        var report = Auditor.Run(pbx, AuditRules.All, new HashSet<string>(), TestContext.Current.CancellationToken);

        Assert.DoesNotContain(report.Notes, static note => note.Contains("could not be checked", StringComparison.Ordinal));
    }
}

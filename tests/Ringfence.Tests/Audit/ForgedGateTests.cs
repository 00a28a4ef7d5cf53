using Ringfence.Core.Audit;
using Ringfence.Core.Rules;
using Xunit;

namespace Ringfence.Tests.Audit;

/// <summary>What a caller writes of himself keeps out nobody who knows what to write.</summary>
public sealed class ForgedGateTests
{
    private const string Peers = "\n;;; pjsip.conf\n[anonymous]\ntype=endpoint\ncontext=public\n[1001]\ntype=endpoint\ncontext=phones\ncallerid=Alice <1001>\n[trunk]\ntype=endpoint\ncontext=from-trunk\naors=trunk\n[trunk]\ntype=aor\ncontact=sip:203.0.113.10\n[trunk]\ntype=identify\nendpoint=trunk\nmatch=203.0.113.10\n";

    [Theory]
    [InlineData("GotoIf($[\"${CALLERID(num)}\" = \"101\"]?ok)", "the caller ID 101")]
    [InlineData("GotoIf($[${CALLERID(number)} = 101]?ok)", "a caller ID such as 101")]
    [InlineData("GotoIf($[\"${CALLERID(num):0:3}\" = \"491\"]?ok)", "a caller ID such as 491")]
    [InlineData("GotoIf($[\"${CALLERID(name)}\" = \"boss\"]?ok)", "the caller's name")]
    [InlineData("GotoIf($[\"${PJSIP_HEADER(read,X-Auth)}\" = \"s3cret\"]?ok)", "the header X-Auth")]
    [InlineData("GotoIf($[\"${SIP_HEADER(X-Auth)}\" = \"s3cret\"]?ok)", "the header X-Auth")]
    [InlineData("GotoIf($[${REGEX(\"^49\" ${CALLERID(num)})}]?ok)", "a caller ID such as 49")]
    [InlineData("Set(who=${CALLERID(num)})\n same => n,GotoIf($[\"${who}\" = \"101\"]?ok)", "the caller ID 101")]
    [InlineData("Set(who=${CALLERID(num):0:3})\n same => n,GotoIf($[\"${who}\" = \"101\"]?ok)", "a caller ID such as 101")]
    [InlineData("GotoIf($[\"${CALLERID(num)}\" = \"101\"]?ok)\n same => n,GotoIf($[\"${CALLERID(name)}\" = \"boss\"]?ok)", "the caller ID 101")]
    [InlineData("GotoIf($[\"${CALLERID(name)}\" != \"boss\"]?no)\n same => n,GotoIf($[\"${CALLERID(num)}\" = \"101\"]?ok)\n same => n(no),NoOp()", "the caller's name and the caller ID 101")]
    public void What_a_stranger_writes_himself_is_no_gate(string gate, string kept)
    {
        var found = Assert.Single(Run($"[public]\nexten => _0ZX!,1,NoOp()\n same => n,{gate}\n same => n,Hangup(21)\n same => n(ok),Dial(PJSIP/${{FILTER(0-9,${{EXTEN}})}}@trunk)\n"), finding => finding.Rule.Id == "RF1300");

        Assert.Equal(Severity.Critical, found.Severity);
        Assert.Contains($"; nothing keeps it but {kept}, which anybody can write", found.Fault.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", found.Fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_extension_for_one_caller_ID_is_no_gate()
    {
        var found = Assert.Single(Run("[public]\nexten => _00ZX!/102,1,Dial(PJSIP/${FILTER(0-9,${EXTEN})}@trunk)\n"), finding => finding.Rule.Id == "RF1300");

        Assert.Contains("nothing keeps it but the caller ID 102", found.Fault.Text, StringComparison.Ordinal);
    }

    [Theory]
    // Two things at once.
    [InlineData("GotoIf($[\"${CALLERID(num)}\" != \"101\"]?no)\n same => n,GotoIf($[\"${CALLERID(num)}\" = \"102\"]?ok)")]
    [InlineData("GotoIf($[\"${CALLERID(num)}\" = \"101\" & \"${CALLERID(num)}\" = \"102\"]?ok)")]
    // What only the PBX knows.
    [InlineData("GotoIf($[\"${CALLERID(num)}\" = \"${DB(allowed/number)}\"]?ok)")]
    [InlineData("GotoIf($[\"${CALLERID(num)}\" = \"101\" & \"${DB(open/out)}\" = \"1\"]?ok)")]
    // What the dialplan itself set.
    [InlineData("Set(CALLERID(num)=5)\n same => n,GotoIf($[\"${CALLERID(num)}\" = \"101\"]?ok)")]
    public void What_no_caller_can_show_stays_a_gate(string gate) =>
        Assert.DoesNotContain(Run($"[public]\nexten => _0ZX!,1,NoOp()\n same => n,{gate}\n same => n(no),Hangup(21)\n same => n(ok),Dial(PJSIP/${{FILTER(0-9,${{EXTEN}})}}@trunk)\n"), finding => finding.Rule.Id == "RF1300");

    // A blacklist: who is not on it comes through.
    [Theory]
    [InlineData("GotoIf($[\"${BLACKLIST()}\"=\"1\"]?no)")]
    [InlineData("GotoIf($[${DB_EXISTS(blacklist/${CALLERID(num)})}]?no)")]
    [InlineData("GotoIf(${DB_EXISTS(blacklist/${CALLERID(num)})}?no)")]
    [InlineData("GotoIf($[${DB_EXISTS(blacklist/${CALLERID(num)})} = 1]?no)")]
    [InlineData("GotoIf($[\"${DB(blacklist/${CALLERID(num)})}\" != \"\"]?no)")]
    public void Who_stands_on_no_list_is_let_through(string check) =>
        Assert.Contains(Run($"[public]\nexten => _0ZX!,1,NoOp()\n same => n,{check}\n same => n,Dial(PJSIP/${{FILTER(0-9,${{EXTEN}})}}@trunk)\n same => n(no),Hangup(21)\n"), static finding => finding.Rule.Id == "RF1300");

    [Theory]
    [InlineData("GotoIf($[\"${BLACKLIST()}\"=\"1\"]?ok)")]
    [InlineData("GotoIf($[${DB_EXISTS(allowed/${CALLERID(num)})}]?ok)")]
    [InlineData("GotoIf($[${DB_EXISTS(allowed/${CALLERID(num)})} = 0]?no)\n same => n,Goto(ok)")]
    [InlineData("GotoIf($[\"${DB(allowed/${CALLERID(num)})}\" = \"\"]?no)\n same => n,Goto(ok)")]
    [InlineData("GotoIf($[\"${DB(door/open)}\" = \"1\"]?ok)")]
    [InlineData("GotoIf($[\"${DB(door/shut)}\" = \"1\"]?no)\n same => n,Goto(ok)")]
    [InlineData("Read(PIN,,4)\n same => n,GotoIf($[${DB_EXISTS(blocked/${PIN})}]?no)\n same => n,Goto(ok)")]
    public void Who_must_stand_on_a_list_or_types_what_is_looked_up_is_kept_out(string check) =>
        Assert.DoesNotContain(Run($"[public]\nexten => _0ZX!,1,NoOp()\n same => n,{check}\n same => n(no),Hangup(21)\n same => n(ok),Dial(PJSIP/${{FILTER(0-9,${{EXTEN}})}}@trunk)\n"), static finding => finding.Rule.Id == "RF1300");

    [Fact]
    public void Who_refuses_anonymous_callers_refuses_nobody_else()
    {
        var found = Assert.Single(Run("[public]\nexten => _0ZX!,1,GotoIf($[\"${CALLERID(num)}\" = \"anonymous\"]?no)\n same => n,Dial(PJSIP/${FILTER(0-9,${EXTEN})}@trunk)\n same => n(no),Hangup(21)\n"), finding => finding.Rule.Id == "RF1300");

        Assert.DoesNotContain("nothing keeps it", found.Fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_that_the_configuration_gives_to_a_peer_stays_a_gate() =>
        Assert.DoesNotContain(Run("[public]\nexten => _0ZX!,1,GotoIf($[\"${CALLERID(num)}\" = \"101\"]?ok)\n same => n,Hangup(21)\n same => n(ok),Dial(PJSIP/${FILTER(0-9,${EXTEN})}@trunk)\n",
            Peers.Replace("context=public", "context=public\ncallerid=Guest <999>", StringComparison.Ordinal)), finding => finding.Rule.Id == "RF1300");

    [Theory]
    [InlineData("GotoIf($[\"${CALLERID(num)}\" = \"491701234567\"]?ok)", "nothing keeps it but the caller ID 491701234567, which anybody can write", "high")]
    [InlineData("GotoIf($[\"${CALLERID(num)}\" != \"anonymous\"]?ok)", null, "critical")]
    public void A_dial_tone_for_one_caller_ID_is_told_once(string gate, string? kept, string severity)
    {
        var found = Assert.Single(Run($"[from-trunk]\nexten => 4930123,1,{gate}\n same => n,Hangup(21)\n same => n(ok),DISA(no-password,inside)\n[inside]\nexten => _00.,1,Dial(PJSIP/${{FILTER(0-9,${{EXTEN}})}}@trunk)\n"), static finding => finding.Rule.Id is "RF1301" or "RF1310");

        Assert.Equal(("RF1301", severity), (found.Rule.Id, found.Severity.ToString().ToLowerInvariant()));
        Assert.Equal(kept is not null, found.Fault.Text.Contains("nothing keeps it", StringComparison.Ordinal));
        Assert.Contains(kept ?? "", found.Fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_word_that_no_telephone_number_is_stays_a_gate_for_calls_of_a_provider() =>
        Assert.DoesNotContain(Run("[from-trunk]\nexten => 4930123,1,GotoIf($[\"${CALLERID(num)}\" = \"door\"]?ok)\n same => n,Hangup(21)\n same => n(ok),DISA(no-password,inside)\n[inside]\nexten => _00.,1,Dial(PJSIP/${FILTER(0-9,${EXTEN})}@trunk)\n"), static finding => finding.Rule.Id is "RF1301");

    [Fact]
    public void A_dial_tone_whose_caller_ID_is_given_keeps_by_it() =>
        Assert.DoesNotContain(Run("[from-trunk]\nexten => 4930123,1,DISA(no-password,inside,Desk <7>)\n[inside]\nexten => _00.,1,GotoIf($[\"${CALLERID(num)}\" = \"101\"]?ok)\n same => n,Hangup()\n same => n(ok),Dial(PJSIP/${FILTER(0-9,${EXTEN})}@trunk)\n"), static finding => finding.Rule.Id is "RF1301");

    [Theory]
    [InlineData("from-trunk", "RF1302", "a call from the provider to 4412350, with 00")]
    [InlineData("public", "RF1300", "who dials 4412350, with 0")]
    public void An_extension_that_stands_in_a_header_is_of_the_callers_choice(string context, string rule, string told)
    {
        var found = Assert.Single(Run($"[{context}]\nexten => 4412350,1,Goto(internal,${{PJSIP_HEADER(read,X-Ext)}},1)\n[internal]\nexten => _0X!,1,Dial(PJSIP/${{FILTER(0-9,${{EXTEN}})}}@trunk)\n"), finding => finding.Rule.Id == rule);

        Assert.Contains(told, found.Fault.Text, StringComparison.Ordinal);
        Assert.Contains(" in the header X-Ext", found.Fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_that_picks_a_phone_of_the_house_is_no_way_out() =>
        Assert.DoesNotContain(Run("[from-trunk]\nexten => 4412350,1,Goto(internal,${PJSIP_HEADER(read,X-Ext)},1)\n[internal]\nexten => _1XXX,1,Dial(PJSIP/${EXTEN})\n"), static finding => finding.Rule.Id is "RF1300" or "RF1301" or "RF1302");

    [Theory]
    [InlineData("GotoIf($[\"${CALLERID(num)}\" = \"101\"]?ok)", true)]
    [InlineData("GotoIf($[\"${CALLERID(name)}\" != \"anonymous\"]?ok)", true)]
    [InlineData("GotoIf($[\"${CALLERID(name)}\" = \"boss\"]?ok)", false)]
    // a):;id passes: the function sees what stands before the bracket.
    [InlineData("GotoIf($[${REGEX(\"^[a-z]+$\" ${CALLERID(name)})}]?ok)", true)]
    [InlineData("GotoIf($[\"${DB(shell/open)}\" = \"1\"]?ok)", false)]
    public void A_shell_behind_a_caller_ID_takes_the_text_of_whoever_writes_it(string gate, bool isFound) =>
        Assert.Equal(isFound, Run($"[public]\nexten => 100,1,{gate}\n same => n,Hangup()\n same => n(ok),System(echo ${{CALLERID(name)}})\n").Any(static finding => finding.Rule.Id == "RF1306"));

    [Theory]
    [InlineData("MixMonitor(${CALLERID(num)}.wav,b)", true)]
    [InlineData("MixMonitor(${CALLERID(name)}.wav,b)", true)]
    [InlineData("MixMonitor(${UNIQUEID}.wav,r(${CALLERID(num)}))", true)]
    [InlineData("Set(X=${EVAL(${CALLERID(num)})})", true)]
    [InlineData("MixMonitor(${FILTER(0-9,${CALLERID(num)})}.wav,b)", false)]
    public void A_number_that_a_provider_hands_on_may_hold_a_command(string line, bool isFound) =>
        Assert.Equal(isFound, Run($"[from-trunk]\nexten => 4930123,1,{line}\n same => n,Dial(PJSIP/1001)\n").Any(static finding => finding.Rule.Id == "RF1306"));

    [Theory]
    [InlineData("$[\"${BLACKLIST()}\"=\"1\"]?bad", true)]
    [InlineData("$[${DB_EXISTS(blacklist/${CALLERID(num)})}]?bad", true)]
    [InlineData("${DB_EXISTS(blacklist/${CALLERID(num)})}?bad", true)]
    [InlineData("$[\"${DB(blacklist/${CALLERID(num)})}\" != \"\"]?bad", true)]
    [InlineData("$[\"${DB(night/mode)}\" = \"1\"]?bad", false)]
    [InlineData("$[\"${CURL(http://x/${CALLERID(num)})}\" = \"no\"]?bad", false)]
    [InlineData("$[\"${ODBC_BLACK(${CALLERID(num)})}\" = \"1\"]?bad", true)]
    [InlineData("$[\"${CURL(http://x/${CALLERID(num)})}\" = \"spam\"]?bad", true)]
    [InlineData("$[\"${DB_EXISTS(allowed/${CALLERID(num)})}\" = \"0\"]?bad", false)]
    [InlineData("$[\"${DB(allowed/${CALLERID(num)})}\" = \"\"]?bad", false)]
    [InlineData("$[\"${DB(allowed/${CALLERID(num)})}\" != \"1\"]?bad", false)]
    [InlineData("$[\"${CURL(http://x/${CALLERID(num)})}\" != \"ok\"]?bad", false)]
    [InlineData("$[\"${CHANNEL(endpoint)}\" = \"trunk\"]?bad", false)]
    public void A_list_of_those_who_may_not_keeps_out_nobody_else(string check, bool isFound) =>
        Assert.Equal(isFound, Run($"[from-trunk]\nexten => 44,1,Answer()\n same => n,GotoIf({check})\n same => n,Goto(m,s,1)\n same => n(bad),Hangup(21)\n[m]\nexten => s,1,Background(x)\n same => n,WaitExten(5)\ninclude => calls\n[calls]\nexten => _0ZXXXXXX,1,Dial(PJSIP/${{EXTEN}}@trunk)\n").Any(static finding => finding.Rule.Id == "RF1301"));

    [Theory]
    [InlineData("_1XX", "NoOp()", "low")]
    [InlineData("_X.", "NoOp()", "high")]
    [InlineData("_X.", "GotoIf($[${DB_EXISTS(disa/${CALLERID(num)})}]?ok:no)", "medium")]
    [InlineData("_X.", "GotoIf($[\"${CALLERID(num)}\" = \"${DB(boss/nr)}\"]?ok:no)", "medium")]
    public void A_dial_tone_weighs_what_can_be_called_there_and_who_gets_it(string pattern, string gate, string severity) =>
        Assert.Equal(severity, Assert.Single(Run($"[from-trunk]\nexten => 4930123,1,{gate}\n same => n(ok),DISA(no-password,inside)\n same => n(no),Hangup()\n[inside]\nexten => {pattern},1,Dial(PJSIP/${{EXTEN}})\n"), static finding => finding.Rule.Id == "RF1310").Severity.ToString().ToLowerInvariant());

    private static IReadOnlyList<Finding> Run(string dialplan, string peers = Peers) =>
        Auditor.Run(ExampleFiles.Of(dialplan + peers, "extensions.conf").Pbx, AuditRules.All, new HashSet<string>(), TestContext.Current.CancellationToken).Findings;
}

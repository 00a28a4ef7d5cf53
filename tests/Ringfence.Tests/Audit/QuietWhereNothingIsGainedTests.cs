using Ringfence.Core.Audit;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;
using Xunit;

namespace Ringfence.Tests.Audit;

/// <summary>Where nobody gains anything, or the line says something else than was meant, the audit says less, or what can be done.</summary>
public sealed class QuietWhereNothingIsGainedTests
{
    private const string Phone = "[1001]\ntype=endpoint\nauth=1001\naors=1001\ncontext=phones\n[1001]\ntype=aor\nmax_contacts=1\n";
    private const string Trunk = "[trunk]\ntype=endpoint\ncontext=in\naors=trunk\nidentify_by=ip\n[trunk]\ntype=aor\ncontact=sip:203.0.113.10\n[trunk]\ntype=identify\nendpoint=trunk\nmatch=203.0.113.10\n";

    [Fact]
    public void A_version_that_was_only_assumed_makes_no_channel_gone()
    {
        const string Line = "[in]\nexten => 1,1,Dial(SIP/1001)\n";

        Assert.Single(Of("RF1311", ExampleFiles.Of(Line, "extensions.conf", AsteriskVersion.Assumed).Pbx));
        Assert.Empty(Of("RF1311", ExampleFiles.Of(Line, "extensions.conf").Pbx));
    }

    [Fact]
    public void Places_stand_in_the_order_of_their_lines()
    {
        var fault = Assert.Single(Of("RF1311", ExampleFiles.Of("[in]\nexten => _2X,1,Dial(SIP/1)\nexten => 1,1,Dial(SIP/1)\nexten => _1X,1,Dial(SIP/2)\n", "extensions.conf", AsteriskVersion.Assumed).Pbx));

        Assert.Equal([2, 3, 4], [fault.Place.Line, .. fault.Way.Select(static step => step.Place!.Value.Line)]);
    }

    [Theory]
    [InlineData("[settings]\n", "", false)]
    [InlineData("[settings]\nsippeers => pgsql,general,peers\n", "", true)]
    [InlineData("[settings]\nsippeers => pgsql,general,peers\n", "[modules]\nautoload=yes\nnoload => res_config_pgsql.so\n", false)]
    public void A_samples_password_is_told_where_something_reads_it(string tables, string modules, bool isTold) =>
        Assert.Equal(isTold, Of("RF1201", Pbx($";;; res_pgsql.conf\n[general]\ndbhost=192.0.2.9\ndbuser=asterisk\ndbpass=password\n;;; extconfig.conf\n{tables}{(modules.Length > 0 ? ";;; modules.conf\n" + modules : "")}")).Count == 1);

    [Theory]
    [InlineData("exten => 1,1,Dial(PJSIP/1001)", nameof(Severity.Medium))]
    [InlineData("exten => _X.,1,Dial(PJSIP/${EXTEN}@trunk)", null)]
    public void An_endpoint_without_a_password_is_as_bad_as_what_its_context_reaches(string line, string? severity) =>
        Assert.Equal(severity, Assert.Single(Of("RF1006", Pbx($"[door]\ntype=endpoint\ncontext=public\n{Phone}{Trunk};;; extensions.conf\n[public]\n{line}\n[phones]\nexten => 1,1,Hangup()\n[in]\nexten => 2,1,Hangup()\n"))).Severity?.ToString());

    [Theory]
    [InlineData("phones", nameof(Severity.Info))]
    [InlineData("in", null)]
    public void A_pattern_that_takes_all_is_a_note_where_only_phones_come_to_it(string context, string? severity) =>
        Assert.Equal(severity, Assert.Single(Of("RF1307", Pbx($"{Phone}{Trunk};;; extensions.conf\n[{context}]\nexten => _.,1,Dial(PJSIP/1001)\n"))).Severity?.ToString());

    [Fact]
    public void AELs_switch_is_told_by_what_it_does_and_can_be_mended()
    {
        const string Switch = "{ switch (${EXTEN:0:4}) { case 0900: Hangup(21); break; default: Dial(PJSIP/${FILTER(0-9,${EXTEN})}@trunk,60); }; };";
        var fault = Assert.Single(Of("RF1325", Pbx($"{Phone}{Trunk};;; extensions.ael\ncontext phones {{ _0ZXXXX! => {Switch} }};\n")));

        Assert.Contains("AEL's switch", fault.Text, StringComparison.Ordinal);
        Assert.Contains("FILTER(0-9,${EXTEN})", fault.Mend!.Text, StringComparison.Ordinal);
        Assert.Empty(Of("RF1325", Pbx($"{Phone}{Trunk};;; extensions.ael\ncontext phones {{ _0ZXXXX! => Goto(checked,${{FILTER(0-9,${{EXTEN}})}},1); }};\ncontext checked {{ _0ZXXXX! => {Switch} }};\n")));
        Assert.Empty(Of("RF1325", Pbx($"{Phone}{Trunk};;; extensions.ael\ncontext phones {{ _0ZXXXX => {Switch} }};\n")));
    }

    private static PbxSnapshot Pbx(string files) => ExampleFiles.Of(files, "pjsip.conf", AsteriskVersion.Assumed).Pbx;

    private static List<Fault> Of(string rule, PbxSnapshot pbx) => [.. AuditRules.All.Single(one => one.Id == rule).Check(pbx)];
}

using Ringfence.Core.Audit;
using Xunit;

namespace Ringfence.Tests.Audit;

public sealed class ResolvedInjectionTests
{
    // As FreePBX asks on its way to a trunk for names, recordings and languages.
    [Fact]
    public void What_is_dialled_goes_into_Dial_whatever_the_conditions_before_it_decide() =>
        Assert.Contains(Run("ExecIf($[\"${CALLERID(name)}\" = \"hidden\"]?Set(A=1):Set(A=2))"), static finding => finding.Rule.Id == "RF1305");

    [Fact]
    public void What_is_dialled_behind_a_flag_that_was_not_read_is_not_told() =>
        Assert.DoesNotContain(Run("ExecIf($[\"${DB(user/name)}\" != \"\"]?Set(A=1):Set(A=2))\n same => n,GotoIf($[\"${DB(out/open)}\" != \"1\"]?no)"), static finding => finding.Rule.Id == "RF1305");

    private static IReadOnlyList<Finding> Run(string lines) =>
        Auditor.Run(ExampleFiles.Of($"[phones]\nexten => _0.,1,NoOp()\n same => n,{lines}\n same => n,Dial(PJSIP/${{EXTEN}}@trunk)\n same => n(no),Hangup()\n;;; pjsip.conf\n[1001]\ntype=endpoint\ncontext=phones\n", "extensions.conf").Pbx, AuditRules.All, new HashSet<string>(), TestContext.Current.CancellationToken).Findings;
}

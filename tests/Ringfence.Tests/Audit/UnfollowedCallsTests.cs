using Ringfence.Core.Audit;
using Xunit;

namespace Ringfence.Tests.Audit;

public sealed class UnfollowedCallsTests
{
    [Theory]
    [InlineData("anonymous", "Dial(${SPRINTF(PJSIP/%s@trunk,${EXTEN})})", "where some calls of strangers in context in go was not to be known, at extensions.conf:2")]
    [InlineData("anonymous", "Dial(${DIALGROUP(g)})", "where some calls of strangers in context in go was not to be known, at extensions.conf:2")]
    [InlineData("trunk", "AGI(route.php)", "where some calls of callers from outside in context in go was not to be known, at extensions.conf:2")]
    [InlineData("anonymous", "GotoIf($[\"${INC(i)}\" != \"1\"]?no)\n same => n,Dial(PJSIP/${FILTER(0-9,${EXTEN})}@trunk)\n same => n(no),Hangup()", "calls of strangers in context in reach a trunk at extensions.conf:3, if what was not to be known at extensions.conf:2 is so")]
    [InlineData("anonymous", "Dial(Local/5@w/n,9,G(hook^${FILTER(0-9,${EXTEN})}^1))\n[w]\nexten => 5,1,Answer()\n same => n,Wait(1)\n[hook]\nexten => _X.,1,NoOp()\n same => n,Dial(PJSIP/${EXTEN}@trunk)", "calls of strangers in context in reach a trunk at extensions.conf:8, if the call is answered at extensions.conf:2:")]
    public void Where_calls_from_outside_go_on_and_it_is_not_known_is_told_once(string endpoint, string line, string told) =>
        Assert.StartsWith(told, Assert.Single(Notes(endpoint, line)), StringComparison.Ordinal);

    [Theory]
    [InlineData("anonymous", "Dial(PJSIP/1001)")]
    [InlineData("anonymous", "GotoIf($[\"${DB(night/on)}\" = \"1\"]?no)\n same => n,Dial(PJSIP/1001)\n same => n(no),Hangup()")]
    [InlineData("1001", "GotoIf($[\"${DB(out/open)}\" != \"1\"]?no)\n same => n,Dial(PJSIP/${FILTER(0-9,${EXTEN})}@trunk)\n same => n(no),Hangup()")]
    public void Calls_that_stay_in_the_house_need_no_note(string endpoint, string line) => Assert.Empty(Notes(endpoint, line));

    private static IReadOnlyList<string> Notes(string endpoint, string line) =>
        Auditor.Run(ExampleFiles.Of($"[in]\nexten => _X.,1,{line}\n;;; pjsip.conf\n[{endpoint}]\ntype=endpoint\ncontext=in\n{(endpoint == "trunk" ? "" : "[trunk]\ntype=endpoint\ncontext=nowhere\n")}aors=trunk\n[trunk]\ntype=aor\ncontact=sip:203.0.113.10\n[trunk]\ntype=identify\nendpoint=trunk\nmatch=203.0.113.10\n", "extensions.conf").Pbx,
            AuditRules.All, new HashSet<string>(), TestContext.Current.CancellationToken).Notes;
}

using Ringfence.Core.Dialplan;
using Xunit;

namespace Ringfence.Tests.Dialplan;

public sealed class PlanTraceTests
{
    [Fact]
    public void A_call_is_told_step_by_step_with_what_fitted_and_what_included_it()
    {
        var plan = PlanTests.Read("""
            [phones]
            include => out
            exten => _1XXX,1,Dial(PJSIP/${EXTEN})
            [out]
            exten => _9.,1,Set(NUMBER=${EXTEN:1})
             same => n,GotoIfTime(9:00-17:00,mon-fri,*,*?open)
             same => n,Hangup()
             same => n(open),Goto(trunk,${NUMBER},1)
            [trunk]
            exten => _X.,1,Dial(PJSIP/${EXTEN}@trunk)
            """);

        var trace = PlanTrace.Of(plan, "phones", "9123", static (_, resource) => resource == "trunk" ? ExitKind.Trunk : ExitKind.Phone);

        Assert.Equal(2, trace.Ways.Count);
        var open = trace.Ways.Single(static way => way[^1].Step.Priority.Is("Dial"));
        Assert.Equal(["out 9123 _9. 1", "out 9123 _9. 2", "out 9123 _9. 4", "trunk 123 _X. 1"], open.Select(static step => $"{step.Step.Context} {step.Number} {step.Step.Extension} {step.Step.Priority.Number}"));
        Assert.Equal(["out"], open[0].Step.Via);
        Assert.Equal("the time is 9:00-17:00,mon-fri,*,*", Assert.Single(open[2].Assumptions).Text);
        Assert.Equal("123", Assert.Single(trace.Reach.Exits).Sent());
    }

    [Fact]
    public void A_number_that_fits_nothing_has_no_way()
    {
        var trace = PlanTrace.Of(PlanTests.Read("[phones]\nexten => 1,1,Hangup()"), "phones", "2", static (_, _) => ExitKind.Unknown);

        Assert.Empty(trace.Ways);
        Assert.True(trace.IsWhole);
    }

    [Fact]
    public void What_a_call_makes_when_it_has_ended_is_told()
    {
        var trace = PlanTrace.Of(PlanTests.Read("[a]\nexten => 1,1,Hangup()\nexten => h,1,Originate(PJSIP/9@trunk,exten,b,5,1)\n[b]\nexten => 5,1,NoOp()"), "a", "1", static (_, _) => ExitKind.Trunk);

        Assert.Contains(trace.Ways, static way => way[^1].Step.Context == "b");
    }
}

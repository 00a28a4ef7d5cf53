using Ringfence.Core.Dialplan;
using Xunit;

namespace Ringfence.Tests.Dialplan;

/// <summary>What a real Asterisk 22 did with the same lines.</summary>
public sealed class MeasuredCallsTests
{
    [Theory]
    [InlineData("StoreDTMF(RX,num,12)\n same => n,Wait(9)")]
    [InlineData("ReceiveMF(num,20)")]
    [InlineData("ReceiveSF(num,4)")]
    public void What_is_typed_into_a_variable_is_dialled(string line)
    {
        var exit = Assert.Single(Reach($"[in]\nexten => _X.,1,{line}\n same => n,GotoIf($[\"${{num}}\" = \"\"]?no)\n same => n,Dial(PJSIP/${{num}}@trunk)\n same => n(no),Hangup()\n").Trunks());

        Assert.Equal((true, true), (exit.IsCertain, exit.IsTyped));
    }

    [Fact]
    public void A_call_of_Originate_holds_the_variables_that_it_is_given()
    {
        var exit = Assert.Single(Reach("[in]\nexten => _X.,1,Originate(Local/5@w,exten,hook,1,1,,v(q=${EXTEN}^z=1))\n[w]\nexten => 5,1,Wait(9)\n[hook]\nexten => 1,1,Dial(PJSIP/${q}${z}@trunk)\n").Trunks());

        Assert.Equal("001", exit.Sent());
    }

    [Theory]
    [InlineData("Set( a = 1)")]
    [InlineData("Set(a =1)")]
    [InlineData("MSet(b=2, a=1)")]
    public void A_blank_is_part_of_the_name_that_Set_gives_a_value(string line) =>
        Assert.DoesNotContain(Reach($"[in]\nexten => _X.,1,{line}\n same => n,GotoIf($[\"${{a}}\" = \"1\"]?out)\n same => n,Hangup()\n same => n(out),Dial(PJSIP/${{EXTEN}}@trunk)\n").Trunks(), static exit => exit.Assumptions.All(static assumption => assumption.Kind != AssumptionKind.Program));

    [Fact]
    public void Behind_an_application_that_may_not_exist_nothing_is_certain()
    {
        var exit = Assert.Single(Reach("[in]\nexten => _X.,1,NoSuchApp()\n same => n,Dial(PJSIP/${EXTEN}@trunk)\n").Trunks());

        Assert.False(exit.IsCertain);
    }

    [Theory]
    [InlineData("Set(GOTO_ON_BLINDXFR=hook^${EXTEN}^1)")]
    [InlineData("Set(FORWARD_CONTEXT=hook)")]
    [InlineData("Set(X=${PERIODIC_HOOK(hook,${EXTEN},5)})")]
    public void Where_a_call_goes_later_is_told_as_not_known(string line) =>
        Assert.NotEmpty(Reach($"[in]\nexten => _X.,1,{line}\n same => n,Dial(PJSIP/1001,,T)\n[hook]\nexten => 1,1,NoOp()\n").Unknowns);

    private static PlanReach Reach(string text) =>
        PlanReach.From(PlanTests.Read(text), new PlanEntry("in", Languages.Dialled), static (_, resource) => resource == "trunk" ? ExitKind.Trunk : ExitKind.Phone);
}

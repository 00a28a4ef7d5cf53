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

    // A line is taken apart when its variables are put in already.
    [Theory]
    [InlineData("Set(v=out,1,1)\n same => n,Goto(${v})")]
    [InlineData("Set(v=out,1,1(x))\n same => n,Gosub(${v})")]
    [InlineData("Set(v=1(x,y))\n same => n,Gosub(out,1,${v})")]
    [InlineData("Set(v=out,1,1(x))\n same => n,GosubIf(1?${v})")]
    [InlineData("Set(v=1?o)\n same => n,GotoIf(${v})\n same => n,Hangup()\n same => n(o),Goto(out,1,1)")]
    [InlineData("Set(v=1?Gosub(out,1,1(x)))\n same => n,ExecIf(${v})")]
    [InlineData("Set(v=B(out^1^1))\n same => n,Dial(Local/9@fail,1,${v})")]
    [InlineData("Set(v=^1^1)\n same => n,Dial(Local/9@fail,1,B(out${v}))")]
    [InlineData("Dial(Local/9@fail,1,${IF(1?B(out^1^1))})")]
    [InlineData("Set(i=0)\n same => n,Set(v=i=1)\n same => n,Set(${v})\n same => n,GotoIf($[${i} = 1]?o)\n same => n,Hangup()\n same => n(o),Goto(out,1,1)")]
    [InlineData("Set(i=0)\n same => n,Set(v=1,i=1)\n same => n,MSet(a=${v})\n same => n,GotoIf($[${i} = 1]?o)\n same => n,Hangup()\n same => n(o),Goto(out,1,1)")]
    public void Separators_in_a_variable_take_a_line_apart(string lines) =>
        Assert.NotEmpty(Reach($"[in]\nexten => _X.,1,{lines}\n[out]\nexten => 1,1,Dial(PJSIP/5@trunk)\n").Trunks());

    [Theory]
    [InlineData("Set(CHANNEL=0)\n same => n,GotoIf($[\"${CHANNEL}\" = \"0\"]?x)")]
    [InlineData("Set(UNIQUEID=0)\n same => n,GotoIf($[\"${UNIQUEID}\" = \"0\"]?x)")]
    [InlineData("Set(EPOCH=0)\n same => n,GotoIf($[\"${EPOCH}\" = \"0\"]?x)")]
    [InlineData("Set(DIALSTATUS=x)\n same => n,Dial(PJSIP/1001,1)\n same => n,GotoIf($[\"${DIALSTATUS}\" = \"x\"]?x)")]
    public void What_Asterisk_sets_itself_is_not_what_a_line_set(string lines) =>
        Assert.NotEmpty(Reach($"[in]\nexten => _X.,1,{lines}\n same => n,Dial(PJSIP/5@trunk)\n same => n(x),Hangup()\n").Trunks());

    [Fact]
    public void Options_out_of_a_global_count()
    {
        var reach = Reach("[globals]\nDIAL_OPTIONS=HhTtr\n[in]\nexten => _X.,1,Dial(PJSIP/1001,,${DIAL_OPTIONS})\nexten => _9.,1,Dial(PJSIP/${EXTEN}@trunk)\n");

        Assert.NotEmpty(reach.Trunks());
    }

    private static PlanReach Reach(string text) =>
        PlanReach.From(PlanTests.Read(text), new PlanEntry("in", Languages.Dialled), static (_, resource) => resource == "trunk" ? ExitKind.Trunk : ExitKind.Phone);
}

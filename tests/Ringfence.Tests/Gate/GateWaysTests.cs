using Ringfence.Core.Audit;
using Ringfence.Core.Configuration;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Gate;
using Ringfence.Core.Numbers;
using Ringfence.Core.Pbx;
using Ringfence.Tests.Audit;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>Where calls leave past the gate, with the gate's dialplan as it is printed.</summary>
public sealed class GateWaysTests
{
    private const string Peers = """

        ;;; pjsip.conf
        [1001]
        type = endpoint
        context = phones
        [trunk]
        type = endpoint
        context = from-trunk
        aors = trunk
        [trunk]
        type = aor
        contact = sip:203.0.113.10
        [trunk]
        type = identify
        endpoint = trunk
        match = 203.0.113.10
        """;

    private static readonly DiallingRules Rules = new(NumberPlans.BuiltIn.Of("DE")!, ["0"]);

    private static readonly GateSettings Settings = new() { Listen = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, GateSettings.DefaultPort), Emergency = ["5555"] };

    private static readonly string Printed = GateDialplan.Text(Settings, Settings.Listen!.ToString(), Rules, NumberPlans.BuiltIn, freePbx: false);

    [Theory]
    // As docs/gate.md has it; the second trunk is called where the first is busy.
    [InlineData("exten => _0X.,1,Set(RINGFENCE_NUMBER=${EXTEN:1})\n same => n,Gosub(ringfence-gate,s,1(trunk))\n same => n,Dial(PJSIP/${FILTER(0-9*#+,${RINGFENCE_NUMBER})}@trunk)\n same => n,Dial(PJSIP/${EXTEN:1}@trunk)")]
    [InlineData("exten => _0X.,1,Gosub(out,s,1(${EXTEN:1}))\n same => n,Hangup()\n[out]\nexten => s,1,Set(RINGFENCE_NUMBER=${ARG1})\n same => n,Gosub(ringfence-gate,s,1(trunk))\n same => n,Dial(PJSIP/${ARG1}@trunk)")]
    [InlineData("exten => _0X.,1,Dial(Local/${EXTEN:1}@out)\n[out]\nexten => _X.,1,Set(RINGFENCE_NUMBER=${EXTEN})\n same => n,Gosub(ringfence-gate,s,1(trunk))\n same => n,Dial(PJSIP/${EXTEN}@trunk)")]
    // The same number, written otherwise: asked about with the digit for an outside line.
    [InlineData("exten => _0ZX.,1,Set(RINGFENCE_NUMBER=${EXTEN})\n same => n,Gosub(ringfence-gate,s,1(trunk))\n same => n,Dial(PJSIP/${EXTEN:1}@trunk)")]
    [InlineData("exten => _0X.,1,Set(RINGFENCE_NUMBER=${EXTEN:1})\n same => n,Gosub(ringfence-gate,s,1(trunk))\n same => n,Dial(PJSIP/trunk/sip:${RINGFENCE_NUMBER}@203.0.113.10)\n same => n,Set(N=${FILTER(0-9,${EXTEN})})\n same => n,Dial(PJSIP/${N:1}@trunk)")]
    // Emergency calls, with the digit for an outside line or without it, and [gate]'s own.
    [InlineData("exten => 112,1,Dial(PJSIP/112@trunk)\nexten => _11[02],1,Dial(PJSIP/${EXTEN}@trunk)\nexten => 0112,1,Dial(PJSIP/${EXTEN:1}@trunk)\nexten => 5555,1,Dial(PJSIP/${EXTEN}@trunk)")]
    [InlineData("exten => _1XXX,1,Dial(PJSIP/${EXTEN},20)\nexten => 9,1,VoiceMailMain()\nexten => _*X.,1,Hangup()")]
    // Who calls a phone and transfers himself comes to the gate all the same.
    [InlineData("exten => 1001,1,Dial(PJSIP/1001,20,T)\nexten => _0X.,1,Set(RINGFENCE_NUMBER=${EXTEN})\n same => n,Gosub(ringfence-gate,s,1(trunk))\n same => n,Dial(PJSIP/${EXTEN}@trunk)")]
    public void A_call_that_was_asked_about_or_need_not_be_is_not_told(string lines) => Assert.Empty(Ways(lines).Ways);

    [Theory]
    [InlineData("exten => _0X.,1,Dial(PJSIP/${EXTEN:1}@trunk)", "dials 00044")]
    [InlineData("exten => _0X.,1,Set(RINGFENCE_NUMBER=${EXTEN})\n same => n,GotoIf($[${LEN(${EXTEN})} > 8]?go)\n same => n,Gosub(ringfence-gate,s,1(trunk))\n same => n(go),Dial(PJSIP/${EXTEN}@trunk)", "calls 0044")]
    [InlineData("exten => _0X.,1,Set(RINGFENCE_NUMBER=${EXTEN})\n same => n,GotoIfTime(8:00-18:00,mon-fri,*,*?go)\n same => n,Gosub(ringfence-gate,s,1(trunk))\n same => n(go),Dial(PJSIP/${EXTEN}@trunk)", "calls 0044")]
    // 1102 is no emergency call.
    [InlineData("exten => _1XXX,1,Dial(PJSIP/${EXTEN}@trunk)", "calls 1")]
    [InlineData("exten => _0X.,1,Dial(Local/${EXTEN}@out/n)\n[out]\nexten => _X.,1,Dial(PJSIP/${EXTEN}@trunk)", "calls 0044")]
    [InlineData("exten => _0X.,1,Originate(PJSIP/${EXTEN}@trunk,exten,phones,1001,1)", "calls 0044")]
    // Asked about another number than is called.
    [InlineData("exten => _7X.,1,Set(RINGFENCE_NUMBER=0301234567)\n same => n,Gosub(ringfence-gate,s,1(trunk))\n same => n,Dial(PJSIP/${EXTEN:1}@trunk)", "the gate was asked about 0301234567")]
    [InlineData("exten => _1X.,1,Set(RINGFENCE_NUMBER=${EXTEN})\n same => n,Gosub(ringfence-gate,s,1(trunk))\n same => n,Dial(PJSIP/${EXTEN:1}@trunk)", "the gate was asked about 1")]
    [InlineData("exten => _0X.,1,Set(RINGFENCE_NUMBER=${EXTEN})\n same => n,Gosub(ringfence-gate,s,1(trunk))\n same => n,Dial(PJSIP/${EXTEN}99@trunk)", "the gate was asked about 0")]
    // A phone's extension that goes on in an included context, a member of a queue that a line adds, a call that another channel makes, and the end of a TryExec that failed.
    [InlineData("exten => 1001,1,Dial(PJSIP/1001,20)\ninclude => more\n[more]\nexten => 1001,2,Read(N)\n same => n,Dial(PJSIP/${N}@trunk)", "then types 0044")]
    [InlineData("exten => _0X.,1,AddQueueMember(sales,PJSIP/${EXTEN}@trunk)", "calls 0044")]
    [InlineData("exten => _0X.,1,Originate(PJSIP/1001,app,Dial,PJSIP/${EXTEN}@trunk)", "calls 0044")]
    [InlineData("exten => _0X.,1,Set(CB=${EXTEN})\n same => n,Hangup()\nexten => h,1,GotoIf($[\"${CB}\" = \"\"]?end)\n same => n,Originate(PJSIP/${CB}@trunk,app,Wait,9)\n same => n(end),NoOp()", "calls 0044")]
    // Who transfers by REFER needs no option of Dial.
    [InlineData("exten => _3XX,1,Set(__TRANSFER_CONTEXT=xfer)\n same => n,Dial(PJSIP/1001,20)\n[xfer]\nexten => _0X.,1,Dial(PJSIP/${EXTEN:1}@trunk)", "then types 00044")]
    [InlineData("exten => _3XX,1,Dial(PJSIP/1001,20)\n[globals]\nTRANSFER_CONTEXT=xfer\n[xfer]\nexten => _0X.,1,Dial(PJSIP/${EXTEN:1}@trunk)", "who transfers a call in context xfer that dials 00044")]
    // Asked about once, and then another number is typed.
    [InlineData("exten => _0X.,1,Set(RINGFENCE_NUMBER=${EXTEN})\n same => n,Gosub(ringfence-gate,s,1(trunk))\n same => n,Read(other)\n same => n,Dial(PJSIP/${other}@trunk)", "then types 0044")]
    [InlineData("exten => 8,1,DISA(no-password,out)\n[out]\nexten => _X.,1,Dial(PJSIP/${EXTEN}@trunk)", "then types 0044")]
    [InlineData("exten => 1001,1,Dial(PJSIP/1001,20,T)\n same => n,Hangup()\nexten => 7,1,Set(TRANSFER_CONTEXT=out)\n same => n,Dial(PJSIP/1001,20,T)\n[out]\nexten => _X.,1,Dial(PJSIP/${EXTEN}@trunk)", "then types 0044")]
    public void A_call_that_leaves_unasked_is_told_with_its_line_and_a_number(string lines, string told)
    {
        var way = Assert.Single(Ways(lines).Ways);

        Assert.Equal(GateWayKind.Open, way.Kind);
        Assert.Contains(told, PastGate.Told(way, Pbx(lines)).Text, StringComparison.Ordinal);
        Assert.Contains("trunk", Line(lines, way.Exit.Place.Line), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exten => 700,1,Dial(PJSIP/4930123456@trunk)", GateWayKind.Fixed)]
    [InlineData("exten => _0X.,1,GotoIf($[\"${DB(gate/off)}\" = \"1\"]?go)\n same => n,Set(RINGFENCE_NUMBER=${EXTEN})\n same => n,Gosub(ringfence-gate,s,1(trunk))\n same => n(go),Dial(PJSIP/${EXTEN}@trunk)", GateWayKind.Perhaps)]
    [InlineData("exten => _0X.,1,Dial(PJSIP/${EXTEN}@${DB(which/trunk)})", GateWayKind.Unknown)]
    // A gateway that registers as a phone does.
    [InlineData("exten => _0X.,1,Dial(PJSIP/${EXTEN}@1001)", GateWayKind.Unknown)]
    // Something before what was asked about may be the carrier's, or another country.
    [InlineData("exten => _7X.,1,Set(RINGFENCE_NUMBER=${EXTEN:1})\n same => n,Gosub(ringfence-gate,s,1(trunk))\n same => n,Dial(PJSIP/00${EXTEN:1}@trunk)", GateWayKind.Perhaps)]
    [InlineData("exten => _0X.,1,Set(RINGFENCE_NUMBER=${DB(a/b)})\n same => n,Gosub(ringfence-gate,s,1(trunk))\n same => n,Dial(PJSIP/${EXTEN:1}@trunk)", GateWayKind.Perhaps)]
    [InlineData("exten => _1X,1,Hangup()\n[from-trunk]\nexten => _4930X.,1,Dial(PJSIP/${EXTEN}@trunk)", GateWayKind.Fixed)]
    public void What_is_not_certain_or_no_callers_choice_is_told_as_such(string lines, object kind) => Assert.Equal((GateWayKind)kind, Assert.Single(Ways(lines).Ways).Kind);

    [Theory]
    [InlineData("branch", "trunk", true)]
    [InlineData("trunk", "trunk", false)]
    [InlineData("branch", "branch", false)]
    [InlineData("", "trunk", false)]
    public void A_call_that_the_gate_is_told_stays_inside_and_that_leaves_is_told(string named, string called, bool isTold)
    {
        var lines = $"exten => _0X.,1,Set(RINGFENCE_NUMBER=${{EXTEN:1}})\n same => n,Gosub(ringfence-gate,s,1({named}))\n same => n,Dial(PJSIP/${{FILTER(0-9*#+,${{RINGFENCE_NUMBER}})}}@{called})";

        var ways = GateWays.Of(Pbx(lines), [], (asked, dialled) => GateDialplan.IsSame(asked, dialled, Rules, NumberPlans.BuiltIn), static trunk => trunk == "branch").Ways;

        Assert.Equal(isTold ? [GateWayKind.Open] : [], ways.Select(static way => way.Kind));
    }

    [Fact]
    public void The_mend_has_the_number_as_the_line_sends_it()
    {
        const string Lines = "exten => _0X.,1,Dial(PJSIP/${EXTEN:1}@trunk,60)";

        Assert.Equal("before this line: same => n,Set(RINGFENCE_NUMBER=${EXTEN:1}) and same => n,Gosub(ringfence-gate,s,1(trunk))", PastGate.Told(Assert.Single(Ways(Lines).Ways), Pbx(Lines)).Mend!.Text);
    }

    [Theory]
    [InlineData("exten => _1X.,1,TryExec(Dial(PJSIP/${EXTEN:1}@trunk))")]
    [InlineData("exten => _0X.,1,Set(Q=PJSIP/${EXTEN:2}@trunk)\n same => n,Dial(${Q})")]
    [InlineData("exten => _0X.,1,Page(PJSIP/${EXTEN:1}@trunk)")]
    [InlineData("exten => _0X.,1,Dial(PJSIP/1001&PJSIP/${EXTEN:2}@trunk)")]
    [InlineData("exten => _0X.,1,Dial(PJSIP/trunk/sip:${EXTEN:1}@10.0.0.1)")]
    [InlineData("exten => _0X.,1,Dial(PJSIP/${FILTER(0-9*#+,${RINGFENCE_NUMBER})}@trunk)")]
    public void Where_the_line_does_not_say_the_number_the_mend_gives_none(string lines) =>
        Assert.All(Ways(lines).Ways, way => Assert.DoesNotContain($"Set({GateWays.Number}", PastGate.Told(way, Pbx(lines)).Mend!.Text, StringComparison.Ordinal));

    [Fact]
    public void A_context_of_transfers_that_was_not_to_be_known_is_told() =>
        Assert.Contains("TRANSFER_CONTEXT", Assert.Single(Ways("exten => _3XX,1,Set(__TRANSFER_CONTEXT=${DB(a/b)})\n same => n,Dial(PJSIP/1001,20)").Unknowns).Text, StringComparison.Ordinal);

    [Fact]
    public void What_was_not_followed_is_told_but_not_the_gates_own_AGI()
    {
        Assert.Empty(Ways("exten => _0X.,1,Set(RINGFENCE_NUMBER=${EXTEN})\n same => n,Gosub(ringfence-gate,s,1(trunk))").Unknowns);
        Assert.Contains("Stasis", Assert.Single(Ways("exten => _0X.,1,Stasis(app)").Unknowns).Text, StringComparison.Ordinal);
    }

    private static string Line(string lines, int number) => lines.Split('\n')[number - Printed.Split('\n').Length - 2];

    private static GateWays Ways(string lines) => GateWays.Of(Pbx(lines), GateDialplan.EmergencyNumbers(Settings, Rules), (asked, called) => GateDialplan.IsSame(asked, called, Rules, NumberPlans.BuiltIn));

    private static PbxSnapshot Pbx(string lines) => ExampleFiles.Of($"{Printed}\n[phones]\n{lines}\n{Peers}", "extensions.conf").Pbx;
}

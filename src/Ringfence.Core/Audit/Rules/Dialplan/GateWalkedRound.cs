using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>There is a gate, and a way past it.</summary>
internal static class GateWalkedRound
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1330",
        Name = "way-past-the-gate",
        Severity = Severity.Medium,
        Why = "Calls are asked about by Gosub(ringfence-gate,...) before they leave, and here one leaves that was not: the limits on money, countries and hours hold back what goes through the gate alone, and a thief looks for the other way.",
        Fix = "Put Gosub(ringfence-gate,s,1(TRUNK)) before each Dial to a trunk, with the number in RINGFENCE_NUMBER; ringfence calls gate --check says where, also of ways that are not certain.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => _0X.,1,Set(RINGFENCE_NUMBER=${EXTEN:1})
             same => n,Gosub(ringfence-gate,s,1(trunk))
             same => n,Dial(PJSIP/${FILTER(0-9*#+,${RINGFENCE_NUMBER})}@trunk)
            exten => _9X.,1,Dial(PJSIP/${FILTER(0-9,${EXTEN:1})}@trunk) ; here
            """ + Gate + ExamplePeers.PhoneAndTrunk,
        Good = """
            [phones]
            exten => 112,1,Dial(PJSIP/112@trunk)
            exten => 0112,1,Dial(PJSIP/${EXTEN:1}@trunk)
            exten => 700,1,Dial(PJSIP/4930123456@trunk)
            exten => _0X.,1,Set(RINGFENCE_NUMBER=${EXTEN:1})
             same => n,Gosub(ringfence-gate,s,1(trunk))
             same => n,Dial(PJSIP/${FILTER(0-9*#+,${RINGFENCE_NUMBER})}@trunk)
             same => n,Dial(PJSIP/${FILTER(0-9*#+,${RINGFENCE_NUMBER})}@trunk)
            exten => _1XXX,1,Dial(PJSIP/${EXTEN})
            """ + Gate + ExamplePeers.PhoneAndTrunk,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Applications/Gosub/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    // As it is printed, in short.
    private const string Gate = """

        [ringfence-gate]
        exten => s,1,GotoIf(${DIALPLAN_EXISTS(ringfence-emergency,${RINGFENCE_NUMBER},1)}?leave)
         same => n,AGI(agi://127.0.0.1:4573/gate)
         same => n,GotoIf($["${RINGFENCE_VERDICT}" = "allow"]?leave)
         same => n,Hangup(21)
         same => n(leave),Return()
        [ringfence-emergency]
        exten => 112,1,NoOp()
        exten => 0112,1,NoOp()
        """;

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => Plan.Of(pbx)[GateWays.Gate] is null ? []
        : GateWays.Of(pbx, []).Ways.Where(static way => way.Kind == GateWayKind.Open).Select(way => PastGate.Told(way, pbx));
}

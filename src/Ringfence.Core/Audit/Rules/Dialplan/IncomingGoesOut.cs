using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>What comes in from a trunk goes out by a trunk.</summary>
internal static class IncomingGoesOut
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1302",
        Name = "incoming-goes-out",
        Severity = Severity.High,
        Why = "Calls from the provider come into a context that holds outside lines: whoever makes the provider, or something that passes for it (SIP over UDP can be forged), deliver a number that fits calls out at your cost.",
        Fix = "Let trunks call into a context that holds your own numbers alone, and includes no outside lines.",
        ExampleFile = "extensions.conf",
        Bad = """
            [from-trunk]
            exten => 4930123,1,Dial(PJSIP/1001)
            include => out
            [out]
            exten => _00.,1,Dial(PJSIP/${EXTEN}@trunk)
            ;;; pjsip.conf
            [trunk]
            type = endpoint
            context = from-trunk ; here
            aors = trunk
            [trunk]
            type = aor
            contact = sip:203.0.113.10
            [trunk]
            type = identify
            endpoint = trunk
            match = 203.0.113.10
            """,
        Good = """
            [from-trunk]
            exten => 4930123,1,Dial(PJSIP/1001)
            exten => 4930124,1,Dial(PJSIP/00493099@trunk)
            exten => _3XXX,1,Dial(PJSIP/+4930555${EXTEN}@trunk)
            [out]
            exten => _00.,1,Dial(PJSIP/${EXTEN}@trunk)
            """ + ExamplePeers.Trunk,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Dialplan/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from way in OpenWays.Delivered(CallEntries.Of(pbx))
        let exit = way.Exit
        select new Fault(way.Entry.Place, $"context {Shown.Text(way.Entry.Context)}",
            $"a call from the provider to {Shown.Text(exit.Witness()[0])}{ToldCall.With(exit)} goes out again by {Shown.Text(exit.Resource ?? exit.Technology)}, to {Shown.Text(exit.Sent() ?? "a number")}{ToldCall.Kept(way.Shows)}")
        {
            Way = ToldCall.Way(exit.Way),
        };
}

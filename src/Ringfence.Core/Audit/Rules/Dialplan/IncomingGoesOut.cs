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
            [out]
            exten => _00.,1,Dial(PJSIP/${EXTEN}@trunk)
            """ + ExamplePeers.Trunk,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Dialplan/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from entry in CallEntries.Of(pbx).Incoming()
        let ways = CallEntries.Of(pbx).Reach(entry.Context).Trunks(CallEntries.Of(pbx).International)
            .Where(static exit => exit.IsCertain && exit.Inputs.Length == 1 && exit.Number.Inputs.Count > 0 && exit.Brakes.All(static brake => brake.Kind == BrakeKind.TimeLimit)).ToList()
        where ways.Count > 0
        select new Fault(entry.Place, $"context {Shown.Text(entry.Context)}",
            $"a call from the provider to {Shown.Text(ways[0].Witness()[0])} goes out again by {Shown.Text(ways[0].Resource ?? ways[0].Technology)}, to {Shown.Text(ways[0].Sent() ?? "a number")}")
        {
            Way = ToldCall.Way(ways[0].Way),
        };
}

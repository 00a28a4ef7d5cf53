using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>Callers from outside reach a trunk by what they type.</summary>
internal static class CallersTypeThemselvesOut
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1301",
        Name = "callers-type-themselves-out",
        Severity = Severity.Critical,
        Why = "A caller from outside hears a prompt (a menu, DISA, voicemail) and reaches an outside line from there by typing, without a secret: the call that follows is paid by you.",
        Fix = "Let the menu stand in a context that includes nothing but what callers may choose; put Authenticate, or DISA with a password, before every outside line.",
        ExampleFile = "extensions.conf",
        Bad = """
            [from-trunk]
            exten => 4930123,1,Answer()
             same => n,Background(welcome)
             same => n,WaitExten(5)
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
            exten => 4930123,1,Answer()
             same => n,Background(welcome)
             same => n,WaitExten(5)
            exten => 1,1,Dial(PJSIP/1001)
            [out]
            exten => _00.,1,Dial(PJSIP/${EXTEN}@trunk)
            """ + ExamplePeers.Trunk,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Dialplan/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from entry in CallEntries.Of(pbx).Incoming()
        let ways = CallEntries.Of(pbx).Reach(entry.Context).Trunks()
            .Where(static exit => exit.IsCertain && exit.Inputs.Length > 1 && exit.Brakes.All(static brake => brake.Kind == BrakeKind.TimeLimit) && exit.Number.Inputs.Any(input => exit.Order[input] > 0)).ToList()
        where ways.Count > 0
        select new Fault(entry.Place, $"context {Shown.Text(entry.Context)}",
            $"{entry.Who} reaches the trunk {Shown.Text(ways[0].Resource ?? ways[0].Technology)}: who {ToldCall.Dialled(ways[0])} has {Shown.Text(ways[0].Sent() ?? "a number")} called")
        {
            Way = ToldCall.Way(ways[0].Way),
        };
}

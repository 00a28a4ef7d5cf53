using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>Callers without a password reach a trunk.</summary>
internal static class StrangersReachTrunk
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1300",
        Name = "strangers-call-out",
        Severity = Severity.Critical,
        Why = "Whoever calls in without a password can call out at your cost: this is what toll fraud looks for, and it finds it within hours. The way was walked through the dialplan, with the number that goes it.",
        Fix = "Give strangers a context of their own that holds only the extensions they may ring, and includes nothing else.",
        ExampleFile = "extensions.conf",
        Bad = """
            [public]
            exten => 100,1,Dial(PJSIP/1001)
            include => out
            [out]
            exten => _9.,1,Dial(PJSIP/${EXTEN:1}@trunk)
            ;;; pjsip.conf
            [anonymous]
            type = endpoint
            context = public ; here
            """ + ExamplePeers.Provider,
        Good = """
            [public]
            exten => 100,1,Dial(PJSIP/1001)
            [out]
            exten => _9.,1,Dial(PJSIP/${EXTEN:1}@trunk)
            ;;; pjsip.conf
            [anonymous]
            type = endpoint
            context = public
            """ + ExamplePeers.Provider,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Dialplan/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from entry in CallEntries.Of(pbx).Strangers()
        let ways = CallEntries.Of(pbx).Reach(entry.Context).Trunks().Where(static exit => exit.IsCertain && exit.Number.Inputs.Count > 0).ToList()
        where ways.Count > 0
        select new Fault(entry.Place, $"context {Shown.Text(entry.Context)}",
            $"{entry.Who} reaches the trunk {Shown.Text(ways[0].Resource ?? ways[0].Technology)} in context {Shown.Text(entry.Context)}: who {ToldCall.Dialled(ways[0])} has {Shown.Text(ways[0].Sent() ?? "a number")} called")
        {
            Way = ToldCall.Way(ways[0].Way),
        };
}

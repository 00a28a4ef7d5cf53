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
        Fix = "Give strangers a context of their own that holds only the extensions they may ring, and includes nothing else. A caller ID or a header proves nothing: whoever calls writes what he likes.",
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
        from way in OpenWays.Strangers(CallEntries.Of(pbx))
        let exit = way.Exit
        select new Fault(way.Entry.Place, $"context {Shown.Text(way.Entry.Context)}",
            $"{way.Entry.Who} reaches the trunk {Shown.Text(exit.Resource ?? exit.Technology)} in context {Shown.Text(way.Entry.Context)}: who {ToldCall.Dialled(exit)} has {Shown.Text(exit.Sent() ?? "a number")} called{ToldCall.Kept(way.Shows)}")
        {
            Way = ToldCall.Way(exit.Way),
        };
}

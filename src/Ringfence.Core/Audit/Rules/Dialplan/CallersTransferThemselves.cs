using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>Callers from outside may transfer.</summary>
internal static class CallersTransferThemselves
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1315",
        Name = "callers-transfer-themselves",
        Severity = Severity.High,
        Why = "The option T of Dial lets the caller transfer whom he reached: a stranger who is answered presses the transfer key, types a number abroad, and your trunk carries the call.",
        Fix = "Leave the T out where calls come from outside (the t lets your own people transfer), or Set(TRANSFER_CONTEXT=...) to a context with internal extensions alone.",
        ExampleFile = "extensions.conf",
        Bad = """
            [from-trunk]
            exten => 4930123,1,Dial(PJSIP/1001,20,tT) ; here
            include => out
            [out]
            exten => _00.,1,Authenticate(/etc/asterisk/pins)
             same => n,Dial(PJSIP/${EXTEN}@trunk)
            exten => _0Z.,1,Dial(PJSIP/${EXTEN}@trunk)
            """ + ExamplePeers.Trunk,
        Good = """
            [from-trunk]
            exten => 4930123,1,Dial(PJSIP/1001,20,t)
            include => out
            [out]
            exten => _0Z.,1,Dial(PJSIP/${EXTEN}@trunk)
            """ + ExamplePeers.Trunk,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Applications/Dial/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from entry in CallEntries.Of(pbx).Strangers().Concat(CallEntries.Of(pbx).Incoming())
        from way in CallEntries.Of(pbx).Reach(entry.Context).Trunks()
            .Where(static exit => exit.Brakes.All(static brake => brake.Kind == BrakeKind.TimeLimit) && exit.Number.Inputs.Any(input => exit.Order[input] > 0)
                && exit.Assumptions.Any(static assumption => assumption.Kind == AssumptionKind.Answer) && exit.Assumptions.All(static assumption => assumption.Kind == AssumptionKind.Answer || assumption.ComesByItself))
            .Take(1)
        select new Fault(way.Assumptions.First(static assumption => assumption.Kind == AssumptionKind.Answer).Place, $"context {Shown.Text(entry.Context)}",
            $"{entry.Who} who is answered transfers himself out: he {ToldCall.Dialled(way)}, and {Shown.Text(way.Sent() ?? "a number")} is called")
        {
            Way = ToldCall.Way(way.Way),
        };
}

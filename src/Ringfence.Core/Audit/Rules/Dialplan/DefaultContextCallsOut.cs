using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>[default] holds outside lines.</summary>
internal static class DefaultContextCallsOut
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1321",
        Name = "default-context-calls-out",
        Severity = Severity.Low,
        Why = "Whatever names no context comes into [default]: an endpoint whose context line was forgotten, an IAX2 peer, a guest where guests are let in. One forgotten line is enough to let it call out at your cost.",
        Fix = "Move the outside lines into a context of their own that phones name, and leave in [default] what everybody may have: nothing, or Hangup.",
        ExampleFile = "extensions.conf",
        Bad = """
            [default] ; here
            include => out
            [out]
            exten => _0X.,1,Dial(PJSIP/${EXTEN}@trunk)
            """ + ExamplePeers.PhoneAndTrunk,
        Good = """
            [default]
            exten => _X.,1,Hangup(21)
            [phones]
            include => out
            [out]
            exten => _0X.,1,Dial(PJSIP/${EXTEN}@trunk)
            """ + ExamplePeers.PhoneAndTrunk,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Dialplan/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from context in Plan.Of(pbx).Contexts
        where context.Name == "default"
        let ways = CallEntries.Of(pbx).Reach(context.Name).Trunks().Where(static exit => exit.IsCertain && exit.Brakes.IsEmpty && exit.Number.Inputs.Count > 0).Take(1).ToList()
        where ways.Count > 0
        select new Fault(context.Place, "context default", $"who {ToldCall.Dialled(ways[0])} there has {Shown.Text(ways[0].Sent() ?? "a number")} called by {Shown.Text(ways[0].Resource ?? ways[0].Technology)}")
        {
            Way = ToldCall.Way(ways[0].Way),
        };
}

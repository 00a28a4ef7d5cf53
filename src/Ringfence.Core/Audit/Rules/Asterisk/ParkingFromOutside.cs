using Ringfence.Core.Audit.Rules.Dialplan;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>Callers from outside reach the spaces in which calls are parked.</summary>
internal static class ParkingFromOutside
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1571",
        Name = "parking-from-outside",
        Severity = Severity.Medium,
        Why = "Asterisk makes an extension of each parking space. Whoever dials 701 from outside takes the call that is parked there, and a parked caller tells a stranger what he would have told you.",
        Fix = "Include the parking context in that of your phones alone.",
        ExampleFile = "res_parking.conf",
        Bad = """
            [general]
            [default]
            parkext = 700
            parkpos = 701-720
            context = parkedcalls
            [second]
            parkext = 800
            parkpos = 801-820
            context = spaces
            """ + ExamplePeers.Stranger + """

            ;;; extensions.conf
            [from-outside]
            include => parkedcalls ; here
            exten => 600,1,Answer()
             same => n,Goto(menu,s,1)
            [menu]
            include => spaces ; here
            exten => s,1,Background(welcome)
             same => n,WaitExten()
            """,
        Good = """
            [general]
            [default]
            parkext = 700
            parkpos = 701-720
            context = parkedcalls
            [by-program]
            context = from-outside
            parkpos = 801-810
            """ + ExamplePeers.Stranger + """

            ;;; extensions.conf
            [from-outside]
            exten => 600,1,Authenticate(/etc/asterisk/pins)
             same => n,Goto(phones,s,1)
            exten => 601,1,Goto(phones,1001,1)
            [phones]
            include => parkedcalls
            exten => s,1,Background(welcome)
            exten => 1001,1,Hangup()
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Features/Call-Parking/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    // Without parkext a lot has no extensions.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var lots = pbx.Config("res_parking.conf").Sections.Where(static lot => lot.Name != "general" && lot["parkext"] is { Length: > 0 }).ToLookup(static lot => lot["context"] ?? "parkedcalls", StringComparer.OrdinalIgnoreCase);
        if (lots.Count == 0 || ModulesConf.LeavesOut(pbx, "res_parking"))
        {
            return [];
        }

        return from entry in CallEntries.Of(pbx).Strangers().Concat(CallEntries.Of(pbx).Incoming()).DistinctBy(static entry => entry.Context)
               from at in TypedIn(pbx, entry)
               from reached in Plan.Of(pbx).Visits(at.Context).SelectMany(static visit => visit.Context.Includes).Select(static include => (include.Context, include.Place)).Prepend(at).Distinct()
               from lot in lots[reached.Context]
               select new Fault(reached.Place, $"parking lot {Shown.Text(lot.Name)}", $"{entry.Who} takes calls out of the parking spaces {Shown.Text(lot["parkpos"] ?? "701-750")}, which context {Shown.Text(at.Context)} reaches");
    }

    // Where he dials, and where a menu takes what he types.
    private static IEnumerable<(string Context, Place Place)> TypedIn(PbxSnapshot pbx, CallEntry entry) =>
        CallEntries.Of(pbx).Entered(entry.Context).Where(static state => !state.Way!.Step.Priority.Is("ConfBridge") && !state.Way.Step.Priority.Is("VoiceMailMain")).Select(static state => (state.Context, state.Way!.Step.Priority.Place))
            .Prepend((entry.Context, entry.Place)).DistinctBy(static at => at.Item1);
}

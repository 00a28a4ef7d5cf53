using Ringfence.Core.Audit.Rules.Dialplan;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>A conference that callers from outside enter without a PIN.</summary>
internal static class ConferenceOpen
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1569",
        Name = "conference-open",
        Severity = Severity.Medium,
        Why = "Whoever dials its number is in the conference: he hears what is said there, and numbers are dialled one after the other by programs.",
        Fix = "Write pin = into the user profile that the dialplan names, or put Authenticate before ConfBridge.",
        ExampleFile = "confbridge.conf",
        Bad = """
            [default_user]
            type = user
            [staff]
            type = user
            pin = 730418
            """ + ExamplePeers.Stranger + """

            ;;; extensions.conf
            [from-outside]
            exten => 600,1,Answer()
             same => n,ConfBridge(600) ; here
            exten => 601,1,ConfBridge(601,,staff)
            exten => 602,1,Goto(rooms,7,1)
            [rooms]
            exten => 7,1,ConfBridge(7) ; here
            """,
        Good = """
            [default_user]
            type = user
            [staff]
            type = user
            pin = 730418
            """ + ExamplePeers.Stranger + """

            ;;; extensions.conf
            [from-outside]
            exten => 601,1,ConfBridge(601,,staff)
            exten => 602,1,Authenticate(/etc/asterisk/pins)
             same => n,ConfBridge(602)
            exten => 603,1,Set(CONFBRIDGE(user,pin)=${PIN})
             same => n,ConfBridge(603)
            exten => 605,1,GotoIf(${DB(open/605)}?inside,604,1)
            exten => 606,1,Authenticate(/etc/asterisk/pins)
             same => n,Goto(inside,604,1)
            [inside]
            exten => 604,1,ConfBridge(604)
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Applications/Conferencing-Applications/ConfBridge/ConfBridge-Configuration/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => !pbx.Config("confbridge.conf").Exists ? [] :
        (from entry in CallEntries.Of(pbx).Strangers().Concat(CallEntries.Of(pbx).Incoming()).DistinctBy(static entry => entry.Context)
         from state in CallEntries.Of(pbx).Entered(entry.Context)
         where state.Way!.Step.Priority.Is("ConfBridge") && IsOpen(pbx, state.Way!.Step.Priority) && !state.Way.Steps().Any(static step => step.Priority.Arguments.Contains("CONFBRIDGE(", StringComparison.OrdinalIgnoreCase))
         select new Fault(state.Way!.Step.Priority.Place, $"extension {Shown.Text(state.Way!.Step.Extension)}@{Shown.Text(state.Way.Step.Context)}", $"{entry.Who} who dials it is in the conference: its user profile has no PIN")
         {
             Way = state.Way!.Length > 2 ? ToldCall.Way(state.Way) : [],
         })
        .DistinctBy(static fault => fault.Place);

    private static bool IsOpen(PbxSnapshot pbx, PlanPriority priority)
    {
        var profile = CallArguments.Split(priority.Arguments).ElementAtOrDefault(2) is { Length: > 0 } named ? named : "default_user";
        var sections = pbx.Config("confbridge.conf").Named(profile).ToList();
        return !profile.Contains('$', StringComparison.Ordinal) && (sections.Count > 0 || profile == "default_user") && sections.All(static section => string.IsNullOrEmpty(section["pin"]));
    }
}

using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>Any phone listens to any call.</summary>
internal static class SpyingWithoutPin
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1322",
        Name = "spying-without-pin",
        Severity = Severity.Medium,
        Why = "ChanSpy lets whoever dials it hear the calls of others, and with w speak to them, without anybody noticing. A phone whose password was guessed hears the whole house.",
        Fix = "Put VMAuthenticate or Authenticate with a file before it, name the channels that may be heard (ChanSpy(PJSIP/1), the g() option), or keep it in a context that supervisors alone have.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => _*55X.,1,ChanSpy(PJSIP/${EXTEN:3},q) ; here
            exten => 556,1,ChanSpy() ; here
            """ + ExamplePeers.Phone,
        Good = """
            [phones]
            exten => _*55X.,1,Authenticate(/etc/asterisk/supervisors)
             same => n,ChanSpy(PJSIP/${EXTEN:3},q)
            [supervisors]
            exten => 556,1,ChanSpy()
            """ + ExamplePeers.Phone,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Applications/ChanSpy/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static readonly string[] Spies = ["ChanSpy", "ExtenSpy"];

    // What may ask for a secret, or look who it is.
    private static readonly string[] Gates = ["Authenticate", "VMAuthenticate", "Read", "GotoIf", "ExecIf", "GosubIf", "Gosub", "Macro", "Stasis", "GotoIfTime", "DISA"];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        (from reached in CallEntries.Of(pbx).Phones().SelectMany(entry => Plan.Of(pbx).Visits(entry.Context).Select(visit => (entry, visit.Context))).DistinctBy(static reached => reached.Context)
         let entry = reached.entry
         from extension in reached.Context.Extensions
         where extension.CallerId is null && extension[1] is not null
         let before = extension.Priorities.TakeWhile(static priority => !Spies.Contains(priority.Application, StringComparer.OrdinalIgnoreCase)).ToList()
         where before.Count < extension.Priorities.Count && !before.Any(static priority => Gates.Contains(priority.Application, StringComparer.OrdinalIgnoreCase) || priority.Application.EndsWith("AGI", StringComparison.OrdinalIgnoreCase))
         let spy = extension.Priorities.ElementAt(before.Count)
         select (entry, extension, spy))
        .DistinctBy(static found => found.spy.Place)
        .Select(static found => new Fault(found.spy.Place, $"context {Shown.Text(found.entry.Context)}",
            $"a phone in context {Shown.Text(found.entry.Context)} that dials {Shown.Text(found.extension.Name)} listens to the calls of others, and is asked for nothing"));
}

using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>Calls to the Caribbean go out where calls abroad do not.</summary>
internal static class CaribbeanLikeHome
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1317",
        Name = "caribbean-like-home",
        Severity = Severity.Medium,
        Why = "Twenty-odd states share the country code 1 with the United States and Canada: 1-809 or 1-876 looks like a call at home and is charged like one abroad. Call-back fraud lives of that; a dialplan that keeps 011 back lets them out.",
        Fix = "Before the pattern of calls at home put the area codes that nobody here calls: exten => _1809NXXXXXX,1,Hangup(21), and so 242, 246, 264, 268, 284, 345, 441, 473, 649, 658, 664, 721, 758, 767, 784, 809, 829, 849, 868, 869, 876; the same for 10 digits and for +1.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => _1NXXNXXXXXX,1,Dial(PJSIP/${EXTEN}@trunk) ; here
            """ + ExamplePeers.PhoneAndTrunk,
        Good = """
            [phones]
            exten => _1NXXNXXXXXX,1,GotoIf($[${REGEX("^1(242|246|264|268|284|345|441|473|649|658|664|721|758|767|784|809|829|849|868|869|876)" ${EXTEN})}]?no)
             same => n,Dial(PJSIP/${EXTEN}@trunk)
             same => n(no),Hangup(21)
            """ + ExamplePeers.PhoneAndTrunk,
        Reference = new Uri("https://www.nanpa.com/numbering/area-codes"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from entry in NumberClasses.IsNorthAmerican(Plan.Of(pbx)) ? CallEntries.Of(pbx).Phones() : []
        let reach = CallEntries.Of(pbx).Reach(entry.Context)
        // Where calls abroad go out as freely, that is the finding.
        where !Free(reach, CallEntries.Of(pbx).International).Any()
        from way in Free(reach, NumberClasses.Caribbean).DistinctBy(static exit => exit.Place)
        group (entry, way) by way.Place into same
        let first = same.First()
        select new Fault(same.Key, $"context {Shown.Text(first.way.Way.Step.Context)}",
            $"a phone in context {Shown.Text(first.entry.Context)} that {ToldCall.Dialled(first.way)} calls the Caribbean ({Shown.Text(first.way.Sent() ?? "a number there")}) with no brake on the way; other calls abroad it can't make so")
        {
            Way = ToldCall.Way(first.way.Way),
        };

    private static IEnumerable<PlanExit> Free(PlanReach reach, NumberLanguage numbers) =>
        reach.Trunks(numbers).Where(static exit => exit.IsCertain && exit.Brakes.IsEmpty && exit.Number.Inputs.Count > 0);
}

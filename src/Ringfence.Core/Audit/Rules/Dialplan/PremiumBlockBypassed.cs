using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>A block of premium numbers that another form of them passes by.</summary>
internal static class PremiumBlockBypassed
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1304",
        Name = "premium-block-bypassed",
        Severity = Severity.High,
        Why = "The dialplan blocks 900 or 976 numbers in one form and sends them out in another: with and without the 1, with a prefix. The provider completes the number, and the call costs what the block was to save.",
        Fix = "Bring every number into one form first (11 digits with the 1), and compare that with a list; block _1900XXXXXXX and _900XXXXXXX, _1NXX976XXXX and _NXX976XXXX.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => _1900XXXXXXX,1,Hangup(21)
            exten => _NXXNXXXXXX,1,Dial(PJSIP/1${EXTEN}@trunk) ; here
            exten => _1NXXNXXXXXX,1,Dial(PJSIP/${EXTEN}@trunk)
            """ + ExamplePeers.PhoneAndTrunk,
        Good = """
            [phones]
            exten => _1900XXXXXXX,1,Hangup(21)
            exten => _900XXXXXXX,1,Hangup(21)
            exten => _NXXNXXXXXX,1,Dial(PJSIP/1${EXTEN}@trunk)
            exten => _1NXXNXXXXXX,1,Dial(PJSIP/${EXTEN}@trunk)
            """ + ExamplePeers.PhoneAndTrunk,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Dialplan/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    // Which of the two is blocked is what the dialplan says itself: an extension for such numbers alone that calls nobody.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from blocking in (Blocking[])[new Blocking()]
        from entry in CallEntries.Of(pbx).Phones()
        from blocked in (NumberLanguage[])[NumberClasses.Nine00, NumberClasses.Nine76]
        where blocking.Blocks(Plan.Of(pbx), entry.Context, blocked)
        from way in CallEntries.Of(pbx).Reach(entry.Context).Trunks(blocked).Where(static exit => exit.IsCertain && exit.Number.Inputs.Count > 0).Take(1)
        select new Fault(way.Place, $"context {Shown.Text(entry.Context)}",
            $"a phone in context {Shown.Text(entry.Context)} that {ToldCall.Dialled(way)} calls {Shown.Text(way.Sent() ?? "a premium number")}, though the context blocks such numbers in another form")
        {
            Way = ToldCall.Way(way.Way),
        };

    // A context that a thousand others include is looked into once.
    private sealed class Blocking
    {
        private readonly Dictionary<(PlanContext, NumberLanguage), bool> _known = [];

        public bool Blocks(Plan plan, string context, NumberLanguage numbers) => plan.Visits(context).Any(visit =>
            _known.TryGetValue((visit.Context, numbers), out var blocks) ? blocks : _known[(visit.Context, numbers)] = PremiumBlockBypassed.Blocks(visit.Context, numbers));
    }

    private static bool Blocks(PlanContext context, NumberLanguage numbers) => context.Extensions
        .Any(extension => extension.IsPattern && extension.Priorities.All(static priority => Quiet.Contains(priority.Application, StringComparer.OrdinalIgnoreCase))
            && Languages.IsWithin(Languages.Intersect(Languages.Fitting(extension.Pattern), Languages.Repeat("0123456789+", 7)), numbers)
            && Languages.Overlap(Languages.Fitting(extension.Pattern), numbers));

    private static readonly string[] Quiet = ["Hangup", "Congestion", "Busy", "Playback", "NoOp", "Answer", "Verbose", "Log", "Playtones", "Wait"];
}

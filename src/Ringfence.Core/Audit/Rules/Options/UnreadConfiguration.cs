using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>A mistake for which Asterisk reads nothing of a file.</summary>
internal static class UnreadConfiguration
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1113",
        Name = "unread-configuration",
        Severity = Severity.High,
        Why = "The mistake makes Asterisk refuse the whole file; of an included file it takes what stands above the mistake, and goes on where it is included. At a reload it goes on with what it had, so the mistake shows at the next restart: no phones, no dialplan, or access lists that keep nobody out.",
        Fix = "Correct the line, then reload and look for \"Contents of config file\" and \"parse error\" in the log.",
        Bad = """
            [1001]
            type = endpoint
            #include pjsip_missing.conf ; here
            [phone](!)
            [phone](+)
            ;;; acl.conf
            permit = 192.0.2.0/24 ; here
            [office
            """,
        Good = """
            [1001]
            type = endpoint
            #tryinclude pjsip_missing.conf
            [phone](!)
            [phone](+TEMPLATES=include)
            """,
        Reference = new Uri("https://docs.asterisk.org/Fundamentals/Asterisk-Configuration/Asterisk-Configuration-Files/Config-File-Format/"),
        Topic = AuditTopic.Options,
        Check = Check,
    };

    // Asterisk stops at the first of a file: what stands below comes to light once that is corrected.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from found in ReaderProblems.All(pbx).Where(found => RefusedFile.IsSure(pbx, found.Problem))
        group found by found.Problem.Place.File into mistakes
        let first = mistakes.MinBy(static found => found.Problem.Place.Line)
        let below = mistakes.Select(static found => found.Problem).Where(problem => problem.Place != first.Problem.Place).OrderBy(static problem => problem.Place.Line).ToList()
        select new Fault(first.Problem.Place, first.File, first.Problem.Text + (first.Problem.Place.File == first.File ? $": Asterisk reads nothing of {first.File}" : ": Asterisk reads no further in this file"))
        {
            Severity = mistakes.Any(static found => ReaderProblems.IsEssential(found.File)) ? null : Severity.Low,
            Way = [.. below.Take(MostBelow).Select(static problem => new Step(problem.Place, $"then {problem.Text}")), .. below.Count > MostBelow ? [new Step(null, $"and {below.Count - MostBelow} more")] : (Step[])[]],
        };

    private const int MostBelow = 5;
}

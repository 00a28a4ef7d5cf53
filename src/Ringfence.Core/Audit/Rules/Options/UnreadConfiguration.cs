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
            [phone](+) ; here
            ;;; acl.conf
            permit = 192.0.2.0/24 ; here
            [office ; here
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

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        // A text behind a comment that ended early is many lines of one mistake.
        from found in ReaderProblems.All(pbx).Where(found => RefusedFile.IsSure(pbx, found.Problem)).DistinctBy(static found => (found.Problem.Place.File, found.Problem.Text))
        select new Fault(found.Problem.Place, found.File, found.Problem.Text + (found.Problem.Place.File == found.File ? $": Asterisk reads nothing of {found.File}" : ": Asterisk reads no further in this file"));
}

using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>A line that runs a program to make configuration.</summary>
internal static class ExecNotRead
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1115",
        Name = "exec-not-read",
        Severity = Severity.Low,
        Why = "The audit never runs what #exec names, so it has not seen that part of the configuration. Asterisk runs it, as its own user, where execincludes is on: whoever can write the program is Asterisk.",
        Fix = "Have the program write a file and include that. Otherwise look at what it prints yourself, and at who can write it.",
        Bad = """
            #exec /usr/local/bin/make-phones ; here
            """,
        Good = """
            #tryinclude phones.conf
            """,
        Reference = new Uri("https://docs.asterisk.org/Fundamentals/Asterisk-Configuration/Asterisk-Configuration-Files/Using-The-include-tryinclude-and-exec-Constructs/"),
        Topic = AuditTopic.Options,
        Check = Check,
    };

    public static bool Is(ConfigProblem problem) => problem.Text.StartsWith("#exec", StringComparison.Ordinal) && problem.Text.Contains("is not run", StringComparison.Ordinal);

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from found in ReaderProblems.All(pbx)
        where Is(found.Problem)
        select new Fault(found.Problem.Place, found.File, found.Problem.Text);
}

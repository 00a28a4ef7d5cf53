using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>A line of the dialplan that Asterisk ignores.</summary>
internal static class DialplanLineIgnored
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1316",
        Name = "dialplan-line-ignored",
        Severity = Severity.Low,
        Why = "The line looks as if it did something and does nothing: where it was a check or a limit, that is missing.",
        Fix = "Correct the line; what Asterisk wants there is said.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => 1,1,Answer()
            exten => 1,1,Authenticate(/etc/asterisk/pins) ; here
            exten => 2,hint,PJSIP/2
             same => n,Dial(PJSIP/2) ; here
            """,
        Good = """
            [phones]
            exten => 1,1,Answer()
            exten => 1,2,Authenticate(/etc/asterisk/pins)
            exten => 2,hint,PJSIP/2
            exten => 2,1,Dial(PJSIP/2)
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Dialplan/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    // Missing contexts have a rule of their own, and so has what is wrong with a file as such.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from problem in Plan.Of(pbx).Problems.Except(pbx.Config("extensions.conf").Problems)
        where problem.Text.Contains("Asterisk ignores", StringComparison.Ordinal) || problem.Text.Contains("Asterisk drops", StringComparison.Ordinal)
        select new Fault(problem.Place, $"line {problem.Place}", problem.Text);
}

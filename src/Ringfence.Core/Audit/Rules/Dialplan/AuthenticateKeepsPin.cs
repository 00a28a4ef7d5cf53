using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>Authenticate with option a writes the PIN into the call records.</summary>
internal static class AuthenticateKeepsPin
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1308",
        Name = "pin-in-call-records",
        Severity = Severity.Medium,
        Why = "With a the PIN that was typed becomes the account code of the call: it stands in Master.csv, in the database and in every bill made of them.",
        Fix = "Leave the a out; to know who called, give each user a PIN file of his own, or use VMAuthenticate.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => _00.,1,Authenticate(/etc/asterisk/pins,a) ; here
             same => n,Dial(PJSIP/${EXTEN}@trunk)
            """,
        Good = """
            [phones]
            exten => _00.,1,Authenticate(/etc/asterisk/pins)
             same => n,Dial(PJSIP/${EXTEN}@trunk)
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Applications/Authenticate/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from context in Plan.Of(pbx).Contexts
        from extension in context.Extensions
        from priority in extension.Priorities
        where priority.Is("Authenticate") && CallArguments.Options(CallArguments.Split(priority.Arguments).ElementAtOrDefault(1)).ContainsKey('a')
        select new Fault(priority.Place, $"context {Shown.Text(context.Name)}", "the PIN that callers type is written into the call records as account code")
        {
            IsSecret = true,
            Mend = Mend(pbx, priority),
        };

    private static Mend? Mend(PbxSnapshot pbx, PlanPriority priority)
    {
        var arguments = CallArguments.Split(priority.Arguments, keepsQuotes: true);
        var left = string.Join(',', [arguments[0], arguments[1].Replace("a", "", StringComparison.Ordinal), .. arguments.Skip(2)]).TrimEnd(',');
        return arguments[1].All(char.IsAsciiLetter) && ArgumentsEdit.Replace(pbx, priority, left) is { } edit
            ? new Mend("take the a out of Authenticate's options", edit) { HoldsSecret = !arguments[0].StartsWith('/') }
            : null;
    }
}

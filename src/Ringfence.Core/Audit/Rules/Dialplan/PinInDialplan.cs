using Ringfence.Core.Audit.Rules.Asterisk;
using Ringfence.Core.Audit.Rules.Options;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>A PIN stands in the dialplan.</summary>
internal static class PinInDialplan
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1309",
        Name = "pin-in-dialplan",
        Severity = Severity.Medium,
        Why = "One PIN for everybody stands in clear where everybody reads it who sees the configuration, a backup, or the console (dialplan show); it can be taken from nobody, and nobody knows who used it.",
        Fix = "Give each user a PIN of his own: VMAuthenticate (the mailbox PIN), or Authenticate with a file that only Asterisk can read.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => _00.,1,Authenticate(4711) ; here
            exten => 8,1,DISA(1234,out) ; here
            """,
        Good = """
            [phones]
            exten => _00.,1,Authenticate(/etc/asterisk/pins)
            exten => _01.,1,VMAuthenticate()
            exten => 8,1,DISA(/etc/asterisk/disa,out)
            exten => 9,1,Authenticate(${DB(pin/${CALLERID(num)})})
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Applications/Authenticate/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    // Where FreePBX writes the file, its own pages have the PIN, and write it here anew.
    private static readonly Mend InFreePbx = new("set it in FreePBX's pages, where the feature, DISA or route has it (a PIN set, for one, gives each user his own): FreePBX writes this file anew");

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var generated = GeneratedFiles.Of(pbx, "extensions.conf");
        return from context in Plan.Of(pbx).Contexts
               from extension in context.Extensions
               from priority in extension.Priorities
               where priority.Is("Authenticate") || priority.Is("DISA")
               let pin = CallArguments.Split(priority.Arguments)[0]
               where pin.Length > 0 && pin.All(static c => char.IsAsciiDigit(c) || c is '*' or '#')
               let wrong = Pins.Wrong(pin, extension.Name)
               select new Fault(priority.Place, $"context {Shown.Text(context.Name)}", $"the PIN of {Shown.Text(priority.Application)} stands in the dialplan, the same for everybody{(wrong is null ? "" : $", and {wrong}")}")
               {
                   IsSecret = true,
                   Severity = wrong is null ? null : Severity.High,
                   Mend = generated.Contains(priority.Place.File) ? InFreePbx : null,
               };
    }
}

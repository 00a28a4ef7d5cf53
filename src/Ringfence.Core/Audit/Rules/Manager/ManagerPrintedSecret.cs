using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Manager;

/// <summary>A manager user with a password that stands in documentation or in an installer.</summary>
internal static class ManagerPrintedSecret
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1407",
        Name = "manager-printed-secret",
        Severity = Severity.Critical,
        Why = "The password is printed in documentation or in the program that installed it: everybody who looks for such systems has it.",
        Fix = "Give the user a random secret of 20 characters. On FreePBX set AMPMGRPASS in Advanced Settings, so that its own programs learn it.",
        ExampleFile = "manager.conf",
        Bad = """
            [general]
            enabled = yes
            [admin]
            secret = amp111 ; here
            """,
        Good = """
            [general]
            enabled = yes
            [admin]
            secret = kW3-vN8pQ2xL-7rTz-m5Ya
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/"),
        Topic = AuditTopic.Manager,
        Check = Check,
    };

    // Each as its program ships or prints it: amp111 and amp109 (FreePBX's amportal.conf), fpbxfirewall*secret (FreePBX's firewall module, install.php), elastix456 (Elastix, until its 2.2),
    // mycode of [myasterisk] (A2Billing's installation guide), 1234 of [cron] (VICIDIAL's tables), phpagi (what phpagi-asmanager.php logs in with), notvery and welcome (O'Reilly's book on Asterisk).
    private static readonly HashSet<string> Printed = new(StringComparer.OrdinalIgnoreCase) { "amp111", "amp109", "fpbxfirewall*secret", "elastix456", "mycode", "1234", "phpagi", "notvery", "welcome" };

    /// <summary>It is told of by this rule, and needs no other.</summary>
    public static bool IsPrinted(string secret) => Printed.Contains(secret);

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var manager = ManagerInterface.Read(pbx);
        return from user in manager.Users
               where manager.IsEnabled && user.Section["secret"] is { } secret && Printed.Contains(secret)
               select new Fault(user.Section.Find("secret")!.Place, user.Subject, "its secret is one that is printed in documentation or installers")
               {
                   IsSecret = true,
                   Severity = manager.IsOnNetwork && !manager.IsLocal(user) ? null : Severity.Medium,
               };
    }
}

using Ringfence.Core.Host;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Host;

/// <summary>root may log in by SSH with a password.</summary>
internal static class RootByPassword
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1610",
        Name = "root-by-password",
        Severity = Severity.High,
        Why = "The name is known and every SSH scanner guesses its password, day and night.",
        Fix = "Set PermitRootLogin prohibit-password (or no) and PasswordAuthentication no in sshd_config, once your key works.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact sshd
            port 22
            permitrootlogin yes ; here
            passwordauthentication yes
            """,
        Good = """
            ;;; fact sshd
            port 22
            permitrootlogin without-password
            passwordauthentication yes
            """,
        Reference = new Uri("https://man.openbsd.org/sshd_config#PermitRootLogin"),
        Topic = AuditTopic.Host,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var lines = FactLines.Of(pbx, HostFact.Sshd).ToList();
        // Who may log in at all, or must bring a key too, is decided elsewhere.
        var isNarrowed = lines.Exists(static line => line.Text.Split(' ')[0] is "allowusers" or "denyusers" or "allowgroups" or "denygroups"
            || (line.Text.StartsWith("authenticationmethods ", StringComparison.Ordinal) && line.Text != "authenticationmethods any"));
        return from line in lines
               where line.Text == "permitrootlogin yes" && !isNarrowed
                   && lines.Exists(static other => other.Text is "passwordauthentication yes" or "kbdinteractiveauthentication yes")
               select new Fault(line.Place, "sshd", "root may log in with a password");
    }
}

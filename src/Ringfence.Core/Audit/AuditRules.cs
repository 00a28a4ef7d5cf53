using Ringfence.Core.Audit.Rules.Manager;
using Ringfence.Core.Audit.Rules.Passwords;
using Ringfence.Core.Audit.Rules.Pjsip;

namespace Ringfence.Core.Audit;

/// <summary>Every audit rule, by topic; the numbers say the topic too (docs/architecture.md).</summary>
internal static class AuditRules
{
    public static IReadOnlyList<AuditRule> All { get; } =
    [
        // Pjsip
        AnonymousCalls.Rule,
        MissingNamedAcl.Rule,

        // Options

        // Passwords
        PasswordIsAccount.Rule,

        // Dialplan

        // Manager
        ManagerOpenToAll.Rule,

        // Http

        // Logging

        // Asterisk

        // Host

        // Firewall
    ];
}

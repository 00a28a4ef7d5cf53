using Ringfence.Core.Audit.Rules.Manager;
using Ringfence.Core.Audit.Rules.Options;
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
        UnknownOption.Rule,
        MisplacedOption.Rule,
        RefusedValue.Rule,
        MisreadValue.Rule,
        DeprecatedOption.Rule,
        UnknownType.Rule,
        SectionWithoutType.Rule,
        LaterType.Rule,
        DuplicateObject.Rule,
        SecondSingleObject.Rule,
        MissingReference.Rule,
        IncompleteObject.Rule,
        GlobalAcl.Rule,
        UnreadConfiguration.Rule,
        SkippedLine.Rule,
        ExecNotRead.Rule,
        ObjectsInDatabase.Rule,
        GoneModuleFile.Rule,
        LuaNotRead.Rule,
        SecondSection.Rule,
        GeneratedFiles.Rule,
        UsersConfAccounts.Rule,
        TlsOptionsWithoutTls.Rule,

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

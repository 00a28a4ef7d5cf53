using Ringfence.Core.Audit.Rules.Asterisk;
using Ringfence.Core.Audit.Rules.Firewall;
using Ringfence.Core.Audit.Rules.Host;
using Ringfence.Core.Audit.Rules.Http;
using Ringfence.Core.Audit.Rules.Logging;
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
        IaxOfUsers.Rule,
        TlsOptionsWithoutTls.Rule,

        // Passwords
        PasswordIsAccount.Rule,

        // Dialplan

        // Manager
        ManagerOpenToAll.Rule,
        ManagerPermitOnly.Rule,
        ManagerIpv6Open.Rule,
        ManagerDenyLast.Rule,
        ManagerMissingAcl.Rule,
        ManagerShell.Rule,
        ManagerHearsDigits.Rule,
        ManagerPrintedSecret.Rule,
        ManagerInClear.Rule,
        ManagerOverHttp.Rule,
        ManagerListensForNobody.Rule,
        ManagerOfPhones.Rule,

        // Http
        AriInClear.Rule,
        AriAnyOrigin.Rule,
        AriPlainPassword.Rule,
        AriOpenToAll.Rule,
        HttpStaticFiles.Rule,
        HttpStatusPage.Rule,
        HttpTellsVersion.Rule,
        PrometheusOpen.Rule,
        PhoneprovOpen.Rule,

        // Logging
        NoLogs.Rule,
        NoSecurityLog.Rule,
        SecurityLogMixed.Rule,
        LogWithoutYear.Rule,
        NoNoticeLog.Rule,
        DigitsInLog.Rule,
        CdrOff.Rule,
        CdrNowhere.Rule,
        CdrLostOnRestart.Rule,
        CdrUnquoted.Rule,
        CelOff.Rule,

        // Asterisk
        LiveDangerously.Rule,
        ExecIncludes.Rule,
        RunsAsRoot.Rule,
        ControlSocketForAll.Rule,
        DumpsCore.Rule,
        StrictRtpOff.Rule,
        SrtpReplay.Rule,
        RtpPorts.Rule,
        FeatureRunsProgram.Rule,
        MailboxPin.Rule,
        MailboxCallsOut.Rule,
        MailboxUnbounded.Rule,
        MailboxPinMayBeShort.Rule,
        HepInClear.Rule,
        ListensForNobody.Rule,
        SqlInjection.Rule,

        // Host
        AsteriskIsRoot.Rule,
        SecretsReadableByAll.Rule,
        ConfigWritableByAll.Rule,
        ConfigOfWebServer.Rule,
        KeyReadableByAll.Rule,
        UpdatesPending.Rule,
        ClockNotSynchronized.Rule,
        DatabaseOnNetwork.Rule,
        ClearTextService.Rule,
        RootByPassword.Rule,
        NoRotation.Rule,
        EndOfLife.Rule,

        // Firewall
        NoFirewall.Rule,
        ManagerPortOpen.Rule,
        HttpPortOpen.Rule,
        DatabasePortOpen.Rule,
        TftpPortOpen.Rule,
        SipWithoutLimit.Rule,
        LimitWithoutEffect.Rule,
        IPv6Unfiltered.Rule,
        AcceptsUnnamed.Rule,
        SipAlg.Rule,
        EmptyBlocklist.Rule,
    ];
}

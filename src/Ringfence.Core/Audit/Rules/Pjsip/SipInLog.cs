using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>Every SIP message is logged.</summary>
/// <remarks>res/res_pjsip_logger.c: debug of [global] is what "pjsip set logger" does, for good.</remarks>
internal static class SipInLog
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1025",
        Name = "sip-in-log",
        Severity = Severity.Low,
        Why = "Every SIP message goes to the console and to logs with verbose messages: who called whom, digests of passwords to guess at home, and SRTP's keys (a=crypto) with which recorded calls are read.",
        Fix = "Remove debug from [global], and use \"pjsip set logger host ADDRESS\" on the console while you look for something.",
        Bad = """
            [global]
            type = global
            user_agent = PBX
            debug = yes ; here
            """,
        Good = """
            [global]
            type = global
            user_agent = PBX
            debug = no
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_pjsip/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from global in pbx.Pjsip.Of("global")
        let setting = global.Find("debug")
        where setting is { Value.Length: > 0 } && AsteriskBool.Parse(setting.Value) is not false
        select new Fault(setting.Place, "global", "every SIP message is logged, with digests of passwords and keys of calls")
        {
            Mend = new Mend("stop logging messages", new ReplaceLine(setting.Place.File, setting.Place.Line, "debug = no")),
        };
}

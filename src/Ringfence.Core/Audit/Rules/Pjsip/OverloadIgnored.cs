using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>Asterisk goes on taking requests that it can't work off.</summary>
/// <remarks>res/res_pjsip/pjsip_distributor.c: taskprocessor_overload_trigger.</remarks>
internal static class OverloadIgnored
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1028",
        Name = "overload-ignored",
        Severity = Severity.Low,
        Why = "With taskprocessor_overload_trigger = none Asterisk takes new requests however long its queues are. In a flood it answers calls in progress later and later and grows until the kernel ends it, instead of dropping the flood.",
        Fix = "Remove the line: global, the default, drops new requests while a queue is too long.",
        Bad = """
            [global]
            type = global
            user_agent = PBX
            taskprocessor_overload_trigger = none ; here
            """,
        Good = """
            [global]
            type = global
            user_agent = PBX
            taskprocessor_overload_trigger = pjsip_only
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_pjsip/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from global in pbx.Pjsip.Of("global")
        let setting = global.Find("taskprocessor_overload_trigger")
        where setting is not null && setting.Value.Equals("none", StringComparison.OrdinalIgnoreCase)
        select new Fault(setting.Place, "global", "a flood is queued until memory ends")
        {
            Mend = new Mend("leave it to Asterisk's default", new RemoveLine(setting.Place.File, setting.Place.Line)),
        };
}

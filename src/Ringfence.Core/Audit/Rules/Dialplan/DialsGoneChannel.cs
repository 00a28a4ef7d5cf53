using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>Dial over a channel driver that this Asterisk does not have.</summary>
internal static class DialsGoneChannel
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1311",
        Name = "dials-gone-channel",
        Severity = Severity.Medium,
        Why = "chan_sip, MGCP and Skinny were removed with Asterisk 21: such a Dial fails each time, and the call takes the way for failures, or ends.",
        Fix = "Write PJSIP/ in place of SIP/: PJSIP/${EXTEN} for a phone, PJSIP/${EXTEN}@trunk for a trunk.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => _1XXX,1,Dial(SIP/${EXTEN},20) ; here
            exten => _2XXX,1,Dial(SIP/${EXTEN},20)
            """,
        Good = """
            [phones]
            exten => _1XXX,1,Dial(PJSIP/${EXTEN},20)
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/Migrating-from-chan_sip-to-res_pjsip/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static readonly string[] Gone = ["SIP", "MGCP", "Skinny"];

    // A whole PBX that was moved has hundreds: each kind once, with its places. Where nobody said which version it is, such lines say that it is an older one.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        pbx.IsVersionAssumed || pbx.Version.Major < 21 ? [] :
        from found in
            from context in Plan.Of(pbx).Contexts
            from extension in context.Extensions
            from priority in extension.Priorities
            where priority.Is("Dial")
            from technology in CallArguments.Split(priority.Arguments)[0].Split('&').Select(static channel => channel.Split('/')[0]).Distinct(StringComparer.Ordinal)
            where Gone.Contains(technology, StringComparer.Ordinal)
            select (Technology: technology, priority.Place)
        group found.Place by found.Technology into places
        select ManyPlaces.One([.. places], $"{places.Key} channels", $"Asterisk {pbx.Version.Major} has no channels of the kind {places.Key}: such a call never comes about");
}

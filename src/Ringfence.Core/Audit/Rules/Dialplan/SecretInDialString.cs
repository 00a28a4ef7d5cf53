using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>A password stands in a Dial.</summary>
internal static class SecretInDialString
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1323",
        Name = "secret-in-dial-string",
        Severity = Severity.Medium,
        Why = "It is shown on the console while the call is up, in the manager's events and in the call records (lastdata of Master.csv), where people read it who are not to know the provider's password.",
        Fix = "Put the password into the peer's section (iax.conf: secret; pjsip.conf: outbound_auth), and dial the peer by its name.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => _0X.,1,Dial(IAX2/office:Test-secret-9@203.0.113.10/${FILTER(0-9,${EXTEN})}) ; here
            """,
        Good = """
            [phones]
            exten => _0X.,1,Dial(IAX2/provider/${FILTER(0-9,${EXTEN})})
            exten => _1X.,1,Dial(IAX2/${USER}:${SECRET}@203.0.113.10/${FILTER(0-9,${EXTEN})})
            exten => _2X.,1,Dial(PJSIP/provider/sip:${FILTER(0-9,${EXTEN})}@203.0.113.10:5060)
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Applications/Dial/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from context in Plan.Of(pbx).Contexts
        from extension in context.Extensions
        from priority in extension.Priorities
        where priority.Is("Dial") || priority.Is("Page") || priority.Is("Originate")
        from channel in CallArguments.Split(priority.Arguments)[0].Split('&')
        let peer = PeerWithSecret(channel)
        where peer is not null
        select new Fault(priority.Place, $"context {Shown.Text(context.Name)}", $"{Shown.Text(priority.Application)} calls {ShownValues.Of(pbx).Name(peer)} with its password in the line") { IsSecret = true };

    // IAX2/user:secret@host, SIP/user:secret@host; not a port, which stands behind the @, nor the name of a key: IAX2/user:[key]@host.
    private static string? PeerWithSecret(string channel) =>
        channel.Split('/', 3) is [var technology, var peer, ..] && (technology.Equals("IAX2", StringComparison.OrdinalIgnoreCase) || technology.Equals("SIP", StringComparison.OrdinalIgnoreCase))
        && peer.Split('@') is [var login, _] && login.Split(':', 2) is [{ Length: > 0 } user, [not '[', ..] secret]
        && !login.Contains('$', StringComparison.Ordinal) && secret.Length > 0 ? user : null;
}

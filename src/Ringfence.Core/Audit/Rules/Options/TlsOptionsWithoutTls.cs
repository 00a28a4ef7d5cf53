using Ringfence.Core.Catalogue;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>Options of TLS in a transport that speaks none.</summary>
internal static class TlsOptionsWithoutTls
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1122",
        Name = "tls-options-without-tls",
        Severity = Severity.Low,
        Why = "The transport has a certificate or a TLS version, and its protocol is not tls: Asterisk takes the options and does nothing with them. What looks like an encrypted transport is a clear one; WebSockets take their certificate from http.conf.",
        Fix = "Write protocol = tls if the transport was to be encrypted. For wss set tlsenable and tlscertfile in http.conf. Else remove the options.",
        Bad = """
            [t-secure]
            type = transport
            bind = 0.0.0.0:5061
            method = sslv23 ; here
            [t-web]
            type = transport
            protocol = wss
            bind = 0.0.0.0
            verify_client = yes ; here
            """,
        Good = """
            [t-secure]
            type = transport
            protocol = TLS
            bind = 0.0.0.0:5061
            method = sslv23
            verify_client = yes
            [t-udp]
            type = transport
            protocol = udp
            bind = 0.0.0.0
            verify_client = no
            method = default
            cert_file =
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/PJSIP-Configuration-Sections-and-Relationships/"),
        Topic = AuditTopic.Options,
        Check = Check,
    };

    private static readonly string[] OfTls = ["method", "cert_file", "priv_key_file", "ca_list_file", "ca_list_path", "cipher", "verify_server", "verify_client", "require_client_cert", "allow_wildcard_certs"];

    // One for each transport is enough. A flow has the transport of another.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from transport in pbx.Pjsip.Transports
        let protocol = transport["protocol"]?.ToLowerInvariant() ?? "udp"
        where protocol is "udp" or "tcp" or "ws" or "wss"
        let given = OfTls.Select(transport.Find).OfType<ConfigSetting>().Where(setting => Asks(transport, setting)).OrderBy(static setting => setting.Place.Line).ToList()
        where given.Count > 0
        select new Fault(given[0].Place, $"transport {Shown.Text(transport.Name)}", $"{string.Join(", ", given.Select(static setting => setting.Name))} without effect: the protocol is {protocol}");

    private static bool Asks(PjsipObject transport, ConfigSetting setting) =>
        transport.Kind?.Find(setting.Name)?.Kind == OptionKind.Bool ? AsteriskBool.IsTrue(setting.Value) : setting.Value.Length > 0 && !setting.Value.Equals("default", StringComparison.OrdinalIgnoreCase);
}

using Ringfence.Core.Audit.Rules.Options;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A TLS transport that has nothing to show.</summary>
/// <remarks>res/res_pjsip/config_transport.c.</remarks>
internal static class TlsWithoutCertificate
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1041",
        Name = "tls-without-certificate",
        Severity = Severity.Medium,
        // Measured on 22.10.1: without cert_file the transport is listed and opened, and no handshake succeeds; with a cert_file that is not there it is not opened at all; nothing but that file's line in the log tells.
        Why = "Asterisk opens the port, \"pjsip show transports\" lists it, and every handshake fails: phones that were meant to use TLS are put back to UDP.",
        Fix = "Name a certificate by cert_file and its key by priv_key_file.",
        Bad = """
            [tls] ; here
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            method = sslv23
            """,
        Good = """
            [tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            method = sslv23
            cert_file = /etc/asterisk/keys/pbx.pem
            priv_key_file = /etc/asterisk/keys/pbx.pem
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Secure-Calling/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from transport in PjsipTls.Transports(pbx)
        where string.IsNullOrEmpty(transport["cert_file"]) && !IsOutgoing(pbx, transport.Name) && !RefusedObject.IsCertain(pbx, transport)
        select new Fault(transport.PlaceOf("cert_file"), $"transport {Shown.Text(transport.Name)}", "it has no certificate: no phone can connect over TLS");

    // Asterisk needs no certificate of its own to connect to a provider.
    private static bool IsOutgoing(PbxSnapshot pbx, string transport)
    {
        var peers = PjsipPeers.Of(pbx);
        var users = pbx.Pjsip.Having("endpoint", "transport", transport).ToList();
        return users.TrueForAll(peers.IsTrunk) && (users.Count > 0 || pbx.Pjsip.Having("registration", "transport", transport).Any());
    }
}

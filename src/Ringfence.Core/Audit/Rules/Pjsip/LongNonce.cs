using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A challenge that can be answered again for long.</summary>
/// <remarks>res/res_pjsip_authenticator_digest.c: a nonce is good for nonce_lifetime, and its count is not looked at.</remarks>
internal static class LongNonce
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1027",
        Name = "long-nonce",
        Severity = Severity.Low,
        // Measured on 22.10.1: the same REGISTER with the same nonce and count was answered by 200 again within the lifetime of 32 s.
        Why = "Asterisk takes an answer to a challenge as often as it comes while the nonce lives. Who copied one packet from the network registers in that phone's name for as long.",
        Fix = "Leave nonce_lifetime out: 32 seconds is what Asterisk does by itself.",
        Bad = """
            [1001]
            type = auth
            username = 1001
            password = Xk9-mP2vL8-qR5w-77aZ
            nonce_lifetime = 3600 ; here
            """,
        Good = """
            [1001]
            type = auth
            username = 1001
            password = Xk9-mP2vL8-qR5w-77aZ
            nonce_lifetime = 60
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_pjsip/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private const uint LongestSeconds = 300;

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var edit = new SharedEdit(pbx.Pjsip.Auths.Where(static auth => !IsLong(auth)), "nonce_lifetime", "nonce_lifetime");
        return from auth in pbx.Pjsip.Auths
               where IsLong(auth)
               select new Fault(auth.PlaceOf("nonce_lifetime"), $"auth {Shown.Text(auth.Name)}", $"a copied login is good for {Shown.Text(auth["nonce_lifetime"]!)} seconds")
               {
                   Mend = new Mend("32 seconds, as Asterisk does by itself", edit.Set(auth, "32")),
               };
    }

    private static bool IsLong(PjsipObject auth) => uint.TryParse(auth["nonce_lifetime"], out var seconds) && seconds > LongestSeconds;
}

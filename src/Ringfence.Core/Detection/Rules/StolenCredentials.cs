using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>A login with the right password that is not its owner's.</summary>
internal static class StolenCredentials
{
    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2014",
        Name = "stolen-credentials",
        Severity = Severity.High,
        Why = "Somebody logged in with the right password who is not like the account's owner: after guessing it, from a network and with a phone that the account never had, or in two places at once. He can make calls at your cost.",
        Fix = "Ask the owner. If it was not he: change the password, then run ringfence ban ADDRESS. A new phone is told once, and known from then on. stolen in [detect] says whether to tell, to ban, or neither.",
        Bad = """
            sip 2026-11-20 12:00:00.000 TCP 192.0.2.7:5060 REGISTER 1001 200 auth agent=Yealink
            sip 2026-11-22 12:00:00.000 TCP 192.0.2.7:5060 REGISTER 1001 200 auth agent=Yealink
            sip 2026-11-22 12:10:00.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth agent=eyeBeam
            sip 2026-11-22 12:11:00.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth agent=eyeBeam
            sip 2026-11-22 12:12:00.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth agent=eyeBeam
            sip 2026-11-22 12:13:00.000 TCP 198.51.100.7:5060 REGISTER 1001 200 auth agent=eyeBeam
            # here
            """,
        Good = """
            sip 2026-11-20 12:00:00.000 TCP 192.0.2.7:5060 REGISTER 1001 200 auth agent=Yealink/1.0
            sip 2026-11-20 12:00:00.000 TCP 192.0.2.8:5060 REGISTER 1002 200 auth agent=Snom
            sip 2026-11-22 12:00:00.000 TCP 192.0.2.7:5060 REGISTER 1001 200 auth agent=Yealink/1.0
            sip 2026-11-22 12:10:00.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth agent=Yealink/1.1
            sip 2026-11-22 12:11:00.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth agent=Yealink/1.1
            sip 2026-11-22 12:12:00.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth agent=Yealink/1.1
            sip 2026-11-22 12:13:00.000 TCP 198.51.100.7:5060 REGISTER 1001 200 auth agent=Yealink/1.1
            sip 2026-11-22 12:20:00.000 TCP 192.0.2.9:5060 REGISTER 1002 200 auth agent=Zoiper
            sip 2026-11-22 12:30:00.000 TCP 203.0.113.9:5060 REGISTER 1002 200 auth agent=Zoiper
            """,
        Reference = new Uri("https://attack.mitre.org/techniques/T1078/"),
        Kinds = [],
        Check = null,
    };
}

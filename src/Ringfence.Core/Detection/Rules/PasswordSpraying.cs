using Ringfence.Core.Events;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>Many accounts tried from many addresses, a try or two each.</summary>
internal static class PasswordSpraying
{
    private const int FromOneAddress = 2;

    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2010",
        Name = "password-spraying",
        Severity = Severity.High,
        Why = "Within an hour at least 20 addresses were refused for at least 20 accounts: somebody sprays a few passwords over all accounts from many machines. While it lasts, two accounts refused are enough for an address. Only addresses that are proven are banned for it; over UDP alone they are throttled.",
        Fix = "Long random passwords make it futile. If it is an office of yours where several phones lost their passwords at once: trust its address.",
        Bad = Wave + """
            sip 2026-11-20 12:40:00.000 TCP 198.51.100.7:5060 REGISTER 1041 401 auth
            sip 2026-11-20 12:50:00.000 TCP 198.51.100.7:5060 REGISTER 1042 401 auth
            # here
            """,
        Good = Wave + """
            sip 2026-11-20 12:40:00.000 TCP 198.51.100.7:5060 REGISTER 1041 401 auth
            sip 2026-11-20 12:41:00.000 TCP 198.51.100.7:5060 REGISTER 1041 401 auth
            sip 2026-11-20 15:50:00.000 TCP 198.51.100.7:5060 REGISTER 1042 401 auth
            """,
        Reference = new Uri("https://attack.mitre.org/techniques/T1110/003/"),
        Kinds = [EventKind.PasswordRefused, EventKind.AccountUnknown],
        Check = Check,
    };

    private const string Wave = """
        sip 2026-11-20 12:01:00.000 TCP 192.0.2.1:5060 REGISTER 1001 401 auth
        sip 2026-11-20 12:02:00.000 TCP 192.0.2.2:5060 REGISTER 1002 401 auth
        sip 2026-11-20 12:03:00.000 TCP 192.0.2.3:5060 REGISTER 1003 401 auth
        sip 2026-11-20 12:04:00.000 TCP 192.0.2.4:5060 REGISTER 1004 401 auth
        sip 2026-11-20 12:05:00.000 TCP 192.0.2.5:5060 REGISTER 1005 401 auth
        sip 2026-11-20 12:06:00.000 TCP 192.0.2.6:5060 REGISTER 1006 401 auth
        sip 2026-11-20 12:07:00.000 TCP 192.0.2.7:5060 REGISTER 1007 401 auth
        sip 2026-11-20 12:08:00.000 TCP 192.0.2.8:5060 REGISTER 1008 401 auth
        sip 2026-11-20 12:09:00.000 TCP 192.0.2.9:5060 REGISTER 1009 401 auth
        sip 2026-11-20 12:10:00.000 TCP 203.0.113.1:5060 REGISTER 1010 401 auth
        sip 2026-11-20 12:11:00.000 TCP 203.0.113.2:5060 REGISTER 1011 401 auth
        sip 2026-11-20 12:12:00.000 TCP 203.0.113.3:5060 REGISTER 1012 401 auth
        sip 2026-11-20 12:13:00.000 TCP 203.0.113.4:5060 REGISTER 1013 401 auth
        sip 2026-11-20 12:14:00.000 TCP 203.0.113.5:5060 REGISTER 1014 401 auth
        sip 2026-11-20 12:15:00.000 TCP 203.0.113.6:5060 REGISTER 1015 401 auth
        sip 2026-11-20 12:16:00.000 TCP 203.0.113.7:5060 REGISTER 1016 401 auth
        sip 2026-11-20 12:17:00.000 TCP 203.0.113.8:5060 REGISTER 1017 401 auth
        sip 2026-11-20 12:18:00.000 TCP 203.0.113.9:5060 REGISTER 1018 401 auth
        sip 2026-11-20 12:19:00.000 TCP 203.0.113.10:5060 REGISTER 1019 401 auth
        sip 2026-11-20 12:20:00.000 TCP 203.0.113.11:5060 REGISTER 1020 401 auth

        """;

    private static Claim? Check(in PbxEvent seen, Refusals refusals, Configuration.DetectionSettings settings)
    {
        if (!refusals.IsOfPbx || !LongMemory.IsTry(seen) || !refusals.Memory.IsSprayed(seen.TimeTicks, refusals.Least))
        {
            return null;
        }

        var count = refusals.CountAccounts(seen, LongMemory.SprayWindow);
        return count >= FromOneAddress ? new Claim(count, "accounts refused while many addresses try many accounts", Within: LongMemory.SprayWindow) { ThrottleOnly = refusals.Least != Proof.Proven } : null;
    }
}

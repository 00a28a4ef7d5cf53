using Ringfence.Core.Events;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>Refusals of some accounts, and logins of another one between them.</summary>
internal static class GuessingBetweenLogins
{
    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2019",
        Name = "guessing-between-logins",
        Severity = Severity.Medium,
        Why = "From this address accounts are refused again and again (by default 10 times in 10 minutes), and another account logs in between: a login forgives what was refused before, and whoever has one account can hide his guesses at others behind it. An office behind one address, one phone of which has an old password, looks the same; so it is told, once a day, and nobody is banned.",
        Fix = "Look at the accounts in the evidence. If their phones are there: correct the password of the one that is refused. If they are not: run ringfence ban ADDRESS, and change the password of the account that logs in from there.",
        Bad = """
            sip 2026-11-20 12:00:00.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:01.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:02.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:03.000 TCP 198.51.100.7:5060 REGISTER 1010 200 auth
            sip 2026-11-20 12:00:04.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:05.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:06.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:07.000 TCP 198.51.100.7:5060 REGISTER 1010 200 auth
            sip 2026-11-20 12:00:08.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:09.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:10.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:11.000 TCP 198.51.100.7:5060 REGISTER 1010 200 auth
            sip 2026-11-20 12:00:12.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:13.000 TCP 198.51.100.7:5060 REGISTER 1010 200 auth
            sip 2026-11-20 12:00:14.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            # here
            """,
        Good = """
            sip 2026-11-20 12:00:00.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:01.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:02.000 TCP 198.51.100.7:5060 REGISTER 1010 200 auth
            sip 2026-11-20 12:00:03.000 TCP 198.51.100.7:5060 REGISTER 1001 200 auth
            sip 2026-11-20 12:00:04.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:05.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:06.000 TCP 198.51.100.7:5060 REGISTER 1010 200 auth
            sip 2026-11-20 12:00:07.000 TCP 198.51.100.7:5060 REGISTER 1001 200 auth
            sip 2026-11-20 12:00:08.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:09.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:10.000 TCP 198.51.100.7:5060 REGISTER 1010 200 auth
            sip 2026-11-20 12:00:11.000 TCP 198.51.100.7:5060 REGISTER 1001 200 auth
            sip 2026-11-20 12:00:12.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:13.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:14.000 TCP 198.51.100.7:5060 REGISTER 1010 200 auth
            sip 2026-11-20 12:00:15.000 TCP 198.51.100.7:5060 REGISTER 1001 200 auth
            sip 2026-11-20 12:00:16.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:17.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:18.000 TCP 198.51.100.7:5060 REGISTER 1010 200 auth
            sip 2026-11-20 12:00:19.000 TCP 198.51.100.7:5060 REGISTER 1001 200 auth
            sip 2026-11-20 12:00:20.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:21.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:22.000 TCP 198.51.100.7:5060 REGISTER 1010 200 auth
            sip 2026-11-20 12:00:23.000 TCP 198.51.100.7:5060 REGISTER 1001 200 auth
            """,
        Reference = new Uri("https://attack.mitre.org/techniques/T1110/001/"),
        Kinds = [EventKind.PasswordRefused, EventKind.AccountUnknown],
        Check = Check,
    };

    private static Claim? Check(in PbxEvent seen, Refusals refusals, Configuration.DetectionSettings settings)
    {
        if (!refusals.IsOfPbx || refusals.IsTold(seen.TimeTicks, settings.SlowWindow))
        {
            return null;
        }

        var count = refusals.CountForgiven(seen, settings.Window);
        return count >= 2 * settings.Refusals ? new Claim(count, "refusals of accounts, and logins of another one between them,") { TellOnly = true, IsBetweenLogins = true } : null;
    }
}

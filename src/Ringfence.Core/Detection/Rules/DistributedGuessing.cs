using Ringfence.Core.Events;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>One account's password, guessed from many addresses.</summary>
internal static class DistributedGuessing
{
    /// <summary>One less than otherwise, and over a day in place of minutes: on a day when others guess, the owner may mistype his password too.</summary>
    private static int FromOneAddress(Configuration.DetectionSettings settings) => Math.Max(2, settings.Refusals - 1);

    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2009",
        Name = "distributed-guessing",
        Severity = Severity.High,
        Why = "Many addresses (by default 10 in a day) try passwords for one account, a few tries each, so that none of them is ever counted out. While it lasts, one wrong password less (by default 4, and over a day in place of minutes) is enough for that account, unless somebody logged in from the same network that day. Only addresses that are proven count: over UDP alone anybody can have as many as he likes.",
        Fix = "Give the account a long random password, and a permit list if its phone has a fixed address. If it is one of your phones: correct its password, then run ringfence unban ADDRESS.",
        Bad = """
            sip 2026-11-20 12:00:00.000 TCP 203.0.113.1:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:10:00.000 TCP 203.0.113.2:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:20:00.000 TCP 192.0.2.3:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:30:00.000 TCP 192.0.2.4:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:40:00.000 TCP 192.0.2.5:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:50:00.000 TCP 192.0.2.6:5060 REGISTER 1001 401 auth
            sip 2026-11-20 13:00:00.000 TCP 192.0.2.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 13:10:00.000 TCP 192.0.2.8:5060 REGISTER 1001 401 auth
            sip 2026-11-20 13:20:00.000 TCP 192.0.2.9:5060 REGISTER 1001 401 auth
            sip 2026-11-20 13:30:00.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 15:30:00.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 17:30:00.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 19:30:00.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            # here
            """,
        Good = """
            sip 2026-11-20 12:00:00.000 TCP 203.0.113.1:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:10:00.000 TCP 203.0.113.2:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:20:00.000 TCP 192.0.2.3:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:30:00.000 TCP 192.0.2.4:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:40:00.000 TCP 192.0.2.5:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:50:00.000 TCP 192.0.2.6:5060 REGISTER 1001 401 auth
            sip 2026-11-20 13:00:00.000 TCP 192.0.2.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 13:10:00.000 TCP 192.0.2.8:5060 REGISTER 1001 401 auth
            sip 2026-11-20 13:20:00.000 TCP 192.0.2.9:5060 REGISTER 1001 401 auth
            sip 2026-11-20 13:30:00.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 13:31:00.000 TCP 198.51.100.7:5060 REGISTER 1002 401 auth
            sip 2026-11-20 13:31:20.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 13:31:30.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 13:32:00.000 TCP 198.51.100.7:5060 REGISTER 1001 200 auth
            sip 2026-11-20 13:33:00.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            """,
        Reference = new Uri("https://attack.mitre.org/techniques/T1110/"),
        Kinds = [EventKind.PasswordRefused],
        Check = Check,
    };

    private static Claim? Check(in PbxEvent seen, Refusals refusals, Configuration.DetectionSettings settings)
    {
        var account = refusals.Newest.AccountHash;
        if (refusals.Least != Proof.Proven || !refusals.IsOfPbx || seen.Account.IsEmpty || refusals.Memory.Guessers(account, seen.TimeTicks, Proof.Proven) < settings.GuessingSources
            || refusals.Memory.IsUsersNetwork(seen))
        {
            return null;
        }

        var count = refusals.CountOfAccount(seen, account, settings.SlowWindow);
        return count >= FromOneAddress(settings) ? new Claim(count, "wrong passwords for an account that many addresses guess", Within: settings.SlowWindow) : null;
    }
}

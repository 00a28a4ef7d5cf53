using Ringfence.Core.Events;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>One account is what many addresses are after, whether any of them does enough to be banned or not.</summary>
internal static class GuessedAccount
{
    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2022",
        Name = "guessed-account",
        Severity = Severity.Medium,
        Why = "Many addresses (by default 10 in a day) tried wrong passwords for one account. Each may do so little that it is never banned, or be banned and followed by the next: what they are after is the account, and its password is all that stands before them. It is told once a day for each account, once more when ten proven addresses follow unproven ones, and nobody is banned for it: over UDP alone anybody can forge as many addresses as he likes.",
        Fix = "Give the account a long random password, and a permit list if its phone has a fixed address. An account that nobody needs is best removed. If it is one of your phones, which moves from network to network with an old password: correct it.",
        Bad = Crowd + """
            sip 2026-11-20 13:30:00.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            # here
            sip 2026-11-20 13:40:00.000 TCP 198.51.100.8:5060 REGISTER 1001 401 auth
            sip 2026-11-20 13:50:00.000 TCP 198.51.100.9:5060 REGISTER 1001 401 auth
            """,
        Good = Crowd + """
            sip 2026-11-20 13:10:00.000 TCP 192.0.2.8:5060 REGISTER 1001 401 auth
            sip 2026-11-20 13:30:00.000 TCP 198.51.100.7:5060 REGISTER 1002 401 auth
            sip 2026-11-21 12:30:00.000 TCP 198.51.100.7:5060 REGISTER 1001 401 auth
            """,
        Reference = new Uri("https://attack.mitre.org/techniques/T1110/001/"),
        Kinds = [EventKind.PasswordRefused],
        Check = Check,
    };

    private const string Crowd = """
        sip 2026-11-20 12:00:00.000 TCP 203.0.113.1:5060 REGISTER 1001 401 auth
        sip 2026-11-20 12:10:00.000 TCP 203.0.113.2:5060 REGISTER 1001 401 auth
        sip 2026-11-20 12:20:00.000 TCP 192.0.2.3:5060 REGISTER 1001 401 auth
        sip 2026-11-20 12:30:00.000 UDP 192.0.2.4:5060 REGISTER 1001 401 auth
        sip 2026-11-20 12:40:00.000 TCP 192.0.2.5:5060 REGISTER 1001 401 auth
        sip 2026-11-20 12:50:00.000 UDP 192.0.2.6:5060 REGISTER 1001 401 auth
        sip 2026-11-20 13:00:00.000 TCP 192.0.2.7:5060 REGISTER 1001 401 auth
        sip 2026-11-20 13:10:00.000 TCP 192.0.2.8:5060 REGISTER 1001 401 auth
        sip 2026-11-20 13:20:00.000 TCP 192.0.2.9:5060 REGISTER 1001 401 auth

        """;

    private static Claim? Check(in PbxEvent seen, Refusals refusals, Configuration.DetectionSettings settings)
    {
        var account = refusals.Newest.AccountHash;
        if (!refusals.IsOfPbx || seen.Account.IsEmpty || refusals.Memory.Guessers(account, seen.TimeTicks, refusals.Least) is var guessers && guessers < settings.GuessingSources
            || !refusals.Memory.MayTellGuessed(account, seen.TimeTicks, refusals.Least))
        {
            return null;
        }

        var proven = refusals.Memory.Guessers(account, seen.TimeTicks, Proof.Proven);
        var words = proven == guessers ? "addresses" : $"addresses, {(proven == 0 ? "none" : proven)} of them proven,";
        return new Claim(1, $"{guessers} {words} guess at account {SafeText.From(seen.Account)}; nobody is banned for that alone") { TellOnly = true, OfAccount = refusals.Least };
    }
}

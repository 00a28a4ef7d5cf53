using System.Globalization;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>Somebody goes through a list of passwords for one account, and nobody can say who.</summary>
internal static class BatteredAccount
{
    /// <summary>Wrong passwords within the window: a phone with an old one asks each half minute.</summary>
    public const int Enough = 100;

    /// <summary>The same in a day, for whoever takes his time.</summary>
    public const int EnoughInADay = 5_000;

    /// <summary>In a day from networks that the account was never seen to log in from: four in ten minutes, which nobody is banned for, are 576.</summary>
    public const int EnoughOfStrangers = 200;

    /// <summary>Answers that were sent elsewhere: no phone has them sent to another address than its own.</summary>
    public const int EnoughElsewhere = 10;

    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2023",
        Name = "battered-account",
        Severity = Severity.High,
        Why = "Wrong passwords for one account come so fast (100 within the window of 10 minutes, or 5,000 in a day, or 200 in a day from networks that nobody was seen to log in from with it) that somebody goes through a list, whoever he is. Over UDP a forger writes as many addresses as he likes, or that of your own phone, has the PBX's answers sent to himself (maddr in the Via), and needs no challenge: Asterisk looks at the password before the nonce, and says of a right one with an invented nonce that only the nonce is too old (stale=true). Or he takes his time, and stays below what anybody is banned for. Nobody can be banned for it, for nobody proves where he is, and a phone with an old password does the same; what stands before him is the password. Of answers that went to another address than the requests came from, which no phone wants, 10 are enough. It is told once a day for each account.",
        Fix = "Give the account a long random password: at 1,500 guesses a second, which is what Asterisk answers, one of 16 random letters and digits lasts for ever, and a word of a list for minutes. Let phones outside come over TLS or TCP, where no address can be forged, and close UDP to the internet. If it is one of your own phones, with an old password: correct it.",
        Bad = Elsewhere(1, 9) + """
            sip 2026-11-20 12:00:10.000 UDP 198.51.100.7:5060 REGISTER 1001 401 invented maddr=203.0.113.99
            # here
            """,
        Good = Elsewhere(1, 9) + """
            sip 2026-11-20 12:00:10.000 UDP 198.51.100.7:5060 REGISTER 1002 401 invented maddr=203.0.113.99
            """,
        Reference = new Uri("https://www.rfc-editor.org/rfc/rfc3261#section-18.2.2"),
        Kinds = [],
        Check = null,
    };

    /// <param name="count">Wrong passwords.</param>
    /// <param name="within">The time that was counted.</param>
    /// <param name="elsewhere">Where the last answer went that did not go to its sender; null: all went there.</param>
    public static string Words(ReadOnlySpan<byte> account, int count, TimeSpan within, int answersElsewhere, Address? elsewhere) => string.Create(
        CultureInfo.InvariantCulture,
        $"account {SafeText.From(account[..Math.Min(account.Length, 64)])}: {count} wrong passwords {Duration.Within(within)} so far{(elsewhere is { } there ? $", {answersElsewhere} of them answered to another address than they came from, the last to {there}" : string.Empty)}; nobody is banned for that alone");

    private static string Elsewhere(int from, int count) => string.Concat(Enumerable.Range(from, count).Select(i =>
        $"sip 2026-11-20 12:00:0{i}.000 UDP 192.0.2.{i}:5060 REGISTER 1001 401 invented maddr=203.0.113.99\n"));
}

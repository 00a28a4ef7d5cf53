using System.Runtime.CompilerServices;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>Says what is worst about a password.</summary>
internal static class PasswordJudge
{
    // Five rules ask for the same: of twenty thousand accounts each is judged once.
    private static readonly ConditionalWeakTable<PbxSnapshot, List<(Credential Credential, PasswordFlaw Flaw)>> Known = [];

    /// <summary>What the guides ask for at least.</summary>
    private const int FewestCharacters = 12;

    /// <summary>Those of less are all tried within days, whatever is in them.</summary>
    private const int FewestAtAll = 8;

    /// <summary>A name, a known word or a run of keys counts for nothing: so much must be left beside it.</summary>
    private const int FewestBeside = 8;

    /// <summary>What stands behind is not looked at: whether a text repeats itself takes the square of its length to say, and nobody guesses so many characters.</summary>
    private const int MostCharacters = 256;

    /// <summary>A name of one or two characters is in many a good password by chance.</summary>
    private const int ShortestName = 3;

    public static PasswordFlaw Judge(string password, IReadOnlyList<string> names)
    {
        if (names.Any(name => Same(password, name) || (name.Length >= ShortestName && (Same(password, Reversed(name)) || Same(password, name + name)))))
        {
            return PasswordFlaw.IsAccount;
        }

        password = password.Length > MostCharacters ? password[..MostCharacters] : password;
        if (CommonPasswords.Contains(password))
        {
            return PasswordFlaw.Common;
        }

        if (names.Any(name => name.Length >= ShortestName && password.Contains(name, StringComparison.OrdinalIgnoreCase) && password.Length - name.Length < FewestBeside))
        {
            return PasswordFlaw.HoldsAccount;
        }

        if (CommonPasswords.LongestWordIn(password) is > 0 and var word && password.Length - word < FewestBeside)
        {
            return PasswordFlaw.Common;
        }

        if (PasswordRuns.Predictable(password) is > 0 and var predictable && password.Length - predictable < FewestBeside)
        {
            return PasswordFlaw.Pattern;
        }

        // Sommer2024!!!!, Haus-1999: found within a day wherever its account is asked.
        var parts = PasswordParts.Bits(password);
        if (parts is { } bits && GuessTime.Of(bits) < GuessTime.FirstTried)
        {
            return PasswordFlaw.Common;
        }

        return password.Length < FewestCharacters ? PasswordFlaw.Short
            : Time(password, parts) < GuessTime.LongEnough ? PasswordFlaw.Guessable : PasswordFlaw.None;
    }

    private static TimeSpan Time(string password, double? parts) => GuessTime.Of(Math.Min(GuessTime.Bits(password), parts ?? double.MaxValue));

    /// <summary>The faults of one flaw, over every password of a PBX.</summary>
    /// <param name="worst">Of an account that strangers can try; where they can't it is one step less.</param>
    /// <param name="text">What is said of it; never which password it is.</param>
    public static IEnumerable<Fault> Faults(PbxSnapshot pbx, PasswordFlaw flaw, Severity worst, string text) =>
        from judged in Known.GetValue(pbx, Judged)
        where judged.Flaw == flaw
        let time = judged.Credential.Password is { Length: > 0 } password ? Time(password, PasswordParts.Bits(password)) : TimeSpan.Zero
        let severity = flaw is PasswordFlaw.Short or PasswordFlaw.Guessable && (time < GuessTime.SoonTried || judged.Credential.Password.Length < FewestAtAll) ? Severity.High : worst
        let graded = judged.Credential.IsOpen() || severity == Severity.Info ? severity : severity - 1
        select new Fault(judged.Credential.Place, judged.Credential.Subject, flaw == PasswordFlaw.Guessable ? $"{text}: {GuessTime.Shown(time)}" : text)
        {
            IsSecret = true,
            Mend = judged.Credential.IsSent ? new Mend("have another one given there, random and of 20 characters, and write it here") : null,
            Severity = judged.Credential.IsLocal && graded > Severity.Medium ? Severity.Medium : graded,
        };

    private static List<(Credential Credential, PasswordFlaw Flaw)> Judged(PbxSnapshot pbx) =>
    [
        .. Credential.All(pbx).Concat(Credential.Sent(pbx)).Select(static credential => (credential, Judge(credential.Password, credential.Names))),
        .. PasswordDigest.Guessed(pbx),
    ];

    private static bool Same(string left, string right) => left.Equals(right, StringComparison.OrdinalIgnoreCase);

    private static string Reversed(string text) => new([.. text.Reverse()]);
}

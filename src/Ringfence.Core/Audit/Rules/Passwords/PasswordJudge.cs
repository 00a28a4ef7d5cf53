using System.Runtime.CompilerServices;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>Says what is worst about a password.</summary>
internal static class PasswordJudge
{
    // Five rules ask for the same: of twenty thousand accounts each is judged once.
    private static readonly ConditionalWeakTable<PbxSnapshot, List<(Credential Credential, PasswordFlaw Flaw)>> Known = [];

    /// <summary>What the guides ask for at least.</summary>
    private const int FewestCharacters = 12;

    /// <summary>A name, a known word or a run of keys counts for nothing: so much must be left beside it.</summary>
    private const int FewestBeside = 8;

    /// <summary>A name of one or two characters is in many a good password by chance.</summary>
    private const int ShortestName = 3;

    public static PasswordFlaw Judge(string password, IReadOnlyList<string> names)
    {
        if (names.Any(name => Same(password, name) || (name.Length >= ShortestName && (Same(password, Reversed(name)) || Same(password, name + name)))))
        {
            return PasswordFlaw.IsAccount;
        }

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

        return password.Length < FewestCharacters ? PasswordFlaw.Short
            : GuessTime.Of(password) < GuessTime.LongEnough ? PasswordFlaw.Guessable : PasswordFlaw.None;
    }

    /// <summary>The faults of one flaw, over every password of a PBX.</summary>
    /// <param name="text">What is said of it; never which password it is.</param>
    public static IEnumerable<Fault> Faults(PbxSnapshot pbx, PasswordFlaw flaw, string text) =>
        from judged in Known.GetValue(pbx, static pbx => [.. Credential.All(pbx).Select(static credential => (credential, Judge(credential.Password, credential.Names)))])
        where judged.Flaw == flaw
        select new Fault(judged.Credential.Place, judged.Credential.Subject, text) { IsSecret = true };

    private static bool Same(string left, string right) => left.Equals(right, StringComparison.OrdinalIgnoreCase);

    private static string Reversed(string text) => new([.. text.Reverse()]);
}

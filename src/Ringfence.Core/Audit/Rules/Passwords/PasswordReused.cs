using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>One password for several accounts.</summary>
internal static class PasswordReused
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1206",
        Name = "password-reused",
        Severity = Severity.High,
        Why = "Who finds one of these accounts' password has all of them; a phone that is lost, or a colleague who left, opens the others.",
        Fix = "Give each account a password of its own.",
        Bad = """
            [1001]
            type = auth
            username = 1001
            password = Xk9-mP2vL8-qR5w-77aZ ; here
            [1002]
            type = auth
            username = 1002
            password = Xk9-mP2vL8-qR5w-77aZ
            """,
        Good = """
            [1001]
            type = auth
            username = 1001
            password = Xk9-mP2vL8-qR5w-77aZ
            [1002]
            type = auth
            username = 1002
            password = Bq4-tT6nW1-zH8c-93dK
            """,
        Reference = new Uri("https://pages.nist.gov/800-63-4/sp800-63b.html"),
        Topic = AuditTopic.Passwords,
        Check = Check,
    };

    /// <summary>So many of the accounts are named.</summary>
    private const int Named = 5;

    // One fault for one password, however many accounts it opens. The same phone may stand in sip.conf and in pjsip.conf.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from credential in Credential.All(pbx)
        group credential by credential.Password into same
        let first = same.First()
        let others = same.Where(other => !other.Names.Intersect(first.Names, StringComparer.OrdinalIgnoreCase).Any()).DistinctBy(static other => other.Subject).ToList()
        where others.Count > 0
        select new Fault(first.Place, first.Subject, $"the same password opens {string.Join(", ", others.Take(Named).Select(static other => other.Subject))}{(others.Count > Named ? $" and {others.Count - Named} more" : "")}")
        {
            IsSecret = true,
            Way = [.. others.Where(other => other.Place != first.Place).Take(Named).Select(static other => new Step(other.Place, other.Subject))],
        };
}

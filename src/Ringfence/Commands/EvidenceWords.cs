using Ringfence.Api;
using Ringfence.Core.Configuration;

namespace Ringfence.Commands;

/// <summary>Evidence in words: one line for all that is alike.</summary>
internal static class EvidenceWords
{
    private const int MostAccounts = 3;

    /// <param name="subject">Who was asked about: whose evidence it is stands there where it is another's.</param>
    /// <returns>In the order in which each kind begins: its first time, and "5 x wrong password for 1001 in 200 ms, sender not proven, told by hep 127.0.0.1:9060".</returns>
    public static IEnumerable<(DateTimeOffset Time, string Words)> Of(IReadOnlyList<EvidenceReport> evidence, Core.Events.Network subject) => evidence
        .GroupBy(piece => (piece.Source, piece.Event, piece.Proof, piece.Log))
        .Select(alike => (alike.Min(piece => piece.Time), Line([.. alike], subject)));

    /// <returns>What the words about senders mean, of those that were used; a sentence each.</returns>
    public static IEnumerable<string> Legend(IReadOnlySet<string> proofs)
    {
        if (proofs.Contains("proven"))
        {
            yield return "Sender proven: an answer reached that address and came back (TCP, TLS, or over UDP the answer to a challenge).";
        }

        if (proofs.Contains("unproven"))
        {
            yield return "Sender not proven: over UDP anybody can write any address as his own, and a log does not always say what it came over.";
        }
    }

    private static string Line(List<EvidenceReport> alike, Core.Events.Network subject)
    {
        var whose = alike[0].Source is { } source && source != subject ? $"{source}  " : "";
        var times = alike.Count == 1 ? "" : $" {Duration.Within(alike.Max(piece => piece.Time) - alike.Min(piece => piece.Time))}";
        return $"{whose}{(alike.Count == 1 ? "" : $"{alike.Count} x ")}{What(alike[0].Event)}{Accounts(alike)}{times}, {Sender(alike[0].Proof)}, told by {alike[0].Log}";
    }

    private static string Accounts(List<EvidenceReport> alike)
    {
        List<string> accounts = [.. alike.Select(piece => piece.Account).Where(account => account.Length > 0).Distinct()];
        return accounts.Count == 0 ? "" : $" for {string.Join(", ", accounts.Take(MostAccounts))}{(accounts.Count > MostAccounts ? $" and {accounts.Count - MostAccounts} more" : "")}";
    }

    private static string Sender(string proof) => proof switch
    {
        "proven" => "sender proven",
        "unproven" => "sender not proven",
        _ => "could be forged",
    };

    // The names are those of ReportFrom; one that is not here, of a newer guard, stands for itself.
    private static string What(string name) => name switch
    {
        "challenge_sent" => "request without a password",
        "password_refused" => "wrong password",
        "cross_site_refused" => "wrong password that a web page had a browser send",
        "account_unknown" or "unknown_account_failed" => "account that is not there",
        "acl_refused" => "address refused by an access list",
        "call_refused" => "call to a number that is not there",
        "packet_malformed" => "packet that is not SIP",
        "limit_reached" => "limit of the PBX reached",
        "address_accepted" => "call let in by its address alone",
        "injection" => "line ends inside a name",
        "scanner_seen" => "request of a scanner",
        "number_refused" => "registration of another's number",
        "login_omitted" => "connection without a login",
        "door_failed" => "failed login at the door",
        "login_succeeded" => "login with the right password",
        "nonce_stale" => "right password behind a challenge that is too old",
        _ => name.Replace('_', ' '),
    };
}

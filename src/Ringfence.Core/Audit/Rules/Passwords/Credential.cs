using Ringfence.Core.Audit.Rules.Manager;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>A password in a file by which somebody logs in to this PBX.</summary>
/// <param name="Subject">"auth 1001", "manager user monitor".</param>
/// <param name="Names">What the account is called: what a guesser tries first.</param>
internal sealed record Credential(string Subject, IReadOnlyList<string> Names, string Password, Place Place)
{
    /// <summary>All of the PBX's files that can be read. Passwords that this PBX sends to others are not among them: who gave them chose them. Empty ones neither.</summary>
    public static IEnumerable<Credential> All(PbxSnapshot pbx) =>
        Pjsip(pbx).Concat(Managers(pbx)).Concat(Ari(pbx)).Concat(Peers(OldPeers.Iax(pbx), "iax"))
            .Concat(Peers(OldPeers.Sip(pbx), "sip"))
            .Where(static credential => credential.Password.Length > 0);

    private static IEnumerable<Credential> Pjsip(PbxSnapshot pbx)
    {
        var asked = pbx.Pjsip.Endpoints.SelectMany(static endpoint => endpoint.List("auth")).Select(static named => named.Text).ToHashSet(StringComparer.Ordinal);
        var sent = pbx.Pjsip.Endpoints.Concat(pbx.Pjsip.Of("registration")).Concat(pbx.Pjsip.Of("outbound-publish")).SelectMany(static found => found.List("outbound_auth")).Select(static named => named.Text).ToHashSet(StringComparer.Ordinal);
        return from auth in pbx.Pjsip.Auths
               where auth["password"] is not null && auth["auth_type"]?.ToLowerInvariant() is not ("md5" or "google_oauth") && (asked.Contains(auth.Name) || !sent.Contains(auth.Name))
               select new Credential($"auth {Shown.Text(auth.Name)}", [auth["username"] ?? auth.Name, auth.Name], auth["password"]!, auth.PlaceOf("password"));
    }

    private static IEnumerable<Credential> Managers(PbxSnapshot pbx)
    {
        var config = pbx.Config("manager.conf");
        return config.Named("general").Any(static general => AsteriskBool.IsTrue(general["enabled"]))
            ? from user in config.Sections
              where user.Name != "general" && user["secret"] is { } secret && !ManagerPrintedSecret.IsPrinted(secret)
              select new Credential($"manager user {Shown.Text(user.Name)}", [user.Name], user["secret"]!, user.Find("secret")!.Place)
            : [];
    }

    private static IEnumerable<Credential> Ari(PbxSnapshot pbx) =>
        from user in pbx.Config("ari.conf").Sections
        where string.Equals(user["type"], "user", StringComparison.OrdinalIgnoreCase) && user["password"] is not null && !string.Equals(user["password_format"], "crypt", StringComparison.OrdinalIgnoreCase)
        select new Credential($"ARI user {Shown.Text(user.Name)}", [user.Name], user["password"]!, user.Find("password")!.Place);

    // A peer at a fixed host is one that this PBX logs in at; a friend is both.
    private static IEnumerable<Credential> Peers(IEnumerable<ConfigSection> peers, string channel) =>
        from peer in peers
        where peer["secret"] is not null && (OldPeers.IsUser(peer) || OldPeers.IsDynamic(peer))
        select new Credential($"{channel} account {Shown.Text(peer.Name)}", [peer["defaultuser"] ?? peer["username"] ?? peer.Name, peer.Name], peer["secret"]!, peer.Find("secret")!.Place);
}

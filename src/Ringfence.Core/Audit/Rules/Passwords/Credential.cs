using Ringfence.Core.Audit.Rules.Manager;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>A password in a file.</summary>
/// <param name="Subject">"auth 1001", "manager user monitor".</param>
/// <param name="Names">What the account is called: what a guesser tries first.</param>
internal sealed record Credential(string Subject, IReadOnlyList<string> Names, string Password, Place Place)
{
    /// <summary>Nothing that was read keeps strangers from trying passwords of it. Asked of weak ones alone: of twenty thousand accounts few are.</summary>
    public Func<bool> IsOpen { get; init; } = static () => true;

    /// <summary>Only who is on this machine may try it: no more than medium, whatever is wrong with it.</summary>
    public bool IsLocal { get; init; }

    /// <summary>This PBX logs in with it elsewhere, where it must be changed too.</summary>
    public bool IsSent { get; init; }

    /// <summary>Those by which somebody logs in to this PBX, of all files that can be read; read once. Empty ones are left out.</summary>
    public static IReadOnlyList<Credential> All(PbxSnapshot pbx) => pbx.Once(static pbx => new Own(
        [.. Pjsip(pbx).Concat(Managers(pbx)).Concat(Ari(pbx)).Concat(Peers(OldPeers.Iax(pbx), "iax")).Concat(Peers(OldPeers.Sip(pbx), "sip")).Where(static credential => credential.Password.Length > 0)]))!.Credentials;

    /// <summary>Those by which this PBX logs in elsewhere, at providers and databases. How often they may be tried there is not known here.</summary>
    public static IEnumerable<Credential> Sent(PbxSnapshot pbx) =>
        SentByPjsip(pbx).Concat(Databases(pbx)).Where(static credential => credential.Password.Length > 0).Select(static credential => credential with { IsSent = true, IsOpen = static () => false });

    /// <summary>The auths by which somebody logs in here, whatever they hold.</summary>
    public static IEnumerable<PjsipObject> Auths(PbxSnapshot pbx)
    {
        var asked = pbx.Pjsip.Endpoints.SelectMany(static endpoint => endpoint.List("auth")).Select(static named => named.Text).ToHashSet(StringComparer.Ordinal);
        var sent = SentNames(pbx);
        return pbx.Pjsip.Auths.Where(auth => asked.Contains(auth.Name) || !sent.Contains(auth.Name));
    }

    /// <summary>The auths that strangers may try: of an endpoint that no list of addresses restricts, or of none.</summary>
    public static Func<PjsipObject, bool> OpenAuths(PbxSnapshot pbx)
    {
        if (pbx.Pjsip.Of("acl").Any(acl => AccessLists.MayRefuse(pbx, acl)))
        {
            return static _ => false;
        }

        var asking = new Lazy<ILookup<string, PjsipObject>>(() =>
            pbx.Pjsip.Endpoints.SelectMany(static endpoint => endpoint.List("auth").Select(named => (named.Text, endpoint))).ToLookup(static pair => pair.Text, static pair => pair.endpoint, StringComparer.Ordinal));
        return auth => !asking.Value.Contains(auth.Name) || asking.Value[auth.Name].Any(endpoint => !AccessLists.MayRefuse(pbx, endpoint));
    }

    private static HashSet<string> SentNames(PbxSnapshot pbx) =>
        pbx.Pjsip.Endpoints.Concat(pbx.Pjsip.Of("registration")).Concat(pbx.Pjsip.Of("outbound-publish")).SelectMany(static found => found.List("outbound_auth")).Select(static named => named.Text).ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<Credential> Pjsip(PbxSnapshot pbx)
    {
        var isOpen = OpenAuths(pbx);
        return Auths(pbx).Where(HoldsPassword).Select(auth => Of(auth) with { IsOpen = () => isOpen(auth) });
    }

    private static IEnumerable<Credential> SentByPjsip(PbxSnapshot pbx)
    {
        var asked = Auths(pbx).Select(static auth => auth.Name).ToHashSet(StringComparer.Ordinal);
        var sent = SentNames(pbx);
        return pbx.Pjsip.Auths.Where(auth => sent.Contains(auth.Name) && !asked.Contains(auth.Name) && HoldsPassword(auth)).Select(Of);
    }

    private static bool HoldsPassword(PjsipObject auth) => auth["password"] is not null && auth["auth_type"]?.ToLowerInvariant() is not ("md5" or "google_oauth");

    private static Credential Of(PjsipObject auth) => new($"auth {Shown.Text(auth.Name)}", [auth["username"] ?? auth.Name, auth.Name], auth["password"]!, auth.PlaceOf("password"));

    private static IEnumerable<Credential> Managers(PbxSnapshot pbx)
    {
        var manager = ManagerInterface.Read(pbx);
        return from user in manager.Users
               where manager.IsEnabled && user.Section["secret"] is { } secret && !ManagerPrintedSecret.IsPrinted(secret)
               select new Credential(user.Subject, [user.Section.Name], user.Section["secret"]!, user.Section.Find("secret")!.Place) { IsOpen = () => manager.IsOnNetwork && user.Access is { IsLoopbackOnly: false }, IsLocal = !manager.IsOnNetwork || manager.IsLocal(user) };
    }

    private static IEnumerable<Credential> Ari(PbxSnapshot pbx)
    {
        var http = HttpInterface.Read(pbx);
        return from user in pbx.Config("ari.conf").Sections
               where pbx.Config("http.conf").Named("general").Any(static general => AsteriskBool.IsTrue(general["enabled"])) && string.Equals(user["type"], "user", StringComparison.OrdinalIgnoreCase) && user["password"] is not null && !string.Equals(user["password_format"], "crypt", StringComparison.OrdinalIgnoreCase)
               select new Credential($"ARI user {Shown.Text(user.Name)}", [user.Name], user["password"]!, user.Find("password")!.Place)
               {
                   IsOpen = () => (http.IsOnNetwork || AsteriskBool.IsTrue(http.General?["tlsenable"])) && user.Find("permit") is null && user.Find("acl") is null && !HttpInterface.IsRestricted(pbx, "ari"),
               };
    }

    // A peer at a fixed host is one that this PBX logs in at; a friend is both.
    private static IEnumerable<Credential> Peers(IEnumerable<ConfigSection> peers, string channel) =>
        from peer in peers
        where peer["secret"] is not null && (OldPeers.IsUser(peer) || OldPeers.IsDynamic(peer))
        select new Credential($"{channel} account {Shown.Text(peer.Name)}", [peer["defaultuser"] ?? peer["username"] ?? peer.Name, peer.Name], peer["secret"]!, peer.Find("secret")!.Place) { IsOpen = () => !OldPeers.MayRefuse(peer) };

    private static IEnumerable<Credential> Databases(PbxSnapshot pbx) =>
        from place in DatabaseFiles
        where IsRead(pbx, place.Module, place.Driver)
        from section in pbx.Config(place.File).Sections
        where place.Section is null || section.Name == place.Section
        let password = section.Find(place.Password)
        where password is not null && AsteriskBool.Parse(section["enabled"]) is not false
        select new Credential($"[{Shown.Text(section.Name)}] of {place.File}", [section[place.User] ?? section.Name], password.Value, password.Place)
        {
            // A socket where none is named; res_odbc.conf's server stands in odbc.ini.
            IsLocal = place.File != "res_odbc.conf" && (section["dbhost"] ?? section["hostname"] ?? section["host"] ?? "localhost") is var host && (host is "localhost" or "" || PrivateNetworks.IsLoopback(host)),
        };

    // Asterisk's own samples hold a password, and lie in many a directory. What only extconfig.conf's tables are read by is used where one names it.
    private static bool IsRead(PbxSnapshot pbx, string module, string? driver) =>
        !ModulesConf.LeavesOut(pbx, module)
        && (driver is null || pbx.Config("extconfig.conf").Named("settings").SelectMany(static section => section.Settings).Any(setting => setting.Value.Split(',')[0].Trim().Equals(driver, StringComparison.OrdinalIgnoreCase)));

    // Each by its module's sample. An LDAP entry's own passwords are attributes, in other sections.
    private static readonly (string File, string? Section, string User, string Password, string Module, string? Driver)[] DatabaseFiles =
    [
        ("res_odbc.conf", null, "username", "password", "res_odbc", null),
        ("res_config_mysql.conf", null, "dbuser", "dbpass", "res_config_mysql", "mysql"),
        ("res_mysql.conf", null, "dbuser", "dbpass", "res_config_mysql", "mysql"),
        ("cdr_mysql.conf", "global", "user", "password", "cdr_mysql", null),
        ("cdr_pgsql.conf", "global", "user", "password", "cdr_pgsql", null),
        ("cel_pgsql.conf", "global", "user", "password", "cel_pgsql", null),
        ("res_pgsql.conf", "general", "dbuser", "dbpass", "res_config_pgsql", "pgsql"),
        ("res_ldap.conf", "_general", "user", "pass", "res_config_ldap", "ldap"),
        ("cdr_tds.conf", "global", "user", "password", "cdr_tds", null),
        ("cel_tds.conf", "global", "user", "password", "cel_tds", null),
    ];

    private sealed record Own(IReadOnlyList<Credential> Credentials);
}

using Ringfence.Core.Audit.Rules.Firewall;
using Ringfence.Core.Host;
using Ringfence.Core.Host.Filter;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Host;

/// <summary>A database that listens on the network.</summary>
internal static class DatabaseOnNetwork
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1607",
        Name = "database-on-network",
        Severity = Severity.Medium,
        Why = "The PBX's database holds every password and call; its port is scanned for all day, and only a password or nothing is in front of it.",
        Fix = "Bind it to 127.0.0.1 (MariaDB: bind-address, PostgreSQL: listen_addresses, Redis: bind), or allow the port from the machines that need it alone.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact sockets
            tcp   LISTEN 0      80           0.0.0.0:3306      0.0.0.0:*    users:(("mariadbd",pid=700,fd=20)) ; here
            tcp   LISTEN 0      511        127.0.0.1:6379      0.0.0.0:*
            """,
        Good = """
            ;;; fact sockets
            tcp   LISTEN 0      80         127.0.0.1:3306      0.0.0.0:*
            tcp   LISTEN 0      80             [::1]:5432         [::]:*
            """,
        Reference = new Uri("https://mariadb.com/kb/en/configuring-mariadb-for-remote-client-access/"),
        Topic = AuditTopic.Host,
        Check = Check,
    };

    private static readonly Dictionary<int, string> Databases = new()
    {
        [3306] = "MariaDB or MySQL",
        [5432] = "PostgreSQL",
        [6379] = "Redis",
        [27017] = "MongoDB",
        [11211] = "memcached",
        [9200] = "Elasticsearch",
        [5984] = "CouchDB",
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from socket in ListeningSocket.All(pbx)
            // Bound to one private address it was meant for that network.
        where socket is { Protocol: "tcp", IsOnNetwork: true } && Databases.ContainsKey(socket.Port) && (socket.IsAll || !PrivateNetworks.Contains(socket.Address))
        let before = OpenPorts.Before(pbx, socket)
        where before is not Outcomes.Accept
        select new Fault(socket.Place, socket.Shown, $"{Databases[socket.Port]}'s port is open to other machines{(socket.Program is null ? "" : $" ({socket.Program})")}{(before is Outcomes.Drop ? ", and the firewall alone keeps strangers out" : "")}")
        {
            Severity = before is Outcomes.Drop ? Severity.Low : null,
        };
}

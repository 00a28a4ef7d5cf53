namespace Ringfence.Core.Pbx;

/// <summary>Something that a command on the PBX's machine prints and the audit reads. An auditor's archive may hold it as a file of that name under ringfence-facts/.</summary>
/// <param name="Name">"sockets".</param>
/// <param name="Command">What prints it, program and arguments; it changes nothing.</param>
internal sealed record HostFact(string Name, IReadOnlyList<string> Command)
{
    private const string UsualDirectory = "/etc/asterisk";

    /// <summary>Which Asterisk runs.</summary>
    public static readonly HostFact AsteriskVersion = new("asterisk-version", ["asterisk", "-rx", "core show version"]);

    /// <summary>Which program listens where.</summary>
    public static readonly HostFact Sockets = new("sockets", ["ss", "-H", "-l", "-n", "-t", "-u", "-p"]);

    /// <summary>The machine's addresses and their interfaces.</summary>
    public static readonly HostFact Addresses = new("addresses", ["ip", "-o", "addr", "show"]);

    /// <summary>By which interface the internet is reached.</summary>
    public static readonly HostFact DefaultRoute = new("default-route", ["ip", "-o", "-4", "route", "show", "default"]);

    public static readonly HostFact DefaultRoute6 = new("default-route6", ["ip", "-o", "-6", "route", "show", "default"]);

    /// <summary>Who Asterisk runs as.</summary>
    public static readonly HostFact Processes = new("processes", ["ps", "-C", "asterisk", "-o", "user:32=,pid=,args="]);

    /// <summary>Owners and modes in Asterisk's directory.</summary>
    public static readonly HostFact ConfigFiles = new("config-files", ["find", UsualDirectory, "-maxdepth", "4", "-printf", "%m %u %g %y %p\\n"]);

    /// <summary>Which profile of AppArmor or domain of SELinux holds Asterisk.</summary>
    public static readonly HostFact Confinement = new("confinement", ["ps", "-C", "asterisk", "-o", "label="]);

    /// <summary>Whether SELinux holds back or only writes a log.</summary>
    public static readonly HostFact Selinux = new("selinux", ["getenforce"]);

    /// <summary>What lies where backups do, with the day of its last change; recordings and voicemail are passed over.</summary>
    public static readonly HostFact Backups = new("backups",
        ["find", "/var/spool/asterisk", "/var/backups", "-maxdepth", "5", "(", "-path", "*/monitor", "-o", "-path", "*/voicemail", ")", "-prune", "-o", "(", "-path", "/var/spool/asterisk/backup*", "-o", "-path", "/var/backups/*", ")", "-printf", "%TY-%Tm-%Td %m %u %g %y %p\\n"]);

    /// <summary>What an upgrade would install; simulated, and needs no rights.</summary>
    public static readonly HostFact Updates = new("updates", ["apt-get", "-s", "-q", "-o", "Debug::NoLocking=1", "upgrade"]);

    /// <summary>Whether the clock is right.</summary>
    public static readonly HostFact Time = new("time", ["timedatectl", "show"]);

    /// <summary>When the machine was looked at, in UTC.</summary>
    public static readonly HostFact Now = new("now", ["date", "-u", "+%Y-%m-%dT%H:%M:%SZ"]);

    /// <summary>How sshd is set up, as it reads its files itself.</summary>
    public static readonly HostFact Sshd = new("sshd", ["sshd", "-T"]);

    public static readonly HostFact KernelModules = new("kernel-modules", ["cat", "/proc/modules"]);

    /// <summary>nftables: the rules of firewalld, and of iptables where that is nft's, too.</summary>
    public static readonly HostFact Nft = new("nft", ["nft", "-j", "list", "ruleset"]);

    /// <summary>iptables of either kind: the rules of ufw, FreePBX, fail2ban and docker.</summary>
    public static readonly HostFact Iptables = new("iptables", ["iptables-save"]);

    public static readonly HostFact Ip6tables = new("ip6tables", ["ip6tables-save"]);

    /// <summary>The sets that rules of iptables name.</summary>
    public static readonly HostFact Ipset = new("ipset", ["ipset", "save"]);

    /// <summary>Tables of the old iptables that are in the kernel, whatever iptables-save shows.</summary>
    public static readonly HostFact LegacyTables = new("legacy-tables", ["cat", "/proc/net/ip_tables_names"]);

    public static readonly IReadOnlyList<HostFact> All =
    [
        AsteriskVersion, Sockets, Addresses, DefaultRoute, DefaultRoute6, Processes, ConfigFiles, Confinement, Selinux, Backups, Updates, Time, Now, Sshd, KernelModules, Nft, Iptables, Ip6tables, Ipset, LegacyTables,
    ];

    /// <param name="directory">Where Asterisk's files are.</param>
    public IReadOnlyList<string> CommandFor(string directory) => [.. Command.Select(word => word == UsualDirectory ? directory : word)];
}

using System.Globalization;
using Ringfence.Core.Audit;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Configuration;

/// <summary>Every key of ringfence.conf, once: the reader, docs/configuration.md and the example file all come from here.</summary>
internal static class ConfigKeys
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    public static readonly IReadOnlyList<(string Name, string Meaning)> Sections =
    [
        ("general", "What to watch, and how to begin."),
        ("hep", "What Asterisk tells of every SIP message (res_hep_pjsip): the source that no caller can forge or blind."),
        ("ami", "Asterisk's manager interface, which tells security events as they happen, also where no log holds them."),
        ("wire", "What passes on the network: requests and the PBX's answers, read from a copy of the packets of the SIP ports. For a PBX without HEP, and beside it for what never becomes a message."),
        ("detect", "When an address is called an attacker."),
        (DoorKeys.Named.Section, DoorKeys.Named.Meaning),
        ("bans", "What happens to an attacker."),
        ("trust", "Who is never banned. Loopback, the machine's own addresses, its name servers and its default gateways never are."),
        ("firewall", "How a ban is enforced."),
        (ZoneKeys.Named.Section, ZoneKeys.Named.Meaning),
        (ServiceKeys.Named.Section, ServiceKeys.Named.Meaning),
        (FeedKeys.Named.Section, FeedKeys.Named.Meaning),
        (GeoKeys.Section, "Which country and network operator an address belongs to, for zones and for `ringfence geo`."),
        (RoamingKeys.Section, "Users who open the door for the address that they are at, by a knock (single-packet authorisation)."),
        (RoamingKeys.Named.Section, RoamingKeys.Named.Meaning),
        (PageKeys.Section, PageKeys.Meaning),
        (OuterKeys.Named.Section, OuterKeys.Named.Meaning),
        (BanListKeys.Section, BanListKeys.Meaning),
        (CallKeys.Section, "How the site dials and what its calls cost."),
        (GateKeys.Section, GateKeys.Meaning),
        (LimitKeys.Named.Section, LimitKeys.Named.Meaning),
        (PermissionKeys.Named.Section, PermissionKeys.Named.Meaning),
        ("journal", "What is remembered."),
        ("audit", "What `ringfence audit` says."),
        ("notify", "Whom to tell: nobody, unless there is a section `[notify NAME]`."),
    ];

    public static readonly IReadOnlyList<ConfigKey> All =
    [
        new()
        {
            Section = "general", Name = "preset", Type = "office, strict, aggressive or observe", Default = "office", Example = "strict",
            Meaning = "The values to begin with; any other key overrides them.",
            Set = static (config, values, mistakes) => config, // ConfigReader applies it before all other keys.
        },
        new()
        {
            Section = "general", Name = "log", Type = "path", Default = "those that logger.conf names", IsUnset = true, Example = "/var/log/asterisk/security_json",
            Meaning = "A log of Asterisk to watch. The best is the security level as [json] in a file of its own, with a second file that holds the level notice alone.",
            IsList = true, Set = Paths(static (config, paths) => config with { Logs = paths }),
        },
        new()
        {
            Section = "general", Name = "asterisk_dir", Type = "path", Default = "/etc/asterisk", Example = "/etc/asterisk",
            Meaning = "Where Asterisk's configuration is: its trunks are trusted, its logs are found.",
            Set = Path(static (config, path) => config with { AsteriskDirectory = path }),
        },
        new()
        {
            Section = "general", Name = "timezone", Type = "IANA name of a time zone", Default = "the machine's", IsUnset = true, Example = "Europe/Berlin",
            Meaning = "The zone in which Asterisk writes its logs, where a line does not say. Let dateformat in logger.conf be %F %T%z: then each line says it, in autumn no hour comes twice, and nobody has to guess whether 01/02 is in January.",
            Set = One(static (config, value) => TimeZoneInfo.TryFindSystemTimeZoneById(value, out _)
                ? Ok(config with { TimeZone = value })
                : Expect("the IANA name of a time zone, such as Europe/Berlin")),
        },
        new()
        {
            Section = "general", Name = "socket", Type = "path", Default = "/run/ringfence/ringfence.sock", Example = "/run/ringfence/ringfence.sock",
            Meaning = "The unix socket on which the daemon answers the other commands.",
            Set = One(static (config, value) => value.StartsWith('/') && System.Text.Encoding.UTF8.GetByteCount(value) <= 107
                ? Ok(config with { Socket = value })
                : Expect("an absolute path of at most 107 bytes")), // sun_path holds 108 with its NUL, unix(7)
        },
        new()
        {
            Section = "general", Name = "canary", Type = "duration, 1m to 1d, or 0", Default = "15m", Example = "1h",
            Meaning = "So often the guard asks the PBX to register an account that nobody has, over UDP from this machine. Each source that should tell of it has 30 s; one that does not is blind, and status says so. It costs a line in each log, and never counts as an attack. 0: never.",
            Set = One(static (config, value) => value is "0" or "no" ? Ok(config with { Canary = config.Canary with { Interval = TimeSpan.Zero } })
                : Duration.Parse(value) is { } interval && interval >= Minute && interval <= Day ? Ok(config with { Canary = config.Canary with { Interval = interval } })
                : Expect("a duration from 1m to 1d, or 0 for never")),
        },
        new()
        {
            Section = "general", Name = "canary_account", Type = "account name", Default = "this installation's own", IsUnset = true, Example = "q7xw-4401",
            Meaning = "The account that the canary asks for: one that no phone has. Unset, a name is drawn at the first start and kept beside the journal (canary_account), so that nobody can know it.",
            Set = One(static (config, value) => CanarySettings.IsAccount(value)
                ? Ok(config with { Canary = config.Canary with { Account = value } })
                : Expect("at most 36 letters, digits, hyphens, dots and underscores")),
        },
        new()
        {
            Section = "hep", Name = "listen", Type = "address:port", Default = "nothing is received", IsUnset = true, Example = "127.0.0.1:9060",
            Meaning = "Where HEPv3 packets are received; capture_address in hep.conf. Let it be on loopback: what is received is believed. Elsewhere it needs a password.",
            Set = One(static (config, value) => System.Net.IPEndPoint.TryParse(value, out var listen) && listen.Port > 0
                ? Ok(config with { Hep = config.Hep with { Listen = listen } })
                : Expect("an address and a port such as 127.0.0.1:9060")),
        },
        new()
        {
            Section = "hep", Name = "password", Type = "text", Default = "none", IsUnset = true, Example = "test-password", IsSecret = true,
            Meaning = "capture_password in hep.conf: packets without it are counted and not believed.",
            Set = One(static (config, value) => Ok(config with { Hep = config.Hep with { Password = System.Text.Encoding.UTF8.GetBytes(value) } })),
        },
        new()
        {
            Section = "hep", Name = "pbx", Type = "address", Default = "this machine's own", IsUnset = true, Example = "192.0.2.10",
            Meaning = "Addresses of the PBX where it is another machine: requests from there are its own, and answers from there are what it says. Without them its registrations and calls to a provider count against it. Bans are this machine's: they help such a PBX where its packets pass here.",
            IsList = true,
            Set = Each(static value => Events.Address.Parse(value) is null ? "an address such as 192.0.2.10" : null,
                static (config, values) => config with { Hep = config.Hep with { Pbx = [.. values.Select(static value => Events.Address.Parse(value)!.Value)] } }),
        },
        new()
        {
            Section = "ami", Name = "user", Type = "name of a manager", Default = "the interface is not used", IsUnset = true, Example = "ringfence",
            Meaning = "A section of manager.conf with read = security,call and write = call: `ringfence init` shows one. read = security and no write is enough where country of [calls] is not set; where it is, calls are neither known nor hung up without.",
            Set = One(static (config, value) => IsHeaderValue(value)
                ? Ok(config with { Ami = config.Ami with { User = value } })
                : Expect("a name of at most 80 printable ASCII characters")),
        },
        new()
        {
            Section = "ami", Name = "secret", Type = "text", Default = "none", IsUnset = true, Example = "test-secret", IsSecret = true,
            Meaning = "The manager's secret. It is never sent in clear (MD5 challenge).",
            Set = One(static (config, value) => Ok(config with { Ami = config.Ami with { Secret = value } })),
        },
        new()
        {
            Section = "ami", Name = "manager", Type = "address:port", Default = "127.0.0.1:5038", Example = "127.0.0.1:5038",
            Meaning = "Where Asterisk's manager interface listens. Let it be on loopback: what is received is believed. Elsewhere it needs a password.",
            Set = One(static (config, value) => System.Net.IPEndPoint.TryParse(value, out var address) && address.Port > 0
                ? Ok(config with { Ami = config.Ami with { Manager = address } })
                : Expect("an address and a port such as 127.0.0.1:5038")),
        },
        new()
        {
            Section = "wire", Name = "interface", Type = "all, or names of interfaces", Default = "nothing is read", IsUnset = true, Example = "eth0, eth1",
            Meaning = "The interfaces whose packets are read, at most 32. all: each that there is, also one that comes later; what a VLAN or loopback shows twice is read once. Where an interface with an address is missing, what the logs say of addresses that sent nothing is believed. And over UDP nobody proves his address by the wire then: he is throttled in place of a ban, unless HEP shows the messages too.",
            IsList = true,
            Set = AtMost(Wire.KernelFilter.MostPorts, "interfaces; with more let it be all", Each(static value => IsInterface(value) ? null : "all, or the name of an interface as `ip link` shows it",
                static (config, values) => config with
                {
                    Wire = config.Wire with { IsAll = values.Contains("all", StringComparer.OrdinalIgnoreCase), Interfaces = values.Contains("all", StringComparer.OrdinalIgnoreCase) ? [] : values },
                })),
        },
        new()
        {
            Section = "wire", Name = "port", Type = "number, 1 to 65535", Default = "those of the PBX's transports, else 5060", IsUnset = true, Example = "5060, 5160",
            Meaning = "Where SIP is spoken in clear, over UDP and TCP; at most 32. Of a PBX that has more, status names those that are not read.",
            IsList = true, Set = SipPort(static (config, ports) => config with { Wire = config.Wire with { Ports = ports } }),
        },
        new()
        {
            Section = "wire", Name = "mirror", Type = "address", Default = "the interfaces are the PBX's own", IsUnset = true, Example = "192.0.2.10",
            Meaning = "Addresses of the PBX, where the interfaces get a copy of its packets from a switch's mirror port (SPAN). There no kernel says which packets the PBX sent, so its answers are those that come from these addresses and its SIP ports: let the router drop what comes from outside with one of them as its source, for who can write such packets can have anybody banned.",
            IsList = true,
            Set = Each(static value => Events.Address.Parse(value) is null ? "an address such as 192.0.2.10" : null,
                static (config, values) => config with { Wire = config.Wire with { Mirrored = [.. values.Select(static value => Events.Address.Parse(value)!.Value)] } }),
        },
        new()
        {
            Section = "wire", Name = "tls_port", Type = "number, 1 to 65535", Default = "those of the PBX's transports, else 5061", IsUnset = true, Example = "5061",
            Meaning = "Where SIP is spoken in TLS or WebSocket, which the wire does not show: only that somebody connects. Let HEP tell the rest.",
            IsList = true, Set = SipPort(static (config, ports) => config with { Wire = config.Wire with { TlsPorts = ports } }),
        },
        new()
        {
            Section = "detect", Name = "refusals", Type = "number, 1 to 1000", Default = "5", Example = "3",
            Meaning = "Refusals of one kind from one address, within the time of \"within\", that make an attacker.",
            Set = Number(1, 1000, static (config, value) => config with { Detection = config.Detection with { Refusals = value } }),
        },
        new()
        {
            Section = "detect", Name = "within", Type = "duration, 1s to 1d", Default = "10m", Example = "10m",
            Meaning = "The time within which refusals, accounts and calls are counted together.",
            Set = Time(Second, Day, static (config, value) => config with { Detection = config.Detection with { Window = value } }),
        },
        new()
        {
            Section = "detect", Name = "scan_accounts", Type = "number, 2 to 64", Default = "4", Example = "4",
            Meaning = "Distinct account names tried by one address that make an account scan.",
            Set = Number(2, 64, static (config, value) => config with { Detection = config.Detection with { ScanAccounts = value } }),
        },
        new()
        {
            Section = "detect", Name = "unauthenticated_calls", Type = "number, 1 to 1000", Default = "2", Example = "2",
            Meaning = "Calls to outside numbers without a login that make an attacker.",
            Set = Number(1, 1000, static (config, value) => config with { Detection = config.Detection with { UnauthenticatedCalls = value } }),
        },
        new()
        {
            Section = "detect", Name = "slow_accounts", Type = "number, 4 to 60", Default = "10", Example = "10",
            Meaning = "Distinct accounts that one address asks for within \"slow_within\" without logging in to any that make a slow scan; twice as many for the addresses of one network (IPv4 /24, IPv6 /48) or with one User-Agent.",
            Set = Number(4, 60, static (config, value) => config with { Detection = config.Detection with { SlowAccounts = value } }),
        },
        new()
        {
            Section = "detect", Name = "slow_within", Type = "duration, 1h to 7d", Default = "1d", Example = "1d",
            Meaning = "The time over which slow scans and the guessing of one account from many addresses are counted.",
            Set = Time(60 * Minute, 7 * Day, static (config, value) => config with { Detection = config.Detection with { SlowWindow = value } }),
        },
        new()
        {
            Section = "detect", Name = "guessing_sources", Type = "number, 3 to 60", Default = "10", Example = "10",
            Meaning = "Addresses with wrong passwords for one account within \"slow_within\" that make a distributed guessing: from then on one wrong password less than \"refusals\" is enough for it, counted over that time.",
            Set = Number(3, 60, static (config, value) => config with { Detection = config.Detection with { GuessingSources = value } }),
        },
        new()
        {
            Section = "detect", Name = "stolen", Type = "alert, ban or off", Default = "alert", Example = "ban",
            Meaning = "What happens when somebody logs in who is not like the account's owner: after guessing the password, from a network and with a User-Agent that an account known for a day never had, or in two places at once. alert: tell. ban: ban the address too, also if only its registration makes it trusted. off: remember nothing of accounts. User-Agents are known over HEP and from the wire.",
            Set = One(static (config, value) => value switch
            {
                "alert" => Ok(config with { Detection = config.Detection with { Stolen = StolenPolicy.Alert } }),
                "ban" => Ok(config with { Detection = config.Detection with { Stolen = StolenPolicy.Ban } }),
                "off" => Ok(config with { Detection = config.Detection with { Stolen = StolenPolicy.Off } }),
                _ => Expect("alert, ban or off"),
            }),
        },
        new()
        {
            Section = "detect", Name = "decoy", Type = "account name", Default = "none", IsUnset = true, Example = "admin, 9999",
            Meaning = "An account that nobody has: whoever tries it once is banned; over UDP, where one packet may be forged, after as many tries as \"refusals\", unless HEP or the wire prove his address. Never name one that a phone might use by mistake.",
            IsList = true,
            Set = Each(static value => value.Length <= 64 ? null : "an account name of at most 64 characters",
                static (config, values) => config with { Detection = config.Detection with { Decoys = values } }),
        },
        new()
        {
            Section = "detect", Name = "disable", Type = "id of a rule", Default = "none", IsUnset = true, Example = "RF2003",
            Meaning = "A rule that is off. `ringfence rules` lists them all.",
            IsList = true,
            Set = Each(static value => ExpectedRule(value, DetectionRules.All),
                static (config, values) => config with { Detection = config.Detection with { DisabledRules = values } }),
        },
        new()
        {
            Section = "detect", Name = "fingerprints", Type = "path", Default = "those that are built in", IsUnset = true, Example = "/etc/ringfence/fingerprints.conf",
            Meaning = "A file of your own with fingerprints of scanners (RF2012), beside those that are built in: a section for each, with what its requests look like: user_agent, branch, call_id, from_tag, headers... `ringfence rules --fingerprints` shows those that are built in, and says what the keys mean. A section with the name of one of them is in its place, or turns it off (use = no). Read at start.",
            Set = Path(static (config, path) => config with { Detection = config.Detection with { FingerprintFile = path } }),
        },
        new()
        {
            Section = "detect", Name = "max_addresses", Type = "number, 1024 to 4194304", Default = "131072", Example = "131072",
            Meaning = "Addresses watched at once. Beyond it the least suspicious is forgotten, so that forged sources can't fill the memory.",
            Set = Number(1024, 4_194_304, static (config, value) => config with { Detection = config.Detection with { MaxAddresses = value } }),
        },
        .. DoorKeys.Named.Keys,
        new()
        {
            Section = "bans", Name = "observe", Type = "yes or no", Default = "no", Example = "yes",
            Meaning = "Decide and show everything, enforce nothing.",
            Set = YesNo(static (config, value) => config with { Bans = config.Bans with { ObserveOnly = value } }),
        },
        new()
        {
            Section = "bans", Name = "first_ban", Type = "duration, 1m to 365d", Default = "1h", Example = "1h",
            Meaning = "How long the first ban of an address lasts.",
            Set = Time(Minute, Year, static (config, value) => config with { Bans = config.Bans with { FirstBan = value } }),
        },
        new()
        {
            Section = "bans", Name = "growth", Type = "number, 0 to 64", Default = "1", Example = "1",
            Meaning = "After n earlier bans the first ban is multiplied by 2 to the power n, and by this: with 1 the bans last 1, 2, 4, 8 times the first. 0: all are alike.",
            Set = Fraction(64, "a number from 0 to 64", static (config, value) => config with { Bans = config.Bans with { Growth = value } }),
        },
        new()
        {
            Section = "bans", Name = "max_ban", Type = "duration, 1m to 365d", Default = "7d", Example = "7d",
            Meaning = "A ban grows no longer than this. Its random part comes on top, and a repeat offender's ban has a length of its own (repeat_ban).",
            Set = Time(Minute, Year, static (config, value) => config with { Bans = config.Bans with { MaxBan = value } }),
        },
        new()
        {
            Section = "bans", Name = "random", Type = "share, 0 to 1 or 0% to 100%", Default = "10%", Example = "10%",
            Meaning = "Up to this share of a ban is added to it, differently each time, so that nobody can time his return.",
            Set = Fraction(1, "a share from 0 to 1, or from 0% to 100%", static (config, value) => config with { Bans = config.Bans with { RandomPart = value } }),
        },
        new()
        {
            Section = "bans", Name = "memory", Type = "duration, 1m to 365d", Default = "7d", Example = "7d",
            Meaning = "How long an earlier ban counts for the growth, from its beginning.",
            Set = Time(Minute, Year, static (config, value) => config with { Bans = config.Bans with { Memory = value } }),
        },
        new()
        {
            Section = "bans", Name = "repeat_bans", Type = "number, 2 to 100", Default = "5", Example = "3",
            Meaning = "So many bans of one address, by whatever rules, make a repeat offender.",
            Set = Number(2, 100, static (config, value) => config with { Bans = config.Bans with { RepeatBans = value } }),
        },
        new()
        {
            Section = "bans", Name = "repeat_within", Type = "duration, 1m to 365d", Default = "1d", Example = "1d",
            Meaning = "The time within which those bans must lie.",
            Set = Time(Minute, Year, static (config, value) => config with { Bans = config.Bans with { RepeatWindow = value } }),
        },
        new()
        {
            Section = "bans", Name = "repeat_ban", Type = "duration, 1m to 365d", Default = "7d", Example = "1w",
            Meaning = "How long a repeat offender is banned; it may be longer than max_ban.",
            Set = Time(Minute, Year, static (config, value) => config with { Bans = config.Bans with { RepeatBan = value } }),
        },
        new()
        {
            Section = "bans", Name = "neighbours", Type = "number, 2 to 64", Default = "3", Example = "3",
            Meaning = "So many addresses of an IPv4 /24, /64s of an IPv6 /56 or /56s of a /48 that were banned on proven evidence within a day make the whole network banned, unless somebody trusted is in it or somebody logged in from it that day. `disable = RF2011` leaves networks alone.",
            Set = Number(2, 64, static (config, value) => config with { Bans = config.Bans with { Neighbours = value } }),
        },
        new()
        {
            Section = "bans", Name = "unproven", Type = "throttle, short, ban or alert", Default = "throttle", Example = "alert",
            Meaning = "What evidence over UDP, which proves no source address, may do to an address that nothing vouches for. throttle: drop its SIP over UDP but for a REGISTER or INVITE now and then (four at once, then one in 10 s; a login frees it) for first_ban, and nothing else: forged packets cut nobody off, and a scanner gets next to nothing; where only a log tells of it, and never a message (HEP, wire), as short; where messages tell and [firewall] rate is 0, nothing can throttle, and it is told alone. short: ban it for first_ban each time, without growth and without making a repeat offender, for a few forged packets could else ban an innocent address for a week. ban: as any other. alert: tell only. A trusted address is never banned.",
            Set = One(static (config, value) => value switch
            {
                "throttle" => Ok(config with { Bans = config.Bans with { Unproven = UnprovenPolicy.Throttle } }),
                "short" => Ok(config with { Bans = config.Bans with { Unproven = UnprovenPolicy.Short } }),
                "ban" => Ok(config with { Bans = config.Bans with { Unproven = UnprovenPolicy.Ban } }),
                "alert" => Ok(config with { Bans = config.Bans with { Unproven = UnprovenPolicy.Alert } }),
                _ => Expect("throttle, short, ban or alert"),
            }),
        },
        new()
        {
            Section = "bans", Name = "max_bans", Type = "number, 1000 to 1000000", Default = "100000", Example = "100000",
            Meaning = "Bans that rules may have in force at once, so that forged sources can't fill the memory. Beyond it a ban replaces the one that ends first: one on evidence over UDP only its like, any other first such a one.",
            Set = Number(1000, 1_000_000, static (config, value) => config with { Bans = config.Bans with { MaxBans = value } }),
        },
        new()
        {
            Section = "trust", Name = "address", Type = "address, network or DNS name", Default = "none", IsUnset = true, Example = "192.0.2.0/24, phones.example.com",
            Meaning = "Never banned, whatever it does; what it does is shown. Names are looked up again every five minutes; their last addresses stay trusted while the resolver does not answer, also over a restart.",
            IsList = true, Set = Addresses,
        },
        new()
        {
            Section = "trust", Name = "trunks", Type = "yes or no", Default = "yes", Example = "yes",
            Meaning = "Trust the addresses that Asterisk's configuration names for trunks: match, contact, server_uri, outbound_proxy, remote_hosts, host. Of a name its addresses, not its SRV records: name those hosts in address.",
            Set = YesNo(static (config, value) => config with { Trust = config.Trust with { Trunks = value } }),
        },
        new()
        {
            Section = "trust", Name = "contacts", Type = "yes or no", Default = "yes", Example = "yes",
            Meaning = "Trust the addresses of phones while they are registered.",
            Set = YesNo(static (config, value) => config with { Trust = config.Trust with { Contacts = value } }),
        },
        new()
        {
            Section = "trust", Name = "ssh", Type = "yes or no", Default = "yes", Example = "yes",
            Meaning = "Trust the addresses from which somebody is logged in by ssh.",
            Set = YesNo(static (config, value) => config with { Trust = config.Trust with { SshPeers = value } }),
        },
        new()
        {
            Section = "firewall", Name = "reject", Type = "yes or no", Default = "no", Example = "no",
            Meaning = "Answer a banned address with an ICMP error or a TCP reset in place of silence.",
            Set = YesNo(static (config, value) => config with { Firewall = config.Firewall with { Reject = value } }),
        },
        new()
        {
            Section = "firewall", Name = "rate", Type = "number, 0 to 100000", Default = "15", Example = "30",
            Meaning = "SIP packets a second that one address (IPv6: one /64) may send while it is neither trusted nor registered; more are dropped in the kernel. Of TCP each new connection counts. A limited phone sees no answer, asks again as SIP does (after 0.5, 1, 2, 4 s), and meets no limit once it is registered. 0: no limits, also none for all together; then HEP alone proves nobody's address over UDP, and who guesses passwords that way is told of and not banned (with `[wire]` he is); what would throttle by one packet (a scanning tool, a decoy account) is not told then.",
            Set = Number(0, 100_000, static (config, value) => config with { Firewall = config.Firewall with { Rate = value } }),
        },
        new()
        {
            Section = "firewall", Name = "burst", Type = "number, 1 to 100000", Default = "30", Example = "100",
            Meaning = "So many packets at once before the rate holds. With the defaults an office of 30 phones behind one address that nobody knows yet is registered within a minute, even if all ask at once.",
            Set = Number(1, 100_000, static (config, value) => config with { Firewall = config.Firewall with { Burst = value } }),
        },
        new()
        {
            Section = "firewall", Name = "global_rate", Type = "number, 10 to 1000000", Default = "500", Example = "500",
            Meaning = "SIP packets a second that all strangers together may send who were not seen in the last 5 seconds, and as many again those who were: what a flood from forged addresses leaves for the PBX. A phone's first packet may be among those that are dropped; when it asks again it is one that was seen.",
            Set = Number(10, 1_000_000, static (config, value) => config with { Firewall = config.Firewall with { GlobalRate = value } }),
        },
        new()
        {
            Section = "firewall", Name = "scanners", Type = "drop or pass", Default = "pass", Example = "drop",
            Meaning = "drop: SIP over UDP whose User-Agent begins as a scanner's (friendly-scanner and kin, as [detect] fingerprints tells) is dropped by iptables rules before the PBX reads it, also from whom you trust. Needs iptables and xt_string. "
                + "What the PBX does not read it does not tell: without [wire] the guard then knows nothing of these scanners and bans none of them. docs/perimeter.md.",
            Set = One(static (config, value) => value switch
            {
                "drop" => Ok(config with { Firewall = config.Firewall with { DropScanners = true } }),
                "pass" => Ok(config with { Firewall = config.Firewall with { DropScanners = false } }),
                _ => Expect("drop or pass"),
            }),
        },
        .. ZoneKeys.Named.Keys,
        .. ServiceKeys.Named.Keys,
        .. FeedKeys.Named.Keys,
        .. GeoKeys.All,
        .. RoamingKeys.All,
        .. RoamingKeys.Named.Keys,
        .. PageKeys.All,
        .. OuterKeys.Named.Keys,
        .. BanListKeys.All,
        .. CallKeys.All,
        .. CdrKeys.All,
        .. GateKeys.All,
        .. LimitKeys.Named.Keys,
        .. PermissionKeys.Named.Keys,
        new()
        {
            Section = "journal", Name = "path", Type = "path", Default = "/var/lib/ringfence/ringfence.db", Example = "/var/lib/ringfence/ringfence.db",
            Meaning = "The database of decisions, evidence and read positions.",
            Set = Path(static (config, path) => config with { Journal = config.Journal with { Path = path } }),
        },
        new()
        {
            Section = "journal", Name = "keep", Type = "duration, 1d to 3650d", Default = "30d", Example = "90d",
            Meaning = "How long ended decisions and their evidence are kept; never shorter than a ban counts for the next one (memory, repeat_within).",
            Set = Time(Day, TimeSpan.FromDays(3650), static (config, value) => config with { Journal = config.Journal with { Keep = value } }),
        },
        new()
        {
            Section = "journal", Name = "max_size", Type = "size, 16M to 1024G", Default = "256M", Example = "1G",
            Meaning = "What the database may take (a write-ahead log of some 16M comes beside it). Beyond it the oldest decisions that are over are forgotten before their time, bans that still count for the growth last; what is in force stays.",
            Set = Size(16L << 20, 1024L << 30, static (config, value) => config with { Journal = config.Journal with { MaxBytes = value } }),
        },
        new()
        {
            Section = "audit", Name = "allow", Type = "id of a rule", Default = "none", IsUnset = true, Example = "RF1001",
            Meaning = "A rule whose findings you know of and want so, everywhere. For one place write `; ringfence: allow NAME (reason)` into Asterisk's file, at the end of the line or alone above it; on a section's line it holds for the section.",
            IsList = true,
            Set = Each(static value => ExpectedRule(value, AuditRules.All),
                static (config, values) => config with { AllowedFindings = values }),
        },
        new()
        {
            Section = "notify", Name = "server_name", Type = "text", Default = "the machine's name", IsUnset = true, Example = "pbx1",
            Meaning = "How notices name this server.",
            Set = One(static (config, value) => value.Length is > 0 and <= 64 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')
                ? Ok(config with { Notify = config.Notify with { Server = value } })
                : Expect("at most 64 letters, digits, hyphens and dots")),
        },
        new()
        {
            Section = "notify", Name = "digest_after", Type = "number, 0 to 1000", Default = "10", Example = "3",
            Meaning = "So many notices within digest_within are told one by one; the rest becomes one digest, which counts them by rule and address. Alarms are counted apart, so that a flood of bans can't hide one. 0: digests alone.",
            Set = Number(0, 1000, static (config, value) => config with { Notify = config.Notify with { Digest = config.Notify.Digest with { Singles = value } } }),
        },
        new()
        {
            Section = "notify", Name = "digest_within", Type = "duration, 1s to 1d", Default = "15m", Example = "1h",
            Meaning = "How long notices are counted together; the digest comes at its end.",
            Set = Time(Second, Day, static (config, value) => config with { Notify = config.Notify with { Digest = config.Notify.Digest with { Within = value } } }),
        },
    ];

    // A line end in it would begin another header of the action.
    private static bool IsHeaderValue(string value) => value.Length is > 0 and <= 80 && value.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0;

    private static string? ExpectedRule(string value, IReadOnlyList<RuleInfo> rules)
    {
        if (rules.Any(rule => rule.Id.Equals(value, StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }

        var named = rules.FirstOrDefault(rule => rule.Name == value)?.Id
            ?? rules.FirstOrDefault(rule => rule.Name == NearestName.Of(value, rules.Select(known => known.Name)))?.Id
            ?? NearestName.Of(value, rules.Select(rule => rule.Id));
        return $"the id of a rule that `ringfence rules` lists, such as {rules.Min(static rule => rule.Id)}" + (named is null ? "" : $"; did you mean {named}?");
    }

    internal sealed record Reading(RingfenceConfig? Config, string? Expected);

    internal static Reading Ok(RingfenceConfig config) => new(config, null);

    internal static Reading Expect(string expected) => new(null, expected);

    internal static Func<RingfenceConfig, IReadOnlyList<GivenValue>, List<ConfigMistake>, RingfenceConfig> One(Func<RingfenceConfig, string, Reading> read) =>
        (config, values, mistakes) =>
        {
            foreach (var value in values)
            {
                var reading = read(config, value.Text);
                if (reading.Expected is { } expected)
                {
                    mistakes.Add(value.Expected(expected));
                }

                config = reading.Config ?? config;
            }

            return config;
        };

    internal static Func<RingfenceConfig, IReadOnlyList<GivenValue>, List<ConfigMistake>, RingfenceConfig> Each(
        Func<string, string?> expected, Func<RingfenceConfig, IReadOnlyList<string>, RingfenceConfig> set) =>
        (config, values, mistakes) =>
        {
            var good = new List<string>();
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var value in values)
            {
                if (expected(value.Text) is { } wrong)
                {
                    mistakes.Add(value.Expected(wrong));
                }
                else if (seen.Add(value.Text))
                {
                    good.Add(value.Text);
                }
            }

            return set(config, good);
        };

    internal static Func<RingfenceConfig, IReadOnlyList<GivenValue>, List<ConfigMistake>, RingfenceConfig> Number(
        int least, int most, Func<RingfenceConfig, int, RingfenceConfig> set) =>
        One((config, value) => int.TryParse(value, NumberStyles.None, null, out var number) && number >= least && number <= most
            ? Ok(set(config, number))
            : Expect($"a number from {least} to {most}"));

    // dev_valid_name of net/core/dev.c: up to 15 bytes, no slash, no colon, no space. No comma comes this far.
    internal static bool IsInterface(string name) =>
        System.Text.Encoding.UTF8.GetByteCount(name) <= 15 && name is not "." and not ".." && name.AsSpan().IndexOfAny("/: \t\"") < 0;

    private static Func<RingfenceConfig, IReadOnlyList<GivenValue>, List<ConfigMistake>, RingfenceConfig> SipPort(Func<RingfenceConfig, IReadOnlyList<ushort>, RingfenceConfig> set) =>
        AtMost(
            Wire.KernelFilter.MostPorts,
            "ports",
            Each(static value => Port(value) is null ? "a port from 1 to 65535" : null, (before, ports) => set(before, [.. ports.Select(port => Port(port)!.Value)])));

    private static Func<RingfenceConfig, IReadOnlyList<GivenValue>, List<ConfigMistake>, RingfenceConfig> AtMost(
        int most, string what, Func<RingfenceConfig, IReadOnlyList<GivenValue>, List<ConfigMistake>, RingfenceConfig> each) =>
        (config, values, mistakes) =>
        {
            foreach (var beyond in values.Skip(most).Take(1))
            {
                mistakes.Add(beyond.Expected($"at most {most} {what}"));
            }

            return each(config, values, mistakes);
        };

    private static ushort? Port(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? port : null;

    // M and G as nft, journald and logrotate mean them: 1,048,576 bytes and 1,024 times as many.
    internal static Func<RingfenceConfig, IReadOnlyList<GivenValue>, List<ConfigMistake>, RingfenceConfig> Size(
        long least, long most, Func<RingfenceConfig, long, RingfenceConfig> set) =>
        One((config, value) => value.Length > 1
            && (value[^1] switch { 'M' or 'm' => 20, 'G' or 'g' => 30, _ => 0 }) is > 0 and var shift
            && int.TryParse(value.AsSpan(..^1), NumberStyles.None, null, out var number)
            && (long)number << shift is var bytes && bytes >= least && bytes <= most
                ? Ok(set(config, bytes))
                : Expect($"a size from {least >> 20}M to {most >> 30}G, such as 256M or 1G"));

    private static Func<RingfenceConfig, IReadOnlyList<GivenValue>, List<ConfigMistake>, RingfenceConfig> Fraction(
        double most, string expected, Func<RingfenceConfig, double, RingfenceConfig> set) =>
        One((config, value) =>
        {
            var percent = most == 1 && value.EndsWith('%');
            return double.TryParse(percent ? value[..^1] : value, NumberStyles.AllowDecimalPoint, null, out var number) && (percent ? number / 100 : number) <= most
                ? Ok(set(config, percent ? number / 100 : number))
                : Expect(expected);
        });

    internal static Func<RingfenceConfig, IReadOnlyList<GivenValue>, List<ConfigMistake>, RingfenceConfig> Time(
        TimeSpan least, TimeSpan most, Func<RingfenceConfig, TimeSpan, RingfenceConfig> set) =>
        One((config, value) => Duration.Parse(value) is not { } duration ? Expect("a duration such as 10m or 2h")
            : duration < least || duration > most ? Expect($"a duration from {Duration.Format(least)} to {Duration.Format(most)}")
            : Ok(set(config, duration)));

    private static Func<RingfenceConfig, IReadOnlyList<GivenValue>, List<ConfigMistake>, RingfenceConfig> YesNo(Func<RingfenceConfig, bool, RingfenceConfig> set) =>
        One((config, value) => AsteriskBool.Parse(value) is { } yes ? Ok(set(config, yes)) : Expect("yes or no"));

    internal static Func<RingfenceConfig, IReadOnlyList<GivenValue>, List<ConfigMistake>, RingfenceConfig> Path(Func<RingfenceConfig, string, RingfenceConfig> set) =>
        One((config, value) => value.StartsWith('/') ? Ok(set(config, value)) : Expect("an absolute path, beginning with /"));

    private static Func<RingfenceConfig, IReadOnlyList<GivenValue>, List<ConfigMistake>, RingfenceConfig> Paths(
        Func<RingfenceConfig, IReadOnlyList<string>, RingfenceConfig> set) =>
        Each(static value => value.StartsWith('/') ? null : "an absolute path, beginning with /", set);

    private static RingfenceConfig Addresses(RingfenceConfig config, IReadOnlyList<GivenValue> values, List<ConfigMistake> mistakes)
    {
        var networks = new HashSet<Network>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var value in values)
        {
            var text = TrustedAddressText.Parse(value.Text, allowHostBits: false);
            if (text.Expected is { } expected)
            {
                mistakes.Add(value.Expected(expected));
            }
            else if (text.Network is { } network)
            {
                networks.Add(network);
            }
            else if (text.Name is { } name)
            {
                names.Add(name);
            }
        }

        return config with { Trust = config.Trust with { Networks = [.. networks], Names = [.. names] } };
    }
}

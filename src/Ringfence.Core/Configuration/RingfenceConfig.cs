using Ringfence.Core.Events;

namespace Ringfence.Core.Configuration;

/// <summary>Everything that ringfence.conf says, with defaults for what it leaves out: an empty file is the preset "office".</summary>
internal sealed record RingfenceConfig
{
    public static readonly RingfenceConfig Default = new();

    public HepSettings Hep { get; init; } = new();

    public AmiSettings Ami { get; init; } = new();

    public WireSettings Wire { get; init; } = new();

    public DetectionSettings Detection { get; init; } = new();

    /// <summary>Other doors of the machine whose logs are watched beside Asterisk's.</summary>
    public IReadOnlyList<DoorSettings> Doors { get; init; } = [];

    /// <summary>Blocklists, in the order of the file.</summary>
    public IReadOnlyList<FeedSettings> Feeds { get; init; } = [];

    /// <summary>Firewalls outside this machine, in the order of the file.</summary>
    public IReadOnlyList<OuterSettings> Outer { get; init; } = [];

    public BanListSettings BanList { get; init; } = new();

    public BanSettings Bans { get; init; } = new();

    public TrustSettings Trust { get; init; } = new();

    public FirewallSettings Firewall { get; init; } = new();

    /// <summary>The firewall's policy.</summary>
    public Perimeter.PerimeterSettings Perimeter { get; init; } = Core.Perimeter.PerimeterSettings.None;

    public GeoSettings Geo { get; init; } = new();

    public CallSettings Calls { get; init; } = new();

    public GateSettings Gate { get; init; } = new();

    public RoamingSettings Roaming { get; init; } = new();

    public JournalSettings Journal { get; init; } = new();

    public NotifySettings Notify { get; init; } = new();

    /// <summary>Audit rules that find nothing here, by id in capitals: the operator knows, and wants it so.</summary>
    public IReadOnlyList<string> AllowedFindings { get; init; } = [];

    /// <summary>How long the journal keeps what is over: as it says, and never shorter than a ban counts for the next one, which would then be too short
    /// after each restart.</summary>
    public TimeSpan JournalMemory => Journal.Keep > Bans.Remembered ? Journal.Keep : Bans.Remembered;

    /// <summary>The logs to watch; empty: those that logger.conf of <see cref="AsteriskDirectory"/> names.</summary>
    public IReadOnlyList<string> Logs { get; init; } = [];

    /// <summary>Where Asterisk's configuration is, for the trunks to trust and the logs to read.</summary>
    /// <value>/etc/asterisk if unset.</value>
    public string AsteriskDirectory { get; init; } = "/etc/asterisk";

    /// <summary>IANA name of the zone that logs are written in, where a line does not say; null: the machine's.</summary>
    public string? TimeZone { get; init; }

    public CanarySettings Canary { get; init; } = new();

    /// <summary>The unix socket that the daemon answers on.</summary>
    public string Socket { get; init; } = "/run/ringfence/ringfence.sock";
}

/// <summary>When a rule calls an address an attacker.</summary>
internal sealed record DetectionSettings
{
    /// <summary>Refusals of one kind from one address within <see cref="Window"/> that make an attacker.</summary>
    /// <value>1 to 1,000; 5 if unset.</value>
    public int Refusals { get; init; } = 5;

    /// <value>1 s to 1 day; 10 minutes if unset.</value>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Distinct account names tried by one address within <see cref="Window"/> that make an account scan.</summary>
    /// <value>2 to 64; 4 if unset.</value>
    public int ScanAccounts { get; init; } = 4;

    /// <summary>Calls to outside numbers without a login, within <see cref="Window"/>, that make an attacker.</summary>
    /// <value>1 to 1,000; 2 if unset.</value>
    public int UnauthenticatedCalls { get; init; } = 2;

    /// <summary>Distinct accounts that one address asks for within <see cref="SlowWindow"/> without a login that make a slow scan.</summary>
    /// <value>4 to 60; 10 if unset. Of a network, or of all who share a User-Agent: twice as many.</value>
    public int SlowAccounts { get; init; } = 10;

    /// <summary>The time over which slow scans and distributed guessing are counted.</summary>
    /// <value>1 hour to 7 days; 1 day if unset.</value>
    public TimeSpan SlowWindow { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Addresses with wrong passwords for one account within <see cref="SlowWindow"/> that make a distributed guessing.</summary>
    /// <value>3 to 60; 10 if unset.</value>
    public int GuessingSources { get; init; } = 10;

    /// <summary>Account names that nobody has: one try is enough. Compared byte for byte with the account as logged.</summary>
    public IReadOnlyList<string> Decoys { get; init; } = [];

    /// <summary>Addresses watched at once; beyond it the least suspicious is forgotten, so that a flood of forged sources can't fill the memory.</summary>
    /// <value>1,024 to 4,194,304; 131,072 if unset (about 20 MB when full).</value>
    public int MaxAddresses { get; init; } = 131_072;

    /// <summary>What happens when somebody logs in who is not like the account's owner (RF2014).</summary>
    /// <value>Alert if unset.</value>
    public StolenPolicy Stolen { get; init; } = StolenPolicy.Alert;

    /// <summary>The operator's own file of fingerprints; null: none.</summary>
    public string? FingerprintFile { get; init; }

    /// <summary>By what scanners are known, where <see cref="FingerprintFile"/> says so; null: by what is built in, which is read when a source needs it.</summary>
    public Sip.Fingerprints? Fingerprints { get; init; }

    /// <summary>Ids of rules that are off.</summary>
    public IReadOnlyList<string> DisabledRules { get; init; } = [];
}

internal enum StolenPolicy
{
    /// <summary>Tell, and ban nobody: the owner may have a new phone.</summary>
    Alert,

    /// <summary>Ban the address, also one that is trusted for nothing but its registration.</summary>
    Ban,

    /// <summary>Remember nothing.</summary>
    Off,
}

/// <summary>What a ban is.</summary>
internal sealed record BanSettings
{
    /// <summary>Decide and show, enforce nothing (preset "observe").</summary>
    public bool ObserveOnly { get; init; }

    /// <value>1 minute to 1 year; 1 hour if unset.</value>
    public TimeSpan FirstBan { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The n-th earlier ban within <see cref="Memory"/> multiplies <see cref="FirstBan"/> by 2^n times this.</summary>
    /// <value>0 (no growth) to 64; 1 if unset: 1, 2, 4, 8 times the first.</value>
    public double Growth { get; init; } = 1;

    /// <summary>A ban grows no longer than this. Its random part comes on top, as fail2ban adds bantime.rndtime behind bantime.maxtime
    /// (fail2ban/server/jail.py, setBanTimeExtra): a ban at the limit could be timed otherwise. A repeat offender's has its own length.</summary>
    /// <value>7 days if unset.</value>
    public TimeSpan MaxBan { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Up to this share of a ban is added to it, differently each time, so that a bot can't time its return.</summary>
    /// <value>0 to 1; 0.1 if unset.</value>
    public double RandomPart { get; init; } = 0.1;

    /// <summary>Earlier bans are remembered for the growth this long after they began.</summary>
    /// <value>7 days if unset.</value>
    public TimeSpan Memory { get; init; } = TimeSpan.FromDays(7);

    /// <summary>So many bans of one address within <see cref="RepeatWindow"/>, by whatever rules, make a repeat offender.</summary>
    /// <value>2 to 100; 5 if unset.</value>
    public int RepeatBans { get; init; } = 5;

    /// <value>1 day if unset.</value>
    public TimeSpan RepeatWindow { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long a ban counts for anything after it began.</summary>
    public TimeSpan Remembered => Memory > RepeatWindow ? Memory : RepeatWindow;

    /// <summary>How long a repeat offender is banned.</summary>
    /// <value>7 days if unset.</value>
    public TimeSpan RepeatBan { get; init; } = TimeSpan.FromDays(7);

    /// <summary>No ban that a rule decides lasts longer, its random part and a repeat offender's included.</summary>
    public TimeSpan LongestBan => (MaxBan > RepeatBan ? MaxBan : RepeatBan) * (1 + RandomPart);

    /// <summary>What evidence that proves no source address (UDP) may do to an address that nothing vouches for.</summary>
    /// <value>Throttle if unset.</value>
    public UnprovenPolicy Unproven { get; init; } = UnprovenPolicy.Throttle;

    /// <summary>Banned addresses of an IPv4 /24, /64s of an IPv6 /56, or /56s of a /48, within a day, by proven evidence, that make the network banned.</summary>
    /// <value>2 to 64; 3 if unset.</value>
    public int Neighbours { get; init; } = 3;

    /// <summary>Bans that rules may have in force at once. Beyond it a ban replaces the one that ends first: a short one another short one, a proven one any.</summary>
    /// <value>1,000 to 1,000,000; 100,000 if unset.</value>
    public int MaxBans { get; init; } = 100_000;
}

internal enum UnprovenPolicy
{
    /// <summary>Let its SIP over UDP come through in drops for <see cref="BanSettings.FirstBan"/>, and leave all else alone; where no message was seen, as <see cref="Short"/>.</summary>
    Throttle,

    /// <summary>Ban for <see cref="BanSettings.FirstBan"/>, each time; it does not count as an earlier ban.</summary>
    Short,

    /// <summary>Ban as if the address were proven.</summary>
    Ban,

    /// <summary>Tell, and ban nobody.</summary>
    Alert,
}

/// <summary>Who is never banned.</summary>
internal sealed record TrustSettings
{
    public IReadOnlyList<Network> Networks { get; init; } = [];

    /// <summary>DNS names, resolved again every five minutes.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Trust the addresses that pjsip.conf names for trunks (match, contact, server_uri, client_uri's host, outbound_proxy).</summary>
    public bool Trunks { get; init; } = true;

    /// <summary>Trust the addresses of phones that are registered now.</summary>
    public bool Contacts { get; init; } = true;

    /// <summary>Trust the far ends of established ssh sessions.</summary>
    public bool SshPeers { get; init; } = true;
}

internal sealed record FirewallSettings
{
    /// <summary>Answer with an ICMP error or TCP reset in place of silence.</summary>
    public bool Reject { get; init; }

    /// <summary>Packets a second that the kernel lets in of one stranger's SIP.</summary>
    /// <value>0: no limits at all; 15 if unset.</value>
    public int Rate { get; init; } = 15;

    /// <summary>So many at once before <see cref="Rate"/> holds.</summary>
    public int Burst { get; init; } = 30;

    /// <summary>Packets a second of all strangers that were not seen a moment ago; as many again of those that were.</summary>
    public int GlobalRate { get; init; } = 500;

    /// <summary>Drop datagrams with a scanner's name before the PBX reads them.</summary>
    public bool DropScanners { get; init; }
}

internal sealed record JournalSettings
{
    public string Path { get; init; } = "/var/lib/ringfence/ringfence.db";

    /// <summary>How long ended decisions and their evidence are kept.</summary>
    /// <value>30 days if unset.</value>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(30);

    /// <summary>256 MiB: 90,000 bans with their evidence, and a small part of the smallest card that a Raspberry Pi boots from.</summary>
    public const long DefaultMaxBytes = 256 << 20;

    /// <summary>What the file may take; beyond it the oldest decisions that are over are forgotten before their time.</summary>
    /// <value>16 MiB to 1 TiB; 256 MiB if unset.</value>
    public long MaxBytes { get; init; } = DefaultMaxBytes;
}

/// <summary>What the PBX tells over HEP.</summary>
internal sealed record HepSettings
{
    /// <summary>Where it is received; null: nowhere.</summary>
    public System.Net.IPEndPoint? Listen { get; init; }

    /// <summary>UTF-8; empty: none is asked for.</summary>
    public byte[] Password { get; init; } = [];

    /// <summary>Addresses of a PBX that is another machine; empty: they are this machine's own.</summary>
    public IReadOnlyList<Events.Address> Pbx { get; init; } = [];
}

/// <summary>Where the PBX's manager interface is asked for security events.</summary>
internal sealed record AmiSettings
{
    /// <value>127.0.0.1:5038 if unset.</value>
    public System.Net.IPEndPoint Manager { get; init; } = new(System.Net.IPAddress.Loopback, 5038);

    /// <summary>The manager's name; null: the interface is not used.</summary>
    public string? User { get; init; }

    /// <summary>Never shown.</summary>
    public string Secret { get; init; } = "";
}

/// <summary>The guard's own request to the PBX, which every source must tell of.</summary>
internal sealed record CanarySettings
{
    /// <value>1 minute to 1 day, or zero: none is sent; 15 minutes if unset.</value>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Whom it asks to register: an account that nobody has.</summary>
    /// <value>At most 36 letters, digits, hyphens, dots and underscores: PJSIP cuts what is longer.</value>
    /// <remarks>null: one of the installation's own.</remarks>
    public string? Account { get; init; }

    /// <returns>Whether a name is one that can be asked for.</returns>
    public static bool IsAccount(string name) => name.Length is > 0 and <= 36 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');
}

using Ringfence.Core.Parsing;

namespace Ringfence.Core.Configuration;

/// <summary>The keys of a section [door NAME]. Each sets the last door of the configuration, which the reader adds for the section.</summary>
internal static class DoorKeys
{
    /// <summary>The name of the section as people read it.</summary>
    private const string Section = "door NAME";

    private static IReadOnlyList<ConfigKey> All { get; } =
    [
        new()
        {
            Section = Section, Name = "kind", Type = "sshd, freepbx, web, kamailio, opensips or pattern", Default = "must be given", IsUnset = true, Example = "sshd",
            Meaning = "What writes the log. sshd: OpenSSH. freepbx: freepbx_security.log. web: an access log of Apache or nginx, of which HTTP's own refusals (401) count. "
                + "kamailio, opensips: what their module pike stops. pattern: what your patterns find.",
            Set = ConfigKeys.One(static (config, value) => DoorSettings.Kinds.FirstOrDefault(kind => kind.Name == value).Kind is not DoorKind.Unset and var kind
                ? With(config, door => door with { Kind = kind })
                : ConfigKeys.Expect("sshd, freepbx, web, kamailio, opensips or pattern")),
        },
        new()
        {
            Section = Section, Name = "log", Type = "path", Default = "none", IsUnset = true, Example = "/var/log/auth.log",
            Meaning = "A file that the door writes.",
            IsList = true,
            Set = ConfigKeys.Each(static value => value.StartsWith('/') ? null : "an absolute path, beginning with /",
                static (config, values) => With(config, door => door with { Logs = values }).Config!),
        },
        new()
        {
            Section = Section, Name = "journal", Type = "unit of systemd; of sshd also yes", Default = "none", IsUnset = true, Example = "ssh.service",
            Meaning = "Read systemd's journal in place of a file: what this unit writes, or with yes what any sshd of root writes. Nobody can put words into a unit's mouth there; into auth.log every user of the machine can.",
            Set = ConfigKeys.One(static (config, value) => value == "yes" || (value.Contains('.', StringComparison.Ordinal) && value.Length <= 255 && value.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_' or '@' or ':' or '\\'))
                ? With(config, door => door with { Journal = value })
                : ConfigKeys.Expect("a unit such as ssh.service, or yes")),
        },
        new()
        {
            Section = Section, Name = "tag", Type = "program name", Default = "every line counts", IsUnset = true, Example = "vsftpd",
            Meaning = "With kind = pattern: the program whose lines are looked at, by its name in the syslog (\"vsftpd[311]:\"). A pattern begins behind it then.",
            Set = ConfigKeys.One(static (config, value) => value.Length is > 0 and <= 48 && value.All(character => character is > ' ' and < '\u007f' and not ('[' or ':'))
                ? With(config, door => door with { Tag = value })
                : ConfigKeys.Expect("the name of a program as it stands before [ or : in a line")),
        },
        new()
        {
            Section = Section, Name = "pattern", Type = "pattern", Default = "none", IsUnset = true, Example = "FAIL LOGIN: Client \"<HOST>\"$",
            Meaning = "With kind = pattern: a line that it finds is one failure. <HOST> is the address, <USER> the account (free text), <SKIP> anything; the rest are regular expressions without "
                + "looking around and back references, ^ the beginning behind date and syslog header, (?i) at the front for either case. Every reading counts: "
                + "a line that may name two addresses bans neither; a pattern in which free text stands on both sides of <HOST> is refused.",
            IsList = true, KeepsCommas = true,
            Set = Patterns(true, static (door, patterns) => door with { Patterns = patterns }),
        },
        new()
        {
            Section = Section, Name = "ignore", Type = "pattern", Default = "none", IsUnset = true, Example = "^OK LOGIN",
            Meaning = "With kind = pattern: lines that are no failure, whatever pattern finds. Without <HOST>.",
            IsList = true, KeepsCommas = true,
            Set = Patterns(false, static (door, patterns) => door with { Ignore = patterns }),
        },
        new()
        {
            Section = Section, Name = "refusals", Type = "number, 1 to 1000", Default = "as in [detect]", IsUnset = true, Example = "10",
            Meaning = "Failures of one kind from one address at this door that make an attacker; of kamailio and opensips 2 by default.",
            Set = ConfigKeys.Number(1, 1000, static (config, value) => With(config, door => door with { Refusals = value }).Config!),
        },
        new()
        {
            Section = Section, Name = "within", Type = "duration, 1s to 1d", Default = "as in [detect]", IsUnset = true, Example = "10m",
            Meaning = "The time within which they are counted together; of kamailio and opensips 1h by default.",
            Set = ConfigKeys.Time(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), static (config, value) => With(config, door => door with { Window = value }).Config!),
        },
    ];

    public static NamedSection Named { get; } = new(
        "door",
        "Another door of the machine whose log is watched; one section for each, such as [door sshd]. Its failures are counted by themselves: wrong passwords of ssh and of phones do not add up.",
        All,
        static (config, name) => config with { Doors = [.. config.Doors, new DoorSettings { Name = name }] },
        static config => Missing(config.Doors[^1], [.. config.Doors.SkipLast(1)]))
    {
        Example = "sshd",
    };

    /// <returns>What a door lacks, or has in vain; null: nothing.</returns>
    private static string? Missing(DoorSettings door, IReadOnlyList<DoorSettings> others)
    {
        if (Named.WrongName(door.Name, others.Any(other => other.Name == door.Name)) is { } wrong)
        {
            return wrong;
        }

        if (door.Logs.FirstOrDefault(log => others.Any(other => other.Logs.Contains(log))) is { } twice)
        {
            return $"names {Pbx.Shown.Text(twice)}, which another door reads: expected each file at one door";
        }

        return door switch
        {
            { Kind: DoorKind.Unset } => "has no kind: expected kind = sshd, freepbx, web, kamailio, opensips or pattern",
            { Logs: [], Journal: null } => "has nothing to read: expected log = PATH or journal = UNIT",
            { Logs.Count: > 0, Journal: not null } => "has both log and journal: expected one, for each failure would count twice",
            { Kind: DoorKind.Pattern, Patterns: [] } => "has no pattern: expected pattern = ... with <HOST>",
            { Kind: not DoorKind.Pattern } when door.Patterns.Count + door.Ignore.Count > 0 || door.Tag is not null => "has pattern, ignore or tag: expected kind = pattern with them",
            { Kind: not DoorKind.Sshd, Journal: "yes" } => "has journal = yes: expected the name of a unit; yes is for kind = sshd",
            _ => null,
        };
    }

    private static ConfigKeys.Reading With(RingfenceConfig config, Func<DoorSettings, DoorSettings> change) =>
        ConfigKeys.Ok(config with { Doors = config.Doors.WithLast(change) });

    private static Func<RingfenceConfig, IReadOnlyList<GivenValue>, List<ConfigMistake>, RingfenceConfig> Patterns(
        bool needsHost, Func<DoorSettings, IReadOnlyList<LinePattern>, DoorSettings> set) =>
        (config, values, mistakes) =>
        {
            var patterns = new List<LinePattern>();
            foreach (var value in values)
            {
                var (pattern, wrong) = LinePattern.Read(value.Text, needsHost);
                if (pattern is null)
                {
                    mistakes.Add(new ConfigMistake(value.Place, $"{value.Key} is \"{Pbx.Shown.Text(value.Text)}\": {wrong}"));
                }
                else
                {
                    patterns.Add(pattern);
                }
            }

            return With(config, door => set(door, patterns)).Config!;
        };
}

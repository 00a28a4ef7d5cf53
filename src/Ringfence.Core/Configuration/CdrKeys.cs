using Ringfence.Core.Calls;

namespace Ringfence.Core.Configuration;

/// <summary>The keys of [calls] that say where the records of calls are.</summary>
internal static class CdrKeys
{
    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new()
        {
            Section = CallKeys.Section, Name = "cdr", Type = "path or URL", Default = "/var/log/asterisk/cdr-csv/Master.csv where it is", IsUnset = true, Example = "mysql:///asteriskcdrdb?socket=/run/mysqld/mysqld.sock",
            Meaning = "Where the PBX keeps the records of its calls (CDR): a CSV file of cdr_csv or cdr_custom, or of channel events (cel_custom), with those rotated away from it; a database of SQLite (master.db); or mysql://HOST/DATABASE (MariaDB too: FreePBX has asteriskcdrdb) and postgresql://HOST/DATABASE, with ?socket=PATH in place of a host; these need libmariadb3 (libmysqlclient will do) or libpq5. They are read and never written.",
            IsList = true,
            Set = ConfigKeys.Each(static value => CdrPlace.Parse(value) is null ? CdrPlace.Expected : null,
                static (config, values) => config with { Calls = config.Calls with { Cdr = [.. values.Select(static value => CdrPlace.Parse(value)!)] } }),
        },
        new()
        {
            Section = CallKeys.Section, Name = "cdr_columns", Type = "text", Default = "those of cdr_csv, or a line of headings", IsUnset = true, Example = "${CSV_QUOTE(${CDR(src)})},${CSV_QUOTE(${CDR(dst)})},${CSV_QUOTE(${CDR(channel)})},${CSV_QUOTE(${CDR(start)})},${CSV_QUOTE(${CDR(billsec)})}",
            Meaning = "The mapping of cdr_custom.conf, or of cel_custom.conf, that wrote the file, as it stands there.",
            Set = ConfigKeys.One(static (config, value) => CallFileReader.IsMapping(value)
                ? ConfigKeys.Ok(config with { Calls = config.Calls with { CdrMapping = value } })
                : ConfigKeys.Expect("a mapping of cdr_custom.conf with start, billsec, a channel or src, and dst or lastapp and lastdata; or of cel_custom.conf with eventtype, eventtime, channame, appname, appdata and uniqueid")),
        },
        new()
        {
            Section = CallKeys.Section, Name = "cdr_table", Type = "name", Default = "cdr", Example = "cdr",
            Meaning = "The table of the database.",
            Set = ConfigKeys.One(static (config, value) => CdrPlace.IsName(value)
                ? ConfigKeys.Ok(config with { Calls = config.Calls with { CdrTable = value } })
                : ConfigKeys.Expect("a name of letters, digits, _, - and .")),
        },
        new()
        {
            Section = CallKeys.Section, Name = "cdr_user", Type = "text", Default = "ringfence", Example = "ringfence",
            Meaning = "The database's user: one that may SELECT from that table is enough.",
            Set = ConfigKeys.One(static (config, value) => value.Length is > 0 and <= 80 && !value.Any(char.IsControl)
                ? ConfigKeys.Ok(config with { Calls = config.Calls with { CdrUser = value } })
                : ConfigKeys.Expect("a name of 80 letters at most")),
        },
        new()
        {
            Section = CallKeys.Section, Name = "cdr_password", Type = "text", Default = "none", IsUnset = true, Example = "test-password", IsSecret = true,
            Meaning = "Its password. Only root may read this file then.",
            Set = ConfigKeys.One(static (config, value) => value.Length is > 0 and <= 200
                ? ConfigKeys.Ok(config with { Calls = config.Calls with { CdrPassword = value } })
                : ConfigKeys.Expect("a password of 200 letters at most")),
        },
        new()
        {
            Section = CallKeys.Section, Name = "daily_report", Type = "time of day", Default = "never", IsUnset = true, Example = "07:00",
            Meaning = "When those of [notify NAME] who take report are told what the calls of the day before came to, by the PBX's own clock.",
            Set = ConfigKeys.One(static (config, value) => TimeOnly.TryParseExact(value, "HH:mm", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out var time)
                ? ConfigKeys.Ok(config with { Calls = config.Calls with { DailyReport = time } })
                : ConfigKeys.Expect("a time of day such as 07:00")),
        },
    ];
}

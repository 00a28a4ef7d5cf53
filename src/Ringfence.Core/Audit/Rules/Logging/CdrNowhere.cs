using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Logging;

/// <summary>Call records that go nowhere.</summary>
internal static class CdrNowhere
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1507",
        Name = "cdr-nowhere",
        Severity = Severity.Medium,
        // cdr/cdr_csv.c, load_config: without a variable in [csv] the module declines to load.
        Why = "Call records are on and no backend is set up: the file Master.csv is written only if cdr.conf has a [csv] section.",
        Fix = "Add a [csv] section to cdr.conf (with loguniqueid = yes), or set up another backend.",
        ExampleFile = "cdr.conf",
        Bad = """
            [general] ; here
            enable = yes
            ;;; modules.conf
            [modules]
            autoload = yes
            """,
        Good = """
            [general]
            enable = yes
            [csv]
            loguniqueid = yes
            ;;; modules.conf
            [modules]
            autoload = yes
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Reporting/Call-Detail-Records-CDR/CDR-Storage-Backends/"),
        Topic = AuditTopic.Logging,
        Check = Check,
    };

    private static readonly string[] Others =
        ["cdr_custom.conf", "cdr_manager.conf", "cdr_adaptive_odbc.conf", "cdr_odbc.conf", "cdr_pgsql.conf", "cdr_sqlite3_custom.conf", "cdr_tds.conf", "cdr_mysql.conf", "cdr_beanstalkd.conf", "cdr_syslog.conf"];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var cdr = pbx.Config("cdr.conf");

        // Without modules.conf a few files were given, not all.
        return cdr.Problems.Count > 0 || !pbx.Config("modules.conf").Exists || cdr.Named("csv").Any(static csv => csv.Settings.Count > 0) || cdr.Named("radius").Any()
            || Others.Any(other => pbx.Config(other) is { } file && (file.Problems.Count > 0 || file.Sections.Any(static section => section.Settings.Count > 0)))
            ? []
            : from general in cdr.Named("general").Take(1)
              where AsteriskBool.Parse(general["enable"]) is not false
              select new Fault(general.Place, "cdr.conf", "calls are recorded nowhere: there is no [csv] section with a setting, and no other backend is set up")
              {
                  Mend = new Mend("write them to Master.csv", new AppendLines("cdr.conf", ["[csv]", "loguniqueid = yes", "loguserfield = yes"])),
              };
    }
}

using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>A caller's text goes into SQL as it is.</summary>
internal static class SqlInjection
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1567",
        Name = "sql-injection",
        Severity = Severity.High,
        Why = "An argument of this function that comes from a caller (a name, a number, keys) ends the quotes and adds SQL of its own: it reads and changes the database.",
        Fix = "Write ${SQL_ESC(${ARG1})} between the quotes.",
        ExampleFile = "func_odbc.conf",
        Bad = """
            [LOOKUP]
            dsn = main
            readsql = SELECT name FROM people WHERE number='${ARG1}' ; here
            """,
        Good = """
            [LOOKUP]
            dsn = main
            readsql = SELECT name FROM people WHERE number='${SQL_ESC(${ARG1})}'
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Functions/SQL_ESC/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from section in pbx.Config("func_odbc.conf").Sections
        from setting in section.Settings
        where setting.Name.ToLowerInvariant() is "readsql" or "writesql" or "insertsql" or "read" or "write"
        where Raw(setting.Value, "'${ARG") || Raw(setting.Value, "'${VAL") || Raw(setting.Value, "\"${ARG") || Raw(setting.Value, "\"${VAL")
        select new Fault(setting.Place, $"function ODBC_{Shown.Text(section.Name)}", "puts an argument between quotes without SQL_ESC");

    private static bool Raw(string sql, string open) => sql.Contains(open, StringComparison.OrdinalIgnoreCase);
}

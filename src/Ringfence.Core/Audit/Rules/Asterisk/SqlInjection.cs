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
        Why = "An argument of this function that comes from a caller (a name, a number, keys) ends the quotes, or stands where none are, and adds SQL of its own: it reads and changes the database. SQL_ESC doubles quotes and helps between quotes alone; SQL_ESC_BACKSLASHES leaves quotes as they are.",
        Fix = "Write '${SQL_ESC(${ARG1})}', with the quotes, also round numbers; where backslashes count (MySQL) '${SQL_ESC(${SQL_ESC_BACKSLASHES(${ARG1})})}'.",
        ExampleFile = "func_odbc.conf",
        Bad = """
            [LOOKUP]
            dsn = main
            readsql = SELECT name FROM people WHERE number='${ARG1}' ; here
            [BYID]
            dsn = main
            readsql = SELECT name FROM people WHERE id=${ARG1} ; here
            writesql = UPDATE people SET name='x' WHERE id=${SQL_ESC(${ARG1})} ; here
            [LIKE]
            dsn = main
            readsql = SELECT name FROM people WHERE name LIKE '%${ARG1}%' ; here
            writesql = UPDATE people SET name='${SQL_ESC_BACKSLASHES(${VAL1})}' ; here
            """,
        Good = """
            [LOOKUP]
            dsn = main
            readsql = SELECT name FROM people WHERE number='${SQL_ESC(${ARG1})}'
            writesql = UPDATE people SET name='${SQL_ESC(${SQL_ESC_BACKSLASHES(${VAL1})})}' WHERE id=${FILTER(0-9,${ARG1})}
            [SQL]
            dsn = main
            readsql = ${ARG1}
            [ESCAPED]
            dsn = main
            readsql = SELECT name FROM people WHERE number='${ARG1}' AND id=${ARG2}
            ;;; extensions.conf
            [phones]
            exten => _X.,1,Set(CALLERID(name)=${ODBC_ESCAPED(${SQL_ESC(${CALLERID(num)})},${FILTER(0-9,${EXTEN})})})
             same => n,Set(other=${ODBC_ESCAPED(1001,1)})
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Functions/SQL_ESC/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from section in pbx.Config("func_odbc.conf").Sections
        from setting in section.Settings
        where setting.Name.ToLowerInvariant() is "readsql" or "writesql" or "insertsql" or "read" or "write"
        let function = $"{(section["prefix"] is { Length: > 0 } prefix ? prefix : "ODBC")}_{section.Name}"
        let wrong = SqlArguments.In(setting.Value).FirstOrDefault(argument => argument.Wrong is not null && !SqlUses.AreSafe(pbx, function, argument))
        where wrong is not null
        select new Fault(setting.Place, $"function {Shown.Text(function)}", wrong.Wrong!);
}

using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit.Rules.Logging;

/// <summary>Where records of calls go: without a backend Asterisk makes them and writes them nowhere, and says so only when it is asked (cdr show status).</summary>
internal static class CallRecords
{
    private static readonly string[] OtherCdr =
        ["cdr_custom.conf", "cdr_manager.conf", "cdr_adaptive_odbc.conf", "cdr_odbc.conf", "cdr_pgsql.conf", "cdr_sqlite3_custom.conf", "cdr_tds.conf", "cdr_mysql.conf", "cdr_beanstalkd.conf", "cdr_syslog.conf"];

    private static readonly string[] OtherCel = ["cel_custom.conf", "cel_odbc.conf", "cel_pgsql.conf", "cel_sqlite3_custom.conf", "cel_tds.conf", "cel_beanstalkd.conf"];

    // Where autoload is off. Measured on 22.10.1: cel_custom does not load without res_cdrel_custom. Of a module that a version does not have Asterisk says so at its start, and goes on.
    private static readonly string[] CelModules = ["func_callerid", "func_channel", "func_strings", "res_cdrel_custom", "cel_custom"];

    private const string CelMapping = "Master.csv => ${CSV_QUOTE(${eventtype})},${CSV_QUOTE(${eventtime})},${CSV_QUOTE(${CALLERID(num)})},${CSV_QUOTE(${CHANNEL(context)})},${CSV_QUOTE(${CHANNEL(exten)})},"
        + "${CSV_QUOTE(${CHANNEL(channame)})},${CSV_QUOTE(${CHANNEL(appname)})},${CSV_QUOTE(${CHANNEL(linkedid)})},${CSV_QUOTE(${eventextra})}";

    public static bool HasCdr(PbxSnapshot pbx)
    {
        var cdr = pbx.Config("cdr.conf");
        return cdr.Problems.Count > 0 || cdr.First("csv")?.Settings.Count > 0 || cdr.Named("radius").Any() || AnySet(pbx, OtherCdr);
    }

    /// <returns>What makes Asterisk write Master.csv; null: the administrator keeps the module out, and only he knows why.</returns>
    public static IReadOnlyList<FileEdit>? WriteCdr(PbxSnapshot pbx) => With(pbx, Section(pbx, "cdr.conf", "csv", "loguniqueid = yes", "loguserfield = yes"), "cdr_csv");

    public static bool HasCel(PbxSnapshot pbx)
    {
        var cel = pbx.Config("cel.conf");
        return cel.Named("manager").Any(static manager => AsteriskBool.IsTrue(manager["enabled"])) || cel.Named("radius").Any() || AnySet(pbx, OtherCel);
    }

    /// <inheritdoc cref="WriteCdr"/>
    public static IReadOnlyList<FileEdit>? WriteCel(PbxSnapshot pbx) => With(pbx, Section(pbx, "cel_custom.conf", "mappings", CelMapping), CelModules);

    private static bool AnySet(PbxSnapshot pbx, string[] files) =>
        files.Any(file => pbx.Config(file) is { } config && (config.Problems.Count > 0 || config.Sections.Any(static section => section.Settings.Count > 0)));

    // Of two sections of one name Asterisk reads the first, so an empty one is filled.
    private static FileEdit Section(PbxSnapshot pbx, string file, string name, params string[] lines) => pbx.Config(file).First(name) is { } empty
        ? new InsertLines(empty.Place.File, empty.Place.Line, lines)
        : new AppendLines(file, [$"[{name}]", .. lines]);

    private static IReadOnlyList<FileEdit>? With(PbxSnapshot pbx, FileEdit edit, params string[] needed)
    {
        var missing = needed.Where(module => ModulesConf.LeavesOut(pbx, module)).ToList();
        if (missing.Count == 0)
        {
            return [edit];
        }

        return pbx.Config("modules.conf").First("modules") is { } modules && !modules.All("noload").Any(kept => missing.Any(module => kept.Value == module || kept.Value == module + ".so"))
            ? [edit, new InsertLines(modules.Place.File, modules.Place.Line, [.. missing.Select(static module => $"load = {module}.so")])] : null;
    }
}

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

    // Without modules.conf a few files were given, not all.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => !pbx.Config("modules.conf").Exists || CallRecords.HasCdr(pbx)
        ? []
        : from general in pbx.Config("cdr.conf").Named("general").Take(1)
          where AsteriskBool.Parse(general["enable"]) is not false
          select new Fault(general.Place, "cdr.conf", "calls are recorded nowhere: there is no [csv] section with a setting, and no other backend is set up")
          {
              Mend = CallRecords.WriteCdr(pbx) is { } edits ? new Mend("write them to Master.csv", edits) : null,
          };
}

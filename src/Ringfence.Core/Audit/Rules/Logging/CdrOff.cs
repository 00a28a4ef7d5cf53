using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Logging;

/// <summary>No call records.</summary>
internal static class CdrOff
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1506",
        Name = "cdr-off",
        Severity = Severity.Medium,
        Why = "After toll fraud the records say which phone called where, from when to when; without them neither the loss nor the way in can be found.",
        Fix = "Set enable = yes in [general] of cdr.conf, and a backend: a section [csv] with loguniqueid = yes.",
        ExampleFile = "cdr.conf",
        Bad = """
            [general]
            enable = no ; here
            """,
        Good = """
            [general]
            enable = yes
            [csv]
            loguniqueid = yes
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Reporting/Call-Detail-Records-CDR/"),
        Topic = AuditTopic.Logging,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from general in pbx.Config("cdr.conf").Named("general")
        let enable = general.Find("enable")
        where enable is not null && !AsteriskBool.IsTrue(enable.Value)
        select new Fault(enable.Place, "cdr.conf", "no call is recorded") { Mend = TurnOn(pbx, OptionEdit.Set(general, "enable", "yes")) };

    private static Mend? TurnOn(PbxSnapshot pbx, FileEdit enable) => CallRecords.HasCdr(pbx) ? new Mend("turn it on", enable)
        : CallRecords.WriteCdr(pbx) is { } backend ? new Mend("turn it on, and write the records to Master.csv", [enable, .. backend])
        : null;
}

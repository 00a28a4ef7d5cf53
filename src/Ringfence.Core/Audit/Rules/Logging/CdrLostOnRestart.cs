using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Logging;

/// <summary>Call records that a restart throws away.</summary>
internal static class CdrLostOnRestart
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1508",
        Name = "cdr-lost-on-restart",
        Severity = Severity.Low,
        Why = "In batch mode records wait in memory, and safeshutdown = no ends Asterisk without writing them: an attacker who makes it restart has no records.",
        Fix = "Set safeshutdown = yes, or batch = no.",
        ExampleFile = "cdr.conf",
        Bad = """
            [general]
            batch = yes
            safeshutdown = no ; here
            """,
        Good = """
            [general]
            batch = yes
            safeshutdown = yes
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Reporting/Call-Detail-Records-CDR/"),
        Topic = AuditTopic.Logging,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from general in pbx.Config("cdr.conf").Named("general")
        let safe = general.Find("safeshutdown")
        where AsteriskBool.IsTrue(general["batch"]) && safe is not null && AsteriskBool.Parse(safe.Value) is false
        select new Fault(safe.Place, "cdr.conf", "records that wait in memory are lost when Asterisk ends") { Mend = new Mend("write them first", OptionEdit.Set(general, "safeshutdown", "yes")) };
}

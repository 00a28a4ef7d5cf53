using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Logging;

/// <summary>No record of what happened within calls.</summary>
internal static class CelOff
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1510",
        Name = "cel-off",
        Severity = Severity.Info,
        Why = "Call records say who called where; only channel events (CEL) say who transferred, forwarded or picked up, which is how toll fraud leaves by way of an honest phone.",
        Fix = "Set enable = yes and events = ALL in [general] of cel.conf, and a backend such as cel_custom.conf.",
        ExampleFile = "cel.conf",
        Bad = """
            [general] ; here
            apps = dial,park
            events = ANSWER
            """,
        Good = """
            [general]
            enable = yes
            events = ALL
            ;;; cel_custom.conf
            [mappings]
            Master.csv => ${CSV_QUOTE(${eventtype})}
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Reporting/Channel-Event-Logging-CEL/"),
        Topic = AuditTopic.Logging,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var cel = pbx.Config("cel.conf");
        return cel.Problems.Count > 0 || cel.Named("general").Any(static general => AsteriskBool.IsTrue(general["enable"]))
            ? []
            : from general in cel.Named("general").Take(1)
              select new Fault(general.Find("enable")?.Place ?? general.Place, "cel.conf", "transfers and forwards within calls are not recorded")
              {
                  Mend = TurnOn(pbx, general.Find("events") is null ? [OptionEdit.Set(general, "enable", "yes"), OptionEdit.Set(general, "events", "ALL")] : [OptionEdit.Set(general, "enable", "yes")]),
              };
    }

    private static Mend? TurnOn(PbxSnapshot pbx, IReadOnlyList<FileEdit> enable) => CallRecords.HasCel(pbx) ? new Mend("turn it on, and name the events", enable)
        : CallRecords.WriteCel(pbx) is { } backend ? new Mend("turn it on, name the events, and write them to Master.csv", [.. enable, .. backend])
        : null;
}

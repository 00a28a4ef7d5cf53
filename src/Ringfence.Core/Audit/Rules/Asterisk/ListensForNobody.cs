using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>A protocol that listens and that nobody uses.</summary>
internal static class ListensForNobody
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1566",
        Name = "listens-for-nobody",
        Severity = Severity.Low,
        Why = "Its port is open to strangers and its parser reads what they send, and no phone or trunk needs it.",
        Fix = "Add noload for the module to modules.conf.",
        ExampleFile = "modules.conf",
        Bad = """
            [modules]
            autoload = yes ; here
            ;;; iax.conf
            [general]
            bandwidth = low
            """,
        Good = """
            [modules]
            autoload = yes
            noload => chan_iax2.so
            ;;; iax.conf
            [general]
            bandwidth = low
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Core-Configuration/Configuring-the-Asterisk-Module-Loader/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var modules = pbx.Config("modules.conf").First("modules");
        var iax = pbx.Config("iax.conf");
        var isUsed = iax.Problems.Count > 0 || iax.Sections.Any(static section => section["type"] is not null && section.Name is not "guest")
            || iax.Named("general").Any(static general => general["register"] is not null || general["rtcachefriends"] is not null)
            || pbx.Config("users.conf").Sections.Any(static user => user["hasiax"] is not null)
            || pbx.Config("extconfig.conf").Named("settings").Any(static section => section["iaxusers"] is not null || section["iaxpeers"] is not null);
        return iax.Exists && !isUsed && modules is not null && ModulesConf.Loads(pbx, "chan_iax2")
            ? [new Fault((modules.Find("autoload") ?? modules.Settings[0]).Place, "chan_iax2", "listens on UDP 4569, and iax.conf has no phone and no trunk")
                {
                    Mend = new Mend("don't load it", OptionEdit.Add(modules, "noload => chan_iax2.so")),
                }]
            : [];
    }
}

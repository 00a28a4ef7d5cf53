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
            ;;; unistim.conf
            [general]
            port = 5000
            ;;; dundi.conf
            [general]
            ttl = 32
            [mappings]
            """,
        Good = """
            [modules]
            autoload = yes
            noload => chan_iax2.so
            noload => pbx_dundi.so
            ;;; iax.conf
            [general]
            bandwidth = low
            ;;; unistim.conf
            [general]
            port = 5000
            [reception]
            device = 006038abcdef
            line = 100
            ;;; dundi.conf
            [general]
            ttl = 32
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Core-Configuration/Configuring-the-Asterisk-Module-Loader/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        if (pbx.Config("modules.conf").First("modules") is not { Settings.Count: > 0 } modules)
        {
            yield break;
        }

        foreach (var (module, file, text) in Unused(pbx).Where(unused => pbx.Config(unused.File) is { Exists: true, Problems.Count: 0 } && ModulesConf.Loads(pbx, unused.Module)))
        {
            yield return new Fault((modules.Find("autoload") ?? modules.Settings[0]).Place, module, $"listens on {text}")
            {
                Mend = new Mend($"don't load {module}", OptionEdit.Add(modules, $"noload => {module}.so")),
            };
        }
    }

    // Measured on 22.10.1: chan_unistim and pbx_dundi listen on all addresses as soon as their file is there, with nothing but [general] in it, and not at all without it.
    private static IEnumerable<(string Module, string File, string Text)> Unused(PbxSnapshot pbx)
    {
        if (!IsIaxUsed(pbx))
        {
            yield return ("chan_iax2", "iax.conf", "UDP 4569, and iax.conf has no phone and no trunk");
        }

        var unistim = pbx.Config("unistim.conf");
        if (!unistim.Sections.Any(static section => section["device"] is not null) && !unistim.Named("general").Any(static general => general["autoprovisioning"] is { } way && AsteriskBool.Parse(way) is not false))
        {
            yield return ("chan_unistim", "unistim.conf", "UDP 5000, and unistim.conf has no phone");
        }

        if (pbx.Config("dundi.conf").Sections.All(static section => section.Name is "general" or "mappings"))
        {
            yield return ("pbx_dundi", "dundi.conf", "UDP 4520, and dundi.conf has no peer");
        }
    }

    private static bool IsIaxUsed(PbxSnapshot pbx)
    {
        var iax = pbx.Config("iax.conf");
        return iax.Sections.Any(static section => section["type"] is not null && section.Name is not "guest")
            || iax.Named("general").Any(static general => general["register"] is not null || general["rtcachefriends"] is not null)
            || pbx.Config("users.conf").Sections.Any(static user => user["hasiax"] is not null)
            || pbx.Config("extconfig.conf").Named("settings").Any(static section => section["iaxusers"] is not null || section["iaxpeers"] is not null);
    }
}

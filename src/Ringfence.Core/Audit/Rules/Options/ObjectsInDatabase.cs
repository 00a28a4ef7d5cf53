using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>Configuration that lies in a database.</summary>
internal static class ObjectsInDatabase
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1116",
        Name = "objects-in-database",
        Severity = Severity.Info,
        Why = "Asterisk takes these objects from a database (realtime), which the audit of files does not see: what it says of passwords, access lists and dialplan leaves them out. Objects of a mapped type count in pjsip.conf only where sorcery.conf names that too.",
        Fix = "Look at the tables as well. Whoever can write them can make accounts: see who may log in to the database, and from where.",
        Bad = """
            [1001]
            type = endpoint
            ;;; sorcery.conf
            [res_pjsip]
            endpoint = realtime,ps_endpoints ; here
            aor = realtime,ps_aors ; here
            aor = config,pjsip.conf,criteria=type=aor
            ;;; extconfig.conf
            [settings]
            ps_endpoints => odbc,asterisk
            voicemail => odbc,asterisk ; here
            """,
        Good = """
            [1001]
            type = endpoint
            ;;; sorcery.conf
            [res_pjsip]
            endpoint/cache = memory_cache,maximum_objects=100
            endpoint = config,pjsip.conf,criteria=type=endpoint
            """,
        Reference = new Uri("https://docs.asterisk.org/Fundamentals/Asterisk-Configuration/Database-Support-Configuration/Realtime-Database-Configuration/"),
        Topic = AuditTopic.Options,
        Check = Check,
    };

    // extconfig.conf says where the tables lie that sorcery.conf names; those are told there.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var kinds = pbx.Options.Objects(PjsipSource.UsualFile).Select(static kind => kind.Kind).ToList();
        var mapped = kinds.Select(kind => (Kind: kind, pbx.Pjsip.Source(kind).Elsewhere)).Where(static found => found.Elsewhere is not null).ToList();
        foreach (var (kind, setting) in mapped)
        {
            var source = pbx.Pjsip.Source(kind);
            var isFile = source.Files.Count > 0;
            yield return new Fault(setting!.Place, $"{kind} objects",
                $"{kind} objects come from {Shown.Text(setting.Value)}{(isFile ? $" as well, and of two of one name that {(source.IsFileFirst ? "of the file" : "from there")} counts" : pbx.Config(PjsipSource.UsualFile).Sections.Any(section => PjsipConfig.TypeOf(section)?.Value == kind) ? " alone, and those of pjsip.conf do not count" : " alone")}");
        }

        foreach (var setting in pbx.Config("extconfig.conf").Named("settings").SelectMany(static section => section.Settings))
        {
            if (!setting.Name.StartsWith("ps_", StringComparison.OrdinalIgnoreCase))
            {
                yield return new Fault(setting.Place, $"extconfig {Shown.Text(setting.Name)}", $"{Shown.Text(setting.Name)} comes from a database ({Shown.Text(setting.Value)})");
            }
        }
    }
}

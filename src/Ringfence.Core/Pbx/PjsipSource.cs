namespace Ringfence.Core.Pbx;

/// <summary>Where the objects of one type come from, by sorcery.conf: pjsip.conf unless it says otherwise.</summary>
/// <param name="Files">The files of which sections are objects of that type, and whether <c>type</c> must say so.</param>
/// <param name="Elsewhere">Where more of them are, which no file tells: the line of sorcery.conf that maps them to a database; null: nowhere.</param>
internal sealed record PjsipSource(IReadOnlyList<PjsipSourceFile> Files, ConfigSetting? Elsewhere)
{
    /// <summary>An object of a file counts before one of that name elsewhere: sorcery asks in the order of sorcery.conf and takes the first that it is given (measured on 22.10.1 with an endpoint in two sources, in either order).</summary>
    public bool IsFileFirst { get; private init; } = true;

    /// <summary>The file that holds all of PJSIP's objects where sorcery.conf says nothing.</summary>
    public const string UsualFile = "pjsip.conf";

    /// <param name="type">"endpoint".</param>
    /// <remarks>
    /// main/sorcery.c, __ast_sorcery_apply_config: a setting "endpoint/cache = realtime,ps_endpoints" of the section that is named after the module; as soon as there is one, the
    /// file that is usual counts only where it is named too.
    /// </remarks>
    public static PjsipSource Of(string type, AsteriskConfig sorcery)
    {
        List<PjsipSourceFile> files = [];
        ConfigSetting? elsewhere = null;
        var isMapped = false;
        var isFileFirst = true;
        foreach (var setting in sorcery.Sections.Where(static section => IsOfPjsip(section.Name)).SelectMany(static section => section.Settings))
        {
            var (name, options) = Split(setting.Name, '/');
            if (!name.Equals(type, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            isMapped = true;
            var (wizard, data) = Split(setting.Value, ',');
            if (wizard == "config")
            {
                files.Add(PjsipSourceFile.Parse(data, type));
            }
            else if (!options.Split('/').Contains("cache", StringComparer.Ordinal) && wizard is not "memory" and not "memory_cache")
            {
                elsewhere ??= setting;
                isFileFirst &= files.Count > 0;
            }
        }

        return isMapped ? new PjsipSource(files, elsewhere) { IsFileFirst = isFileFirst } : new PjsipSource([new PjsipSourceFile(UsualFile, NeedsType: true)], null);
    }

    // Other modules share res_pjsip's objects, and each reads the section of its own name; res_pjsip_acl reads one named acl.
    private static bool IsOfPjsip(string section) => section is "acl" || section.StartsWith("res_pjsip", StringComparison.Ordinal);

    private static (string Before, string After) Split(string text, char separator)
    {
        var at = text.IndexOf(separator, StringComparison.Ordinal);
        return at < 0 ? (text.Trim(), "") : (text[..at].Trim(), text[(at + 1)..].Trim());
    }
}

/// <param name="NeedsType">Only sections whose <c>type</c> says so are objects; else every section of the file is one.</param>
internal sealed record PjsipSourceFile(string File, bool NeedsType)
{
    /// <param name="data">"pjsip.conf,criteria=type=endpoint": res/res_sorcery_config.c, sorcery_config_open.</param>
    public static PjsipSourceFile Parse(string data, string type)
    {
        var parts = data.Split(',');
        return new PjsipSourceFile(parts[0].Trim(), parts.Skip(1).Any(part => part.Trim() == $"criteria=type={type}"));
    }
}

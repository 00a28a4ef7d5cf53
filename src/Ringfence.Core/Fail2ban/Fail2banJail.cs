using Ringfence.Core.Pbx;

namespace Ringfence.Core.Fail2ban;

/// <summary>A jail that is turned on, as far as the audit asks.</summary>
/// <param name="Filter">The filter's name, without its parameters.</param>
/// <param name="Logs">Paths, which may hold patterns; empty where it reads the journal.</param>
/// <param name="Place">Where its logs are written down, or its filter, or where it is turned on.</param>
internal sealed record Fail2banJail(string Name, string Filter, IReadOnlyList<string> Logs, Place Place)
{
    public bool IsOfAsterisk => Filter == "asterisk" || Filter.StartsWith("asterisk-", StringComparison.Ordinal);

    /// <returns>Those that could be read whole; a jail whose options name what is not there is left out.</returns>
    public static IReadOnlyList<Fail2banJail> All(IConfigFiles files, string directory)
    {
        var jails = new IniFiles(files);
        jails.Read($"{directory}/jail.conf");
        foreach (var path in files.Match($"{directory}/jail.d/*.conf"))
        {
            jails.Read(path);
        }

        jails.Read($"{directory}/jail.local");
        foreach (var path in files.Match($"{directory}/jail.d/*.local"))
        {
            jails.Read(path);
        }

        var values = new Interpolation(jails) { Fixed = new Dictionary<string, string> { ["fail2ban_version"] = "1", ["fail2ban_confpath"] = directory } };
        return jails.Problems.Count > 0 ? [] : [.. jails.Sections.Select(name => Read(name, jails, values)).OfType<Fail2banJail>()];
    }

    private static Fail2banJail? Read(string name, IniFiles jails, Interpolation values)
    {
        try
        {
            if (values.Value(name, "enabled")?.Trim().ToLowerInvariant() is not ("true" or "1" or "yes" or "on"))
            {
                return null;
            }

            var filter = values.Value(name, "filter")?.Trim() is { Length: > 0 } given ? given.Split('[')[0].Trim() : name;
            var isJournal = values.Value(name, "backend")?.Trim().StartsWith("systemd", StringComparison.Ordinal) ?? false;

            // "path tail": only what comes from now on.
            var logs = isJournal ? [] : (values.Value(name, "logpath") ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(' ')[0]).ToList();
            var place = jails.Find(name, "logpath") ?? jails.Find(name, "filter") ?? jails.Find(name, "enabled");
            return place is null ? null : new Fail2banJail(name, filter, logs, place.Place);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <returns>The filter's expressions with all options put in; null: it can't be read.</returns>
    public static IReadOnlyList<(string Expression, Place Place)>? Expressions(IConfigFiles files, string directory, string filter)
    {
        var ini = new IniFiles(files);
        if (filter.Contains('/', StringComparison.Ordinal) || (!ini.Read($"{directory}/filter.d/{filter}.conf") & !ini.Read($"{directory}/filter.d/{filter}.local")) || ini.Problems.Count > 0
            || ini.Find("Definition", "failregex") is not { } option)
        {
            return null;
        }

        try
        {
            var values = new Interpolation(ini);
            var prefix = values.Value("Definition", "prefregex") ?? "";
            return [.. (values.Value("Definition", "failregex") ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(line => (prefix + line, option.Place))];
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

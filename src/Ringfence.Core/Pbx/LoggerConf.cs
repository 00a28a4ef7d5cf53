namespace Ringfence.Core.Pbx;

/// <summary>How far the lines of a log can be trusted, the best first.</summary>
internal enum LogRank
{
    /// <summary>The security level as [json]: every text of an attacker is inside a JSON string.</summary>
    SecurityJson = 0,

    /// <summary>The security level in a plain file, at most with the levels notice and warning beside it (FreePBX's <c>fail2ban => notice,security</c>): an
    /// attacker's line ends and quotes are in it, and can be told apart. No packet dump can be in it: those are ERROR lines.</summary>
    Security = 1,

    /// <summary>The level notice in a plain file, at most with warning: no packet dump can be in it. The only one that shows attempts whose Call-ID is not UTF-8.</summary>
    NoticeOnly = 2,

    /// <summary>The level notice as [json], without security: every text of an attacker is inside a JSON string, and chan_sip's and IAX2's refusals count. Not the
    /// NOTICE whose Call-ID is not UTF-8, which the formatter drops.</summary>
    NoticeJson = 3,

    /// <summary>With a level on account of which some lines don't count: see <see cref="LoggerConf.Doubt"/>.</summary>
    Mixed = 4,

    /// <summary>Nothing in it tells of attackers.</summary>
    Useless = 5,
}

/// <summary>A file that Asterisk writes.</summary>
/// <param name="Levels">Lower case, without the number of verbose; "*" for all.</param>
/// <param name="IsJson">The [json] formatter.</param>
internal sealed record ConfiguredLog(string Path, bool IsJson, IReadOnlyList<string> Levels, LogRank Rank, Place Place);

/// <summary>A log that guard should watch.</summary>
internal sealed record LogChoice(string Path, LogRank Rank);

/// <param name="Files">Every file of [logfiles], best first.</param>
/// <param name="Watch">The best security file and the notice files; a mixed one only if there is none of these.</param>
/// <param name="Advice">A sentence for each gap, with its cure; empty if all is well.</param>
/// <param name="DateFormat">As Asterisk gives it to strftime; "%b %e %T" if unset.</param>
internal sealed record LogPlan(
    IReadOnlyList<ConfiguredLog> Files, IReadOnlyList<LogChoice> Watch, IReadOnlyList<string> Advice, string DateFormat, IReadOnlyList<ConfigProblem> Problems)
{
    /// <inheritdoc cref="LoggerConf.Doubt"/>
    public string? DoubtOf(LogChoice log) => Files.FirstOrDefault(file => file.Path == log.Path) is { } file ? LoggerConf.Doubt(file.IsJson, file.Levels) : null;
}

/// <summary>Reads which logs Asterisk writes, and chooses.</summary>
/// <remarks>main/logger.c of Asterisk 22: make_filename, make_components, init_logger_chain.</remarks>
internal static class LoggerConf
{
    /// <summary>What the level error does to a log (LogParser): README, SECURITY.md, init, guard and the configuration say it in these words.</summary>
    public const string DumpDoubt = "for 64 KB behind a packet dump, which ERROR lines bring, nothing in it counts";

    /// <summary>What the levels verbose, debug and dtmf do to a log (LogParser).</summary>
    public const string TalkDoubt = "once a VERBOSE, DEBUG or DTMF line is in it, nothing in it counts";

    private const string Reload = "then run: asterisk -rx \"logger reload\"";

    // FreePBX writes logger.conf anew at each "Apply Config", and leaves these two to the administrator.
    private const string FreePbxLogFiles = "logger_logfiles_custom.conf";
    private const string FreePbxGeneral = "logger_general_custom.conf";

    /// <param name="directory">Asterisk's configuration directory.</param>
    /// <param name="hostName">For appendhostname=yes.</param>
    public static LogPlan Read(string directory, IConfigFiles files, string hostName)
    {
        var config = AsteriskConfig.Read("logger.conf", directory, files);
        var general = config.Named("general").ToList();
        var suffix = AsteriskBool.IsTrue(Last(general, "appendhostname")) ? "." + hostName : "";
        var logDirectory = LogDirectory(directory, files);
        var logs = config.Named("logfiles").SelectMany(section => section.Settings)
            .Where(setting => !IsChannelWithoutFile(setting.Name))
            .Select(setting => ReadFile(setting, logDirectory, suffix))
            .OrderBy(file => file.Rank)
            .ToList();
        var watch = Choose(logs);
        var dateFormat = Last(general, "dateformat") ?? "%b %e %T";
        return new LogPlan(logs, watch, [.. Advise(config, directory, logs, watch, dateFormat)], dateFormat, config.Problems);
    }

    /// <summary>Which of a log's lines the guard shows and does not count, by what Asterisk writes into it.</summary>
    /// <returns>null: every line counts.</returns>
    public static string? Doubt(bool isJson, IReadOnlyList<string> levels)
    {
        // In JSON a line end is escaped: one line is one message, whatever it holds.
        var hasAll = levels.Contains("*");
        return (isJson, HasDumps: hasAll || levels.Contains("error"), HasTalk: hasAll || levels.Any(level => level is "verbose" or "debug" or "dtmf")) switch
        {
            (true, _, _) or (_, false, false) => null,
            (_, true, false) => DumpDoubt,
            (_, false, true) => TalkDoubt,
            (_, true, true) => $"{DumpDoubt}; {TalkDoubt}",
        };
    }

    public static string LogDirectory(string directory, IConfigFiles files)
    {
        // The sample's [directories](!) is a template: what stands in it does not count.
        var configured = Last(AsteriskConfig.Read("asterisk.conf", directory, files).Named("directories"), "astlogdir");
        return string.IsNullOrEmpty(configured) ? "/var/log/asterisk" : configured.TrimEnd('/');
    }

    private static bool IsChannelWithoutFile(string name) =>
        name.Equals("console", StringComparison.OrdinalIgnoreCase) || name.StartsWith("syslog", StringComparison.OrdinalIgnoreCase);

    private static ConfiguredLog ReadFile(ConfigSetting setting, string logDirectory, string suffix)
    {
        var path = (setting.Name.StartsWith('/') ? setting.Name : $"{logDirectory}/{setting.Name}") + suffix;
        var levels = setting.Value;
        var isJson = false;
        var open = levels.IndexOf('[', StringComparison.Ordinal);
        var close = open < 0 ? -1 : levels.IndexOf(']', open);
        if (close >= 0)
        {
            // Whatever stands before the bracket is lost to Asterisk as well.
            isJson = levels[(open + 1)..close].Equals("json", StringComparison.OrdinalIgnoreCase);
            levels = levels[(close + 1)..];
        }

        var names = levels.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(level => level.StartsWith("verbose(", StringComparison.OrdinalIgnoreCase) ? "verbose" : level.ToLowerInvariant())
            .Distinct()
            .ToList();
        return new ConfiguredLog(path, isJson, names, Rank(isJson, names), setting.Place);
    }

    private static LogRank Rank(bool isJson, List<string> levels)
    {
        var hasSecurity = levels.Contains("security") || levels.Contains("*");
        var hasNotice = levels.Contains("notice") || levels.Contains("*");
        return (isJson, hasSecurity, hasNotice, IsDoubtful: Doubt(isJson, levels) is not null) switch
        {
            (_, false, false, _) => LogRank.Useless,
            (_, _, _, true) => LogRank.Mixed,
            (true, true, _, _) => LogRank.SecurityJson,
            (true, false, _, _) => LogRank.NoticeJson,
            (false, true, _, _) => LogRank.Security,
            (false, false, _, _) => LogRank.NoticeOnly,
        };
    }

    private static List<LogChoice> Choose(List<ConfiguredLog> logs)
    {
        var watch = new List<LogChoice>();

        // Of two [json] files the one with fewer levels: less to read for the same events. Of two plain ones the one with notice, unless that has a file.
        var notice = logs.Find(log => log.Rank == LogRank.NoticeOnly);
        var security = logs.Where(log => log.Rank <= LogRank.Security)
            .OrderBy(log => log.Rank)
            .ThenBy(log => notice is null && !log.IsJson && log.Levels.Contains("notice") ? 0 : log.Levels.Contains("*") ? int.MaxValue : log.Levels.Count)
            .FirstOrDefault();
        if (security is not null)
        {
            watch.Add(new LogChoice(security.Path, security.Rank));
        }

        if (notice is not null)
        {
            watch.Add(new LogChoice(notice.Path, notice.Rank));
        }

        // What chan_sip and IAX2 refuse stands in it, and counts in JSON alone. The same twice is one attempt (Tellers).
        if (logs.Find(log => log.Rank == LogRank.NoticeJson) is { } noticeJson && !(security is { IsJson: true } && (security.Levels.Contains("notice") || security.Levels.Contains("*"))))
        {
            watch.Add(new LogChoice(noticeJson.Path, noticeJson.Rank));
        }

        if (watch.Count == 0 && logs.Where(log => log.Rank == LogRank.Mixed).OrderByDescending(log => log.Levels.Contains("security") || log.Levels.Contains("*")).FirstOrDefault() is { } mixed)
        {
            watch.Add(new LogChoice(mixed.Path, mixed.Rank));
        }

        return watch;
    }

    private static IEnumerable<string> Advise(AsteriskConfig config, string directory, List<ConfiguredLog> logs, List<LogChoice> watch, string dateFormat)
    {
        // An included file need not be there yet for Asterisk to read it at the next reload.
        var logFiles = $"{directory}/{(Includes(config, FreePbxLogFiles) ? FreePbxLogFiles : "logger.conf")}";
        var inLogFiles = logFiles.EndsWith("/logger.conf", StringComparison.Ordinal) ? $"to [logfiles] in {logFiles}" : $"to {logFiles} (logger.conf is made anew by FreePBX)";
        if (!config.Exists)
        {
            yield return $"{directory}/logger.conf can't be read: without it Asterisk writes no log file. Write one with [logfiles], security_json => [json]security and notice => notice, {Reload}";
            yield break;
        }

        if (watch.Count == 0)
        {
            yield return "no log file tells of attackers: Ringfence is blind to this Asterisk";
        }

        if (!watch.Exists(log => log.Rank == LogRank.SecurityJson))
        {
            var instead = watch.Find(log => log.Rank == LogRank.Security) is { } plain ? $": in it every text of a caller is in quotes; {Shown.Text(plain.Path, 200)} counts as well, and is read until then" : "";
            yield return $"add security_json => [json]security {inLogFiles}{instead}, {Reload}";
        }

        if (!watch.Exists(log => logs.Exists(file => file.Path == log.Path && file is { IsJson: false, Rank: not LogRank.Mixed } && (file.Levels.Contains("notice") || file.Levels.Contains("*")))))
        {
            yield return $"add notice => notice {inLogFiles}, {Reload}: attempts with a Call-ID that is not UTF-8 are in no other log";
        }

        foreach (var file in watch.Select(log => logs.Find(file => file.Path == log.Path)!))
        {
            if (Doubt(file.IsJson, file.Levels) is { } doubt)
            {
                yield return $"{Shown.Text(file.Path, 200)}: {doubt}";
            }
        }

        // A file that holds the level and is not watched, because a better one is there, needs no word.
        if (logs.Count > 0 && !HasYear(dateFormat))
        {
            var place = Includes(config, FreePbxGeneral) ? $"{directory}/{FreePbxGeneral}" : $"[general] of {directory}/logger.conf";
            yield return $"set dateformat=%F %T.%3q in {place}: now its lines don't say the year";
        }
    }

    private static bool Includes(AsteriskConfig config, string name) => config.Files.SelectMany(file => file.Lines).OfType<DirectiveLine>().Any(line =>
        line.Directive != ConfigDirective.Exec && string.Equals(line.Argument.Split('/')[^1], name, StringComparison.Ordinal));

    private static bool HasYear(string format) => ((string[])["%F", "%Y", "%y", "%D", "%c", "%x", "%s", "%G"]).Any(field => format.Contains(field, StringComparison.Ordinal));

    private static string? Last(IEnumerable<ConfigSection> sections, string name) => sections.Select(section => section[name]).LastOrDefault(value => value is not null);
}

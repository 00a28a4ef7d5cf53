using System.Globalization;
using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Parsing;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Fail2ban;

/// <summary>Reads /etc/fail2ban and says, jail by jail, what of it becomes configuration of Ringfence and what does not.</summary>
/// <remarks>jail.conf(5): jail.conf, jail.d/*.conf, jail.local, jail.d/*.local, each over the one before.</remarks>
internal sealed class Fail2banReader
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    private readonly IConfigFiles _files;
    private readonly string _directory;
    private readonly IniFiles _jails;
    private readonly Interpolation _values;
    private readonly List<Fail2banItem> _items = [];
    private readonly Dictionary<string, string> _detect = [];
    private readonly Dictionary<string, string> _bans = [];
    private readonly List<string> _trusted = [];
    private readonly List<string> _mailed = [];
    private readonly StringBuilder _doors = new();
    private readonly List<string> _doorLogs = [];
    private readonly HashSet<string> _readLogs = new(StringComparer.Ordinal);

    private Fail2banReader(IConfigFiles files, string directory)
    {
        (_files, _directory) = (files, directory);
        _jails = new IniFiles(files);
        _values = new Interpolation(_jails)
        {
            Fixed = new Dictionary<string, string> { ["fail2ban_version"] = "1", ["fail2ban_confpath"] = directory },
        };
    }

    /// <param name="directory">Absolute, such as /etc/fail2ban.</param>
    /// <returns>null: there is no jail.conf and no jail.local.</returns>
    public static Fail2banTakeover? Read(IConfigFiles files, string directory)
    {
        var reader = new Fail2banReader(files, directory);
        return reader.ReadJails() ? reader.TakeOver() : null;
    }

    private bool ReadJails()
    {
        var isThere = _jails.Read($"{_directory}/jail.conf");
        foreach (var path in _files.Match($"{_directory}/jail.d/*.conf"))
        {
            isThere |= _jails.Read(path);
        }

        isThere |= _jails.Read($"{_directory}/jail.local");
        foreach (var path in _files.Match($"{_directory}/jail.d/*.local"))
        {
            isThere |= _jails.Read(path);
        }

        return isThere;
    }

    private Fail2banTakeover TakeOver()
    {
        foreach (var problem in _jails.Problems.Take(20))
        {
            _items.Add(new Fail2banItem("files", false, [Shown.Text(problem, 200)]));
        }

        var jails = _jails.Sections.Where(IsEnabled).ToList();

        // The numbers that hold for the PBX hold for every ban: of the jail that guards it, where there is one.
        var first = jails.Find(jail => IsOf(FilterOf(jail).Name, "asterisk")) ?? IniFiles.Default;
        Everywhere(first);
        foreach (var jail in jails)
        {
            Jail(jail);
        }

        if (jails.Count == 0)
        {
            _items.Add(new Fail2banItem("jails", false, ["none is enabled"]));
        }

        return new Fail2banTakeover(_directory, _items, Settings()) { DoorLogs = _doorLogs };
    }

    private bool IsEnabled(string jail)
    {
        try
        {
            return _values.Value(jail, "enabled")?.Trim().ToLowerInvariant() is "true" or "1" or "yes" or "on";
        }
        catch (FormatException wrong)
        {
            _items.Add(new Fail2banItem(jail, false, [$"enabled: {Shown.Text(wrong.Message)}"]));
            return false;
        }
    }

    private static bool IsOf(string filter, string family) => filter == family || filter.StartsWith($"{family}-", StringComparison.Ordinal);

    private void Jail(string jail)
    {
        var notes = new List<string>();
        var isTaken = false;
        try
        {
            var (filter, given) = FilterOf(jail);
            isTaken = IsOf(filter, "asterisk") ? Pbx(jail, notes)
                : IsOf(filter, "recidive") ? Recidive(jail, notes)
                : IsOf(filter, "sshd") || filter == "ssh" ? Known(jail, DoorKind.Sshd, "sshd", notes)
                : IsOf(filter, "freepbx") ? Known(jail, DoorKind.FreePbx, "freepbx", notes)
                : Patterns(jail, filter, given, notes);
            Leftovers(jail, notes);
        }
        catch (FormatException wrong)
        {
            notes.Add($"not taken over: {Shown.Text(wrong.Message)}");
        }

        _items.Add(new Fail2banItem(Shown.Text(jail, 60), isTaken, notes));
    }

    // "sshd[mode=normal]", "postfix[mode=auth, port="1,2"]"
    private (string Name, IReadOnlyDictionary<string, string> Given) FilterOf(string jail)
    {
        string text;
        try
        {
            text = _values.Value(jail, "filter")?.Trim() is { Length: > 0 } value ? value : jail;
        }
        catch (FormatException)
        {
            return (jail, new Dictionary<string, string>());
        }

        var open = text.IndexOf('[', StringComparison.Ordinal);
        if (open < 0)
        {
            return (text, new Dictionary<string, string>());
        }

        var given = new Dictionary<string, string>();
        foreach (var pair in text[(open + 1)..].TrimEnd(']').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var sign = pair.IndexOf('=', StringComparison.Ordinal);
            if (sign > 0)
            {
                given[pair[..sign].Trim()] = pair[(sign + 1)..].Trim().Trim('"', '\'');
            }
        }

        return (text[..open].Trim(), given);
    }

    private void Everywhere(string section)
    {
        var notes = new List<string>();
        Try(notes, () =>
        {
            Ignored(section, notes);
            Number(section, "maxretry", 1, 1000, _detect, "refusals", notes);
            Time(section, "findtime", TimeSpan.FromSeconds(1), Day, _detect, "within", notes);
            Time(section, "bantime", Minute, Year, _bans, "first_ban", notes);
        });
        Try(notes, () => Growth(section, notes));
        _items.Add(new Fail2banItem(section == IniFiles.Default ? "[DEFAULT]" : $"[DEFAULT] and [{Shown.Text(section, 60)}]", _detect.Count + _bans.Count + _trusted.Count > 0, notes));
    }

    private static void Try(List<string> notes, Action read)
    {
        try
        {
            read();
        }
        catch (FormatException wrong)
        {
            notes.Add($"not taken over: {Shown.Text(wrong.Message)}");
        }
    }

    private void Ignored(string section, List<string> notes)
    {
        foreach (var text in (_values.Value(section, "ignoreip") ?? "").Split((char[])[' ', ',', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            var trusted = TrustedAddressText.Parse(text, allowHostBits: true);
            if (trusted.Network is { } network && Events.Network.Loopback.Any(loopback => loopback.Contains(network.First)))
            {
                continue; // never banned here
            }

            // A word without a dot is more often the end of a comment than a host of this network.
            if ((trusted.Network?.ToString() ?? (trusted.Name?.Contains('.', StringComparison.Ordinal) == true ? trusted.Name : null)) is { } good)
            {
                if (!_trusted.Contains(good))
                {
                    _trusted.Add(good);
                }
            }
            else
            {
                notes.Add($"ignoreip {Shown.Text(text)} is not taken over: expected {trusted.Expected ?? "a DNS name with its domain"}");
            }
        }

        if (_trusted.Count > 0)
        {
            notes.Add($"ignoreip is address in [trust]: {string.Join(", ", _trusted.Take(10))}{(_trusted.Count > 10 ? ", ..." : "")}");
        }

        if (_values.Value(section, "ignorecommand")?.Trim() is { Length: > 0 })
        {
            notes.Add("ignorecommand is not taken over: Ringfence knows trunks, registered phones and ssh sessions by itself; name others in address of [trust]");
        }
    }

    private void Growth(string section, List<string> notes)
    {
        var isGrowing = _values.Value(section, "bantime.increment")?.Trim().ToLowerInvariant() is "true" or "1" or "yes" or "on";
        if (!isGrowing)
        {
            _bans["growth"] = "0";
            notes.Add("bantime.increment is off: growth = 0, every ban is as long as the first");
        }
        else
        {
            var factor = _values.Value(section, "bantime.factor")?.Trim();
            _bans["growth"] = double.TryParse(factor, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 64 ? factor! : "1";
            notes.Add($"bantime.increment and bantime.factor are growth = {_bans["growth"]}");
            Time(section, "bantime.maxtime", Minute, Year, _bans, "max_ban", notes);
            if (_values.Value(section, "bantime.formula") is not null || _values.Value(section, "bantime.multipliers") is not null)
            {
                notes.Add("bantime.formula and bantime.multipliers are not taken over: a ban doubles each time");
            }
        }

        if (_values.Value(section, "bantime.rndtime") is { } random && Fail2banTime.Parse(random) is { } part && _bans.GetValueOrDefault("first_ban") is { } ban
            && Duration.Parse(ban) is { } length && part > TimeSpan.Zero)
        {
            var share = Math.Clamp((int)Math.Round(100 * part.TotalSeconds / length.TotalSeconds), 1, 100);
            _bans["random"] = $"{share}%";
            notes.Add($"bantime.rndtime = {Shown.Text(random, 20)} is random = {share}%: a share, not seconds");
        }

        // first_ban may be longer than what a ban may grow to.
        var most = _bans.GetValueOrDefault("max_ban") is { } given ? Duration.Parse(given)!.Value : RingfenceConfig.Default.Bans.MaxBan;
        if (_bans.GetValueOrDefault("first_ban") is { } shortest && Duration.Parse(shortest) > most)
        {
            _bans["max_ban"] = shortest;
        }
    }

    private void Number(string section, string option, int least, int most, Dictionary<string, string> into, string key, List<string> notes)
    {
        if (_values.Value(section, option)?.Trim() is not { Length: > 0 } text)
        {
            return;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            notes.Add($"{option} = {Shown.Text(text)} is not taken over: it is no number");
            return;
        }

        var taken = Math.Clamp(number, least, most);
        into[key] = taken.ToString(CultureInfo.InvariantCulture);
        notes.Add($"{option} = {number} is {key} = {taken}");
    }

    private void Time(string section, string option, TimeSpan least, TimeSpan most, Dictionary<string, string> into, string key, List<string> notes)
    {
        if (_values.Value(section, option)?.Trim() is not { Length: > 0 } text)
        {
            return;
        }

        if (Fail2banTime.Parse(text) is not { } time)
        {
            notes.Add($"{option} = {Shown.Text(text)} is not taken over: it is no duration");
            return;
        }

        var taken = time < least ? least : time > most ? most : time;
        into[key] = Duration.Format(taken);
        notes.Add($"{option} = {Shown.Text(text)} is {key} = {into[key]}{(taken == time ? "" : time == Fail2banTime.Forever ? ", the longest that there is" : ", the nearest that there is")}");
    }

    private bool Pbx(string jail, List<string> notes)
    {
        notes.Add("Ringfence guards Asterisk by itself; the logs are those that logger.conf names, not logpath");
        Notice(jail, notes);
        return true;
    }

    private bool Recidive(string jail, List<string> notes)
    {
        Number(jail, "maxretry", 2, 100, _bans, "repeat_bans", notes);
        Time(jail, "findtime", Minute, Year, _bans, "repeat_within", notes);
        Time(jail, "bantime", Minute, Year, _bans, "repeat_ban", notes);
        notes.Add("repeat offenders are counted from Ringfence's own bans, not from fail2ban.log");
        return true;
    }

    private bool Known(string jail, DoorKind kind, string name, List<string> notes)
    {
        var logs = LogsOf(jail, notes);
        var isJournal = kind == DoorKind.Sshd && (logs.Count == 0 || _values.Value(jail, "backend")?.Trim() == "systemd") && HasJournal();
        if (!isJournal && logs.Count == 0)
        {
            notes.Add("not taken over: none of its logs is there");
            return false;
        }

        if (_doors.ToString().Contains($"kind = {name}\n", StringComparison.Ordinal))
        {
            notes.Add($"not taken over: another jail has become the door {name} already");
            return false;
        }

        var title = Begin(jail);
        _doors.Append($"kind = {name}\n");
        Logs(isJournal ? [] : logs);
        if (isJournal)
        {
            _doors.Append("journal = yes\n");
            notes.Add($"journal = yes in place of logpath: {(logs.Count == 0 ? "no log that it names is there" : "backend is systemd")}");
        }

        Limits(jail, notes);
        notes.Insert(0, $"it is [{title}], by Ringfence's own grammar in place of filter.d");
        Notice(jail, notes);
        return true;
    }

    // systemd-journald(8): on the disk, or until the next start.
    private bool HasJournal() => Array.Exists(["/usr/bin/journalctl", "/bin/journalctl"], path => _files.Match(path).Count > 0)
        && Array.Exists(["/run/log/journal/*/system.journal", "/var/log/journal/*/system.journal"], path => _files.Match(path).Count > 0);

    private bool Patterns(string jail, string filter, IReadOnlyDictionary<string, string> given, List<string> notes)
    {
        var reading = FilterTranslation.Read(_files, _directory, filter, given);
        notes.AddRange(reading.Left.Take(10).Select(left => $"expression not taken over: {left}"));
        if (reading.Left.Count > 10)
        {
            notes.Add($"and {reading.Left.Count - 10} more of its expressions");
        }

        if (reading.Problem is { } problem)
        {
            notes.Insert(0, $"not taken over: {problem}");
            return false;
        }

        var logs = LogsOf(jail, notes);
        if (logs.Count == 0)
        {
            notes.Insert(0, "not taken over: none of its logs is there, and of the journal only sshd is taken over; write a [door] with journal = UNIT");
            return false;
        }

        var (patterns, tag) = Fitting(reading, logs);
        if (patterns.Count < reading.Patterns.Count)
        {
            notes.Add($"{reading.Patterns.Count - patterns.Count} of its expressions not taken over: {(tag is null ? "they read a syslog's lines, and this log is the program's own" : "they read the program's own log, and this is a syslog's")}");
        }

        var title = Begin(jail);
        _doors.Append("kind = pattern\n");
        Logs(logs);
        _doors.Append(tag is null ? "" : $"tag = {tag}\n");
        foreach (var pattern in patterns)
        {
            _doors.Append($"pattern = {Escaped(pattern.Text)}\n");
        }

        foreach (var pattern in reading.Ignore)
        {
            _doors.Append($"ignore = {Escaped(pattern)}\n");
        }

        Limits(jail, notes);
        notes.Insert(0, $"it is [{title}] with {patterns.Count} of {reading.Patterns.Count + reading.Left.Count} expressions of filter.d/{Shown.Text(filter, 60)}.conf");
        Notice(jail, notes);
        return true;
    }

    // vsftpd's filter has one expression for auth.log and one for vsftpd.log, which has no header: a tag, without which the first is not safe, hides the second.
    private (IReadOnlyList<FilterPattern> Patterns, string? Tag) Fitting(FilterReading reading, List<string> logs)
    {
        var kinds = reading.Patterns.ToLookup(pattern => pattern.IsHeaded);
        var isSyslog = !kinds.Contains(false) || (kinds.Contains(true) && logs.TrueForAll(log => IsSyslog(log, reading.Tag!)));
        return ([.. kinds[isSyslog]], isSyslog ? reading.Tag : null);
    }

    private bool IsSyslog(string log, string program)
    {
        var first = (_files.Read(log) ?? []).AsSpan();
        var end = first.IndexOf((byte)'\n');
        return end < 0
            ? !log[(log.LastIndexOf('/') + 1)..].StartsWith(program, StringComparison.Ordinal) // empty, or too large to look into: by its name
            : !SyslogLine.Read(first[..end]).Date.IsEmpty;
    }

    private string Begin(string jail)
    {
        var name = new string([.. jail.Select(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.' ? character : '-')]);
        var title = $"door {name[..Math.Min(name.Length, 40)]}";
        _doors.Append($"\n; the jail {Shown.Text(jail, 60)}\n[{title}]\n");
        return title;
    }

    private void Logs(List<string> logs)
    {
        foreach (var log in logs)
        {
            _doors.Append($"log = {log}\n");
            _doorLogs.Add(log);
        }
    }

    private List<string> LogsOf(string jail, List<string> notes)
    {
        var found = new List<string>();
        foreach (var text in (_values.Value(jail, "logpath") ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // "/var/log/x tail": where fail2ban begins to read.
            var path = text.Split(' ')[0];
            if (!path.StartsWith('/'))
            {
                continue;
            }

            foreach (var log in _files.Match(path).Where(log => log.IndexOfAny([';', ',', '\n']) < 0 && !log.EndsWith(".gz", StringComparison.Ordinal)))
            {
                if (_readLogs.Add(log))
                {
                    found.Add(log);
                }
                else
                {
                    notes.Add($"{Shown.Text(log)} is read by another door already: one door for a file");
                }
            }
        }

        return found;
    }

    private void Limits(string jail, List<string> notes)
    {
        var limits = new Dictionary<string, string>();
        Number(jail, "maxretry", 1, 1000, limits, "refusals", notes);
        Time(jail, "findtime", TimeSpan.FromSeconds(1), Day, limits, "within", notes);
        foreach (var (key, value) in limits)
        {
            _doors.Append($"{key} = {value}\n");
        }
    }

    // What a jail of its own says and Ringfence says once for all.
    private void Notice(string jail, List<string> notes)
    {
        if (_values.Value(jail, "bantime")?.Trim() is { } own && Fail2banTime.Parse(own) is { } time && _bans.GetValueOrDefault("first_ban") is { } all
            && Duration.Parse(all) != (time < Minute ? Minute : time > Year ? Year : time))
        {
            notes.Add($"bantime = {Shown.Text(own)} is not taken over: every first ban lasts {all} (first_ban)");
        }
    }

    private void Leftovers(string jail, List<string> notes)
    {
        if (_jails.Find(jail, "ignoreip") is not null)
        {
            var before = _trusted.Count;
            var own = new List<string>();
            Ignored(jail, own);
            if (_trusted.Count > before)
            {
                notes.Add("its own ignoreip is address in [trust] as well: trusted at every door");
            }
        }

        if (Actions(jail) is { Length: > 0 } actions && Mailed(actions) is { } to)
        {
            var isGood = MailAddress.IsGood(to, needsDomain: false);
            notes.Add(isGood ? $"mails {to} of its bans: take the semicolons of [notify fail2ban] away, and Ringfence does" : $"mails {Shown.Text(to)} of its bans, which is not taken over: expected a mail address; see [notify NAME]");
            if (isGood && !_mailed.Contains(to) && _mailed.Count < 20)
            {
                _mailed.Add(to);
            }
        }

        if (_jails.Find(jail, "action") is not null || _jails.Find(jail, "banaction") is not null)
        {
            notes.Add("what its action does to block is not taken over: Ringfence bans at every port");
        }
    }

    private string Actions(string jail)
    {
        try
        {
            return _values.Value(jail, "action") ?? "";
        }
        catch (FormatException)
        {
            // The jail works all the same, and is taken over without it.
            return "";
        }
    }

    // action = sendmail-whois[name=x, dest=admin@example.com]; action_mw of jail.conf: %(mta)s-whois[sender="..", dest="%(destemail)s", ...].
    private static string? Mailed(string actions)
    {
        var at = actions.IndexOf("mail", StringComparison.Ordinal) < 0 ? -1 : actions.IndexOf("dest=", StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        var text = actions[(at + 5)..].TrimStart('"', '\'');
        var end = text.IndexOfAny([',', ']', '"', '\'', ' ', '\n']);
        return (end < 0 ? text : text[..end]).Trim() is { Length: > 0 } to ? to : null;
    }

    private string Settings()
    {
        var text = new StringBuilder($"\n; Taken over from {Shown.Text(_directory, 200)} (ringfence init --from-fail2ban).\n");
        Section(text, "detect", _detect);
        Section(text, "bans", _bans);
        if (_trusted.Count > 0)
        {
            text.Append("\n[trust]\n");
            foreach (var trusted in _trusted)
            {
                text.Append($"address = {trusted}\n");
            }
        }

        if (_mailed.Count > 0)
        {
            // Proposed only: what FreePBX and Debian write there by themselves is nobody's address.
            text.Append("\n; Whom fail2ban mailed its bans. Take the semicolons away to have them told; then try: ringfence notify test\n;[notify fail2ban]\n;kind = mail\n;server = localhost\n");
            foreach (var to in _mailed)
            {
                text.Append($";to = {to}\n");
            }
        }

        return text.Append(_doors).ToString();
    }

    private static void Section(StringBuilder text, string name, Dictionary<string, string> keys)
    {
        if (keys.Count == 0)
        {
            return;
        }

        text.Append($"\n[{name}]\n");
        foreach (var (key, value) in keys)
        {
            text.Append($"{key} = {value}\n");
        }
    }

    private static string Escaped(string pattern) => pattern.Replace(";", "\\;", StringComparison.Ordinal);
}

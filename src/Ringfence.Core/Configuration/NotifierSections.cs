using Ringfence.Core.Pbx;

namespace Ringfence.Core.Configuration;

/// <summary>Reads the sections [notify NAME].</summary>
internal static class NotifierSections
{
    private const int LongestName = 32;

    public static bool Is(string section) => section.StartsWith(NotifierKeys.Prefix, StringComparison.Ordinal);

    /// <param name="sections">Those of which <see cref="Is"/> says so, in the order of the file.</param>
    public static IReadOnlyList<NotifierSettings> Read(IEnumerable<ConfigSection> sections, List<ConfigMistake> mistakes)
    {
        var notifiers = new Dictionary<string, (NotifierSettings Settings, Place Place)>(StringComparer.Ordinal);
        foreach (var section in sections.Where(section => !section.IsTemplate))
        {
            var name = section.Name[NotifierKeys.Prefix.Length..].Trim();
            if (name.Length is 0 or > LongestName || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            {
                mistakes.Add(new ConfigMistake(section.Place, $"[{Shown.Text(section.Name)}]: expected a name of letters, digits, - and _, such as [notify boss]"));
                continue;
            }

            if (notifiers.TryGetValue(name, out var other))
            {
                mistakes.Add(new ConfigMistake(section.Place, $"[{section.Name}] is there already, at {other.Place}: expected each name once"));
                continue;
            }

            var settings = ReadOne(new NotifierSettings { Name = name }, section, mistakes);
            notifiers.Add(name, (settings, section.Place));
        }

        return [.. notifiers.Values.Select(notifier => notifier.Settings)];
    }

    private static NotifierSettings ReadOne(NotifierSettings settings, ConfigSection section, List<ConfigMistake> mistakes)
    {
        var before = mistakes.Count;
        foreach (var group in section.Settings.GroupBy(setting => setting.Name, StringComparer.Ordinal))
        {
            if (NotifierKeys.All.FirstOrDefault(key => key.Name == group.Key) is not { } key)
            {
                var near = NearestName.Of(group.Key, NotifierKeys.All.Select(known => known.Name));
                mistakes.Add(new ConfigMistake(group.Last().Place,
                    $"{Shown.Text(group.Key)} is no key of [{section.Name}]: {(near is null ? $"expected one of {string.Join(", ", NotifierKeys.All.Select(known => known.Name))}" : $"did you mean {near}?")}"));
                continue;
            }

            // Own values stand in for inherited ones.
            var own = group.Where(setting => !setting.IsInherited).ToList();
            var counts = own.Count > 0 ? own : [.. group];
            foreach (var again in key.IsList ? [] : own.Skip(1))
            {
                mistakes.Add(new ConfigMistake(again.Place, $"{key.Name} is there again: expected it once, and {own[0].Place} has it"));
            }

            var last = counts[^1];
            var values = key.IsList
                ? [.. counts.SelectMany(setting => setting.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))]
                : (List<string>)[last.Value];
            var (read, expected) = values.Count == 0 ? (null, "a value") : key.Set(settings, values);
            if (expected is not null)
            {
                mistakes.Add(new ConfigMistake(last.Place, key.IsSecret ? $"{key.Name}: expected {expected}" : $"{key.Name} is \"{Shown.Text(last.Value)}\": expected {expected}"));
            }

            settings = read ?? settings;
        }

        // What is missing because it could not be read has been told already.
        if (mistakes.Count == before && Missing(settings) is { } missing)
        {
            mistakes.Add(new ConfigMistake(section.Place, $"[{section.Name}]: {missing}"));
        }

        return settings;
    }

    private static string? Missing(NotifierSettings settings) => settings switch
    {
        { Kind: null } => "expected kind = mail, webhook, syslog or command",
        { Kind: NotifierKind.Mail, To.Count: 0 } => "expected to, the address that gets the mail",
        { Kind: NotifierKind.Mail, Server: not null } when settings.To.Any(to => !to.Contains('@', StringComparison.Ordinal)) => "to: expected whole addresses, such as root@localhost, where there is a server",
        { Kind: NotifierKind.Mail, User: not null, Server: null } => "user needs server: /usr/sbin/sendmail knows no login",
        { Kind: NotifierKind.Mail, User: not null, Password: null } => "user needs password",
        { Kind: NotifierKind.Mail, User: not null, Tls: MailTls.None, Server.IsLoopback: false } => "tls = none would send the password in clear: expected tls = starttls or tls = tls",
        { Kind: NotifierKind.Webhook, Url: null } => "expected url",
        { Kind: NotifierKind.Syslog, Server: null } => "expected server",
        { Kind: NotifierKind.Command, Command.Count: 0 } => "expected command",
        _ => null,
    };
}

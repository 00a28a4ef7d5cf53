using System.Globalization;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Dialplan;

/// <summary>One queue of queues.conf.</summary>
/// <param name="Members">Channels, as it names them; agents who log in are phones of the house.</param>
/// <param name="Exit">The context in which digits are looked up that a waiting caller types; null: none.</param>
/// <param name="Subroutine">The context that runs on the channel of a member who answers; null: none.</param>
internal sealed record CallQueue(IReadOnlyList<string> Members, string? Exit, string? Subroutine);

/// <summary>What files beside the dialplan say about where a call goes on.</summary>
/// <remarks>Asterisk 22: apps/app_queue.c, confbridge/conf_config_parser.c, app_voicemail.c, app_followme.c, res/parking, main/features_config.c.</remarks>
internal sealed record CallFiles
{
    // Each of them is a channel for each call of the queue.
    private const int MostMembers = 100;

    private static readonly Dictionary<string, IReadOnlyList<string>> None = [];

    /// <summary>Nothing but the dialplan was read.</summary>
    public static CallFiles Unread { get; } = new();

    /// <summary>Whether this Asterisk has Macro, which went with version 21; null: the version is not known.</summary>
    public bool? HasMacro { get; init; }

    /// <summary>By name; null: not read.</summary>
    public IReadOnlyDictionary<string, CallQueue>? Queues { get; init; }

    /// <summary>Whom FollowMe calls, as Dial is told; null: not read.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? FollowMe { get; init; }

    /// <summary>Where keys of a conference's menu lead, "context,extension,priority", by the name of the menu.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Menus { get; init; } = None;

    /// <summary>Contexts in which a mailbox looks for "a" and "o".</summary>
    public IReadOnlyList<string> MailboxExits { get; init; } = [];

    /// <summary>Whether 0 leads a caller out of a mailbox's greeting; null: not read, or not the same for all.</summary>
    public bool? HasOperator { get; init; }

    /// <summary>Contexts into which a mailbox calls out.</summary>
    public IReadOnlyList<string> MailboxDialouts { get; init; } = [];

    /// <summary>Contexts into which a parked call comes back.</summary>
    public IReadOnlyList<string> Comebacks { get; init; } = [];

    /// <summary>What a key does that DYNAMIC_FEATURES turns on: Application(arguments), by the name of the feature or group.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Features { get; init; } = None;

    public static CallFiles Of(PbxSnapshot pbx) => new()
    {
        HasMacro = pbx.IsVersionAssumed ? null : pbx.Version.Major < 21,
        Queues = Named(pbx.Config("queues.conf"), section => new CallQueue(
            Members(pbx, section),
            Filled(section["context"]),
            Filled(section["membergosub"]) ?? (Filled(section["membermacro"]) is { } macro ? $"macro-{macro}" : null))),
        FollowMe = Named(pbx.Config("followme.conf"), static section => (IReadOnlyList<string>)
            [.. section.All("number").SelectMany(static number => number.Value.Split(',')[0].Split('&')).Select(number => $"Local/{number.Trim()}@{Filled(section["context"]) ?? "default"}")]),
        Menus = Named(pbx.Config("confbridge.conf"), static section => (IReadOnlyList<string>)
            [.. section.Settings.SelectMany(static setting => Executed(setting.Value))]),
        MailboxExits = Mailboxes(pbx, "exitcontext"),
        HasOperator = Operator(pbx.Config("voicemail.conf")),
        MailboxDialouts = [.. Mailboxes(pbx, "dialout"), .. Mailboxes(pbx, "callback")],
        Comebacks = [.. pbx.Config("res_parking.conf").Sections.Where(static lot => AsteriskBool.Parse(lot["comebacktoorigin"]) is false).Select(static lot => Filled(lot["comebackcontext"]) ?? "parkedcallstimeout").Distinct()],
        Features = Applications(pbx.Config("features.conf")),
    };

    /// <summary>context,extension,priority of each dialplan_exec(...).</summary>
    public static IEnumerable<string> Executed(string actions)
    {
        const string Begin = "dialplan_exec(";
        for (var at = actions.IndexOf(Begin, StringComparison.OrdinalIgnoreCase); at >= 0; at = actions.IndexOf(Begin, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var arguments = actions[(at + Begin.Length)..];
            yield return arguments.IndexOf(')', StringComparison.Ordinal) is >= 0 and var close ? arguments[..close] : arguments;
        }
    }

    private static Dictionary<string, T> Named<T>(AsteriskConfig config, Func<ConfigSection, T> read)
    {
        var named = new Dictionary<string, T>(StringComparer.OrdinalIgnoreCase);
        foreach (var section in config.Sections)
        {
            named.TryAdd(section.Name, read(section));
        }

        return named;
    }

    private static List<string> Members(PbxSnapshot pbx, ConfigSection queue)
    {
        var all = queue.All("member").Select(static member => member.Value.Split(',')[0].Trim()).Where(static member => member.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        if (all.Count <= MostMembers)
        {
            return all;
        }

        pbx.LeaveOut(string.Create(CultureInfo.InvariantCulture, $"queues.conf: queue {Shown.Text(queue.Name)} has more than {MostMembers} members; calls to the others are left out"));
        return all[..MostMembers];
    }

    private static bool? Operator(AsteriskConfig voicemail) =>
        AsteriskBool.Parse(voicemail.First("general")?["operator"]) is true ? true
        : !voicemail.Exists || voicemail.Sections.SelectMany(static section => section.Settings).Any(static setting => setting.Value.Contains("operator=", StringComparison.OrdinalIgnoreCase)) ? null
        : false;

    // In [general] for all of them, and in the fifth part of a mailbox: 1001 => 4711,Name,mail,pager,exitcontext=out|dialout=out
    private static List<string> Mailboxes(PbxSnapshot pbx, string option)
    {
        var contexts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var setting in pbx.Config("voicemail.conf").Sections.SelectMany(static section => section.Settings))
        {
            if (setting.Name.Equals(option, StringComparison.OrdinalIgnoreCase))
            {
                contexts.Add(setting.Value);
            }
            else if (setting.Value.Split(',', 5) is [_, _, _, _, var options])
            {
                contexts.UnionWith(options.Split('|').Select(static one => one.Split('=', 2)).Where(one => one.Length == 2 && one[0].Trim().Equals(option, StringComparison.OrdinalIgnoreCase)).Select(static one => one[1].Trim()));
            }
        }

        contexts.Remove("");
        return [.. contexts.Order(StringComparer.Ordinal)];
    }

    // name => keys,who[/who],Application[,arguments]; a section of another name is a group: feature => keys
    private static Dictionary<string, IReadOnlyList<string>> Applications(AsteriskConfig config)
    {
        var features = new Dictionary<string, IReadOnlyList<string>>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in config.Named("applicationmap").SelectMany(static section => section.Settings))
        {
            if (setting.Value.Split(',', 4) is [_, _, var application, .. var arguments])
            {
                features[setting.Name] = [application.Contains('(', StringComparison.Ordinal) ? $"{application.Trim()}{string.Concat(arguments.Select(static more => "," + more))}" : $"{application.Trim()}({arguments.FirstOrDefault()?.Trim('"')})"];
            }
        }

        foreach (var group in config.Sections.Where(static section => section.Name.ToLowerInvariant() is not ("applicationmap" or "featuremap" or "general")))
        {
            features.TryAdd(group.Name, [.. group.Settings.SelectMany(setting => features.GetValueOrDefault(setting.Name, []))]);
        }

        return features;
    }

    private static string? Filled(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

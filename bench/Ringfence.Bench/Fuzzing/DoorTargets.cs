using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;

namespace Ringfence.Bench.Fuzzing;

/// <summary>The grammars of the logs of other doors: each kind of door, the operator's own patterns, and systemd's journal.</summary>
internal static class DoorTargets
{
    private static readonly string[] Patterns =
    [
        "^(?:\\[pid \\d+\\] )?FAIL LOGIN: Client \"<HOST>\"", "^<HOST> \\S+ \\S+ \\[[^\\]]*\\] \"POST /wp-login", "^refused (?:\\S+ )?<HOST>",
        "(?i)^login (?:failed|refused) for user \"<USER>\" from <HOST>(?: port \\d{1,5})?$",
    ];

    private static readonly string[] PatternLines =
    [
        "Nov 20 23:58:10 pbx vsftpd[1]: FAIL LOGIN: Client \"198.51.100.7\"", "[Fri Nov 20 23:58:10.123456 2026] FAIL LOGIN: Client \"2001:db8::7\"",
        "198.51.100.7 - - [20/Nov/2026:23:58:10 +0100] \"POST /wp-login.php HTTP/1.1\" 200 1", "2026-11-20 23:58:10,123 refused 198.51.100.7 8.8.8.8",
        "2026-11-20T23:58:10Z Login failed for user \"a from 8.8.8.8\" from [2001:db8::7] port 40022",
    ];

    private static readonly JournalEntry Entry = new();

    public static IEnumerable<FuzzTarget> All =>
    [
        .. DoorSettings.Kinds.Where(kind => kind.Kind != DoorKind.Pattern).Select(kind => Of(kind.Name, new DoorSettings { Name = kind.Name, Kind = kind.Kind }.NewLog())),
        new("pattern", corpus => [.. PatternLines.Select(System.Text.Encoding.ASCII.GetBytes), .. corpus.Door("journal.json")], Read(Own())),
        new("journal", corpus => corpus.Door("journal.json"), Journal),
    ];

    private static FuzzTarget Of(string name, DoorLog log) => new(name, corpus => [.. corpus.Door($"{name}.log"), .. corpus.Door("journal.json")], Read(log));

    private static PatternLog Own() => new(
        [.. Patterns.Select(pattern => LinePattern.Read(pattern) is { Pattern: { } read } ? read : throw new InvalidOperationException($"not a pattern: {pattern}"))],
        [LinePattern.Read(" monitor$", needsHost: false).Pattern!],
        tag: null);

    private static FuzzTarget.Parser Read(DoorLog log) => line => FuzzTargets.Ignore(log.Read(line).Kind == EventKind.None);

    private static void Journal(ReadOnlySpan<byte> line) => FuzzTargets.Ignore(Entry.Read(line) && Entry.Message.Length + Entry.Tag.Length > 0);
}

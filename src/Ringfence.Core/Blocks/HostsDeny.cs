using Ringfence.Core.Events;

namespace Ringfence.Core.Blocks;

/// <summary>/etc/hosts.deny and /etc/hosts.allow: what DenyHosts, sshguard and people write into them.</summary>
/// <remarks>
/// hosts_access(5): "DAEMONS : CLIENTS [: COMMAND]", lists by blanks or commas; a client that ends with a dot is a prefix. hosts.allow is asked first, then hosts.deny, and the first line that
/// matches decides. hosts_options(5): a line that ends with "deny" or "allow" says that, in whichever file it stands.
/// </remarks>
internal static class HostsDeny
{
    /// <param name="path">hosts.deny.</param>
    /// <returns>Each client that a line names by address or network, and who is refused; not those of a line with EXCEPT, which means more than it names.</returns>
    public static IEnumerable<Block> Read(string path, string text) => Read([(path, text, true)], null);

    /// <param name="files">In the order in which they are asked.</param>
    /// <param name="subject">Whom it is about; null: everybody.</param>
    public static IEnumerable<Block> Read(IEnumerable<(string Path, string Text, bool Denies)> files, Network? subject)
    {
        var allowed = new List<Line>();
        var blocks = new Dictionary<(string Path, string Client), Block>();
        foreach (var (path, text, denies) in files)
        {
            foreach (var line in Lines(text, denies))
            {
                if (!line.Denies)
                {
                    allowed.Add(line);
                    continue;
                }

                foreach (var client in line.Clients.Distinct(StringComparer.Ordinal))
                {
                    if (NetworkOf(client) is not { } network || allowed.Exists(earlier => IsLetIn(subject ?? network, line, earlier)))
                    {
                        continue;
                    }

                    // One client of several lines is one block: it goes out of all of them.
                    blocks[(path, client)] = blocks.TryGetValue((path, client), out var known)
                        ? known with { Why = $"{known.Why}; {line.Why}" }
                        : new Block(BlockKind.HostsDeny, path, network, null, line.Why, [path, client]);
                }
            }
        }

        return blocks.Values;
    }

    /// <param name="denies">Whether it is hosts.deny.</param>
    /// <returns>The text without these clients where they are refused; a line that named nobody else goes.</returns>
    public static string Without(string text, IReadOnlyCollection<string> gone, bool denies = true)
    {
        var kept = new List<string>();
        foreach (var raw in text.Split('\n'))
        {
            if (Parse(raw.Trim(), "", denies) is not { Denies: true } line || !line.Clients.Exists(gone.Contains))
            {
                kept.Add(raw);
                continue;
            }

            var clients = line.Clients.Where(client => !gone.Contains(client)).ToList();
            if (clients.Count > 0)
            {
                var (start, end) = Bounds(raw);
                kept.Add($"{raw[..start]} {string.Join(", ", clients)}{(end < raw.Length ? " " : "")}{raw[end..]}");
            }
        }

        return string.Join('\n', kept);
    }

    // Of all the services that the line refuses, or of all there are.
    private static bool IsLetIn(Network subject, Line line, Line earlier) =>
        !earlier.Daemons.Contains("EXCEPT") && (earlier.Daemons.Contains("ALL") || line.Daemons.TrueForAll(earlier.Daemons.Contains)) && earlier.Clients.Exists(client => client == "ALL" || NetworkOf(client)?.Contains(subject) == true);

    private static IEnumerable<Line> Lines(string text, bool denies)
    {
        var before = "";
        foreach (var raw in text.Split('\n'))
        {
            var trimmed = raw.Trim();
            if (trimmed.StartsWith('#'))
            {
                before = trimmed.TrimStart('#', ' ');
                continue;
            }

            if (Parse(trimmed, before, denies) is { } line)
            {
                yield return line;
            }

            before = "";
        }
    }

    private static Line? Parse(string line, string before, bool denies)
    {
        var (start, end) = Bounds(line);
        if (start < 0 || line.StartsWith('#'))
        {
            return null;
        }

        var clients = Words(line[start..end]);
        var daemons = Words(line[..(start - 1)]);
        var last = end < line.Length ? line[(line.LastIndexOf(':') + 1)..].Trim() : "";
        var isDenied = last.Equals("deny", StringComparison.OrdinalIgnoreCase) || (denies && !last.Equals("allow", StringComparison.OrdinalIgnoreCase));
        return clients.Contains("EXCEPT") ? null : new Line(daemons, clients, isDenied, before.Length == 0 ? line : $"{line} ({before})");
    }

    private static List<string> Words(string text) => [.. text.Split((char[])[' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries)];

    // Between the first colon and the next that stands in no brackets.
    private static (int Start, int End) Bounds(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return (-1, -1);
        }

        var depth = 0;
        for (var at = colon + 1; at < line.Length; at++)
        {
            depth += line[at] == '[' ? 1 : line[at] == ']' ? -1 : 0;
            if (line[at] == ':' && depth == 0)
            {
                return (colon + 1, at);
            }
        }

        return (colon + 1, line.Length);
    }

    private static Network? NetworkOf(string client)
    {
        if (!client.EndsWith('.'))
        {
            return BlockText.Parse(client);
        }

        var parts = client.TrimEnd('.').Split('.');
        return parts.Length is >= 1 and <= 3 && Address.Parse(string.Join('.', parts.Concat(Enumerable.Repeat("0", 4 - parts.Length)))) is { } first
            ? new Network(first, parts.Length * 8)
            : null;
    }

    private sealed record Line(List<string> Daemons, List<string> Clients, bool Denies, string Why);
}

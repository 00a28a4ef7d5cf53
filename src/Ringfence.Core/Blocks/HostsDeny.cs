using Ringfence.Core.Events;

namespace Ringfence.Core.Blocks;

/// <summary>/etc/hosts.deny: what DenyHosts, sshguard and people write into it.</summary>
/// <remarks>hosts_access(5): "DAEMONS : CLIENTS [: COMMAND]", lists by blanks or commas; a client that ends with a dot is a prefix.</remarks>
internal static class HostsDeny
{
    /// <returns>Each client of each line that names an address or a network; not those of a line with EXCEPT, which means more than it names.</returns>
    public static IEnumerable<Block> Read(string path, string text)
    {
        var before = "";
        foreach (var line in text.Split('\n'))
        {
            var trimmed = line.Trim();
            if (trimmed.StartsWith('#'))
            {
                before = trimmed.TrimStart('#', ' ');
                continue;
            }

            if (Clients(trimmed) is { } clients)
            {
                foreach (var client in clients.Where(client => NetworkOf(client) is not null))
                {
                    yield return new Block(BlockKind.HostsDeny, path, NetworkOf(client)!.Value, null, before.Length == 0 ? trimmed : $"{trimmed} ({before})", [path, client]);
                }
            }

            before = "";
        }
    }

    /// <returns>The text without this client; a line that named it alone goes.</returns>
    public static string Without(string text, string client)
    {
        var kept = new List<string>();
        foreach (var line in text.Split('\n'))
        {
            var clients = line.TrimStart().StartsWith('#') ? null : Clients(line.Trim());
            if (clients?.Contains(client) != true)
            {
                kept.Add(line);
                continue;
            }

            clients.RemoveAll(other => other == client);
            if (clients.Count > 0)
            {
                var (start, end) = Bounds(line);
                kept.Add($"{line[..start]} {string.Join(", ", clients)}{(end < line.Length ? " " : "")}{line[end..]}");
            }
        }

        return string.Join('\n', kept);
    }

    private static List<string>? Clients(string line)
    {
        var (start, end) = Bounds(line);
        if (start < 0)
        {
            return null;
        }

        List<string> clients = [.. line[start..end].Split((char[])[' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries)];
        return clients.Contains("EXCEPT") ? null : clients;
    }

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
}

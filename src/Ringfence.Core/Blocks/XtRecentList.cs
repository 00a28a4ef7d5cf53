using Ringfence.Core.Events;

namespace Ringfence.Core.Blocks;

/// <summary>A list of the kernel's module xt_recent, /proc/net/xt_recent/NAME: what FreePBX's responsive firewall keeps its attackers in.</summary>
/// <remarks>Lines "src=203.0.113.5 ttl: 64 last_seen: 4295010411 oldest_pkt: 1 4295010411", linux net/netfilter/xt_recent.c, recent_seq_show; "-ADDRESS" written
/// to the file takes one out. The times are ticks since the boot and tell no date.</remarks>
internal static class XtRecentList
{
    /// <param name="path">The file's, whose last part names the list.</param>
    public static IEnumerable<Block> Read(string path, string text)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];

        // FreePBX: who is in WHITELIST or TEMPWHITELIST is let in.
        if (name.Contains("WHITE", StringComparison.OrdinalIgnoreCase))
        {
            yield break;
        }

        foreach (var line in text.Split('\n'))
        {
            if (!line.StartsWith("src=", StringComparison.Ordinal))
            {
                continue;
            }

            var end = line.IndexOf(' ', StringComparison.Ordinal);
            if (Address.Parse(end < 0 ? line[4..] : line[4..end]) is { } address)
            {
                yield return new Block(BlockKind.XtRecent, $"xt_recent, list {name}", Network.Of(address), null, "seen too often, by the firewall's own count", [path, $"-{address}"]);
            }
        }
    }
}

using System.Globalization;
using Ringfence.Core.Events;

namespace Ringfence.Core.Blocks;

/// <summary>A list of the kernel's module xt_recent, /proc/net/xt_recent/NAME: what FreePBX's responsive firewall keeps its attackers in.</summary>
/// <remarks>
/// Lines "src=203.0.113.5 ttl: 64 last_seen: 4295010411 oldest_pkt: 2 4295010399, 4295010411", linux net/netfilter/xt_recent.c, recent_seq_show; "-ADDRESS" written
/// to the file takes one out. What being in it means the rules say: FreePBX notes everybody who sends SIP in SIGNALLING, who was there before in REPEAT, and drops who is in ATTACKER;
/// and a list may open a door (port knocking, FreePBX's WHITELIST).
/// </remarks>
internal static class XtRecentList
{
    /// <param name="path">The file's, whose last part names the list.</param>
    /// <param name="rules">Those that refuse who is in a list.</param>
    /// <param name="ticks">The kernel's clock; null: it can't be read, and all that the list holds counts.</param>
    public static IEnumerable<Block> Read(string path, string text, IReadOnlyList<RecentRule> rules, KernelTicks? ticks = null)
    {
        var name = NameOf(path);
        var asking = rules.Where(rule => rule.List == name).ToList();
        foreach (var line in asking.Count == 0 ? [] : text.Split('\n'))
        {
            if (AddressOf(line) is { } address && asking.Find(rule => IsMet(rule, Stamps(line), ticks)) is { } rule)
            {
                // The list keeps what the mask leaves.
                var subject = new Network(address, Math.Min(rule.Bits, address.IsIPv4 ? 32 : 128));
                yield return new Block(BlockKind.XtRecent, $"xt_recent, list {name}", subject, null, $"{Words(rule)}, by the firewall's own count (chain {rule.Chain})", [path, $"-{address}"]);
            }
        }
    }

    /// <returns>Whether it has an entry for one of them, whatever that means.</returns>
    public static bool Holds(string text, Network subject) =>
        text.Split('\n').Any(line => AddressOf(line) is { } address && (subject.Contains(address) || address.Subject.Contains(subject)));

    public static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static string Words(RecentRule rule) =>
        $"seen {(rule.Hits > 1 ? $"{rule.Hits} times" : "there")}{(rule.Seconds > 0 ? $" within {Configuration.Duration.Words(TimeSpan.FromSeconds(rule.Seconds))}" : "")}";

    // xt_recent.c, recent_mt: so many packets that are not older.
    private static bool IsMet(RecentRule rule, List<long> stamps, KernelTicks? ticks)
    {
        var count = rule.Seconds > 0 && ticks is { } clock ? stamps.Count(stamp => clock.Now - stamp <= rule.Seconds * clock.PerSecond) : stamps.Count;
        return count >= Math.Max(1, rule.Hits);
    }

    private static Address? AddressOf(string line)
    {
        if (!line.StartsWith("src=", StringComparison.Ordinal))
        {
            return null;
        }

        var end = line.IndexOf(' ', StringComparison.Ordinal);
        return Address.Parse(end < 0 ? line[4..] : line[4..end]);
    }

    // "oldest_pkt: " is followed by the place of the next one to be overwritten, then all.
    private static List<long> Stamps(string line)
    {
        const string Before = "oldest_pkt: ";
        var at = line.IndexOf(Before, StringComparison.Ordinal);
        var stamps = new List<long>();
        foreach (var word in at < 0 ? [] : line[(at + Before.Length)..].Split((char[])[' ', ','], StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            if (long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var stamp))
            {
                stamps.Add(stamp);
            }
        }

        return stamps;
    }
}

using System.Text.Json;
using Ringfence.Core.Events;

namespace Ringfence.Core.Perimeter;

/// <summary>A table that notes which first packets got past every other rule, and what it noted.</summary>
internal static class ProbeObserver
{
    /// <summary>Makes the table, or empties it. Its chain stands behind every other at the hook input.</summary>
    public const string Script = """
        add table inet zz_seen
        delete table inet zz_seen
        table inet zz_seen {
            set seen4 { typeof meta iifname . meta l4proto . th dport . ip saddr; flags dynamic; size 65535; }
            set seen6 { typeof meta iifname . meta l4proto . th dport . ip6 saddr; flags dynamic; size 65535; }
            chain seen {
                type filter hook input priority 2000; policy accept;
                meta nfproto ipv4 meta l4proto { tcp, udp } update @seen4 { meta iifname . meta l4proto . th dport . ip saddr }
                meta nfproto ipv6 meta l4proto { tcp, udp } update @seen6 { meta iifname . meta l4proto . th dport . ip6 saddr }
            }
        }

        """;

    /// <summary>What shows it.</summary>
    public static readonly IReadOnlyList<string> Question = ["-j", "list", "table", "inet", "zz_seen"];

    /// <exception cref="FormatException">nft printed something else.</exception>
    public static HashSet<Arrival> Read(string json)
    {
        try
        {
            using var listed = JsonDocument.Parse(json);
            return [.. listed.RootElement.GetProperty("nftables").EnumerateArray().Where(static item => item.TryGetProperty("set", out _)).Select(static item => item.GetProperty("set"))
                .SelectMany(static set => set.TryGetProperty("elem", out var elements) ? elements.EnumerateArray().ToArray() : [])
                .Select(static element => (element.TryGetProperty("elem", out var inner) ? inner.GetProperty("val") : element).GetProperty("concat"))
                .Select(static parts => new Arrival(Address.Parse(parts[3].GetString()!)!.Value, parts[0].GetString()!, parts[1].GetString() == "tcp" ? PortProtocol.Tcp : PortProtocol.Udp, (ushort)parts[2].GetInt32()))];
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException)
        {
            throw new FormatException("nft printed something else than the table that notes packets", problem);
        }
    }
}

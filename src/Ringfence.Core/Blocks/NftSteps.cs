using System.Text.Json;
using Ringfence.Core.Events;
using static Ringfence.Core.Blocks.JsonParts;

namespace Ringfence.Core.Blocks;

/// <summary>The steps of a rule of nftables: what a packet must be, and what becomes of it.</summary>
/// <remarks>libnftables-json(5).</remarks>
internal static class NftSteps
{
    // Of what iptables wrote nft knows the name alone: these count or keep books, and refuse nobody by his address. Older versions print null for all of them.
    private static readonly string[] ForeignLimits = ["limit", "hashlimit", "connlimit", "connbytes", "statistic", "quota", "recent", "set"];

    public static List<JsonElement> Of(JsonElement rule) =>
        Member(rule, "expr") is { ValueKind: JsonValueKind.Array } steps ? [.. steps.EnumerateArray()] : [];

    /// <returns>What the rule does at its end, and the chain that it sends to, else "".</returns>
    /// <remarks>A rule that lets a ping in, or IPv6's neighbours, opens no door: firewalld has one in each zone, also in those that drop all else.</remarks>
    public static (RuleEnd End, string Target) End(JsonElement rule)
    {
        var steps = Of(rule);
        foreach (var step in steps)
        {
            if (IsRefusal(step))
            {
                return (RuleEnd.Refuse, "");
            }

            // What of a verdict map's verdicts is met is not asked: some may be let in.
            if (Member(step, "accept") is not null || Member(step, "queue") is not null || Member(step, "vmap") is not null)
            {
                return (steps.Exists(IsIcmp) ? RuleEnd.None : RuleEnd.Accept, "");
            }

            if (Member(step, "return") is not null)
            {
                return (RuleEnd.Return, "");
            }

            if (JumpOf(step) is { } target)
            {
                return (Member(step, "goto") is null ? RuleEnd.Jump : RuleEnd.Goto, target);
            }
        }

        return (RuleEnd.None, "");
    }

    /// <summary>Whether some packets do not get past it.</summary>
    public static bool IsCondition(JsonElement step) =>
        Member(step, "match") is not null || Member(step, "vmap") is not null || IsLimit(step) || (Member(step, "xt") is { } foreign && Text(foreign, "type") != "target");

    /// <summary>Whether only what is beyond a rate, a number or an amount gets past it.</summary>
    public static bool IsLimit(JsonElement step) =>
        Member(step, "limit") is not null || Member(step, "ct count") is not null || Member(step, "quota") is not null || Member(step, "meter") is not null
        || (Member(step, "set") is { } set && Member(set, "stmt") is not null)
        || (Member(step, "xt") is { } foreign && (Text(foreign, "name") is var name) && (name.Length == 0 || ForeignLimits.Contains(name)));

    /// <remarks>Of iptables' REJECT nft knows the name alone.</remarks>
    public static bool IsRefusal(JsonElement step) => Member(step, "drop") is not null || Member(step, "reject") is not null
        || (Member(step, "xt") is { } foreign && Text(foreign, "name") is "REJECT" or "TARPIT");

    /// <returns>The chain that it jumps or goes to; null: none.</returns>
    public static string? JumpOf(JsonElement step) => (Member(step, "jump") ?? Member(step, "goto")) is { } jump ? Text(jump, "target") : null;

    /// <summary>How many of the source address's bits a field holds: "ip saddr", or "ip6 saddr &amp; ffff:ffff:ffff:ffff::" as Ringfence's own table asks.</summary>
    /// <returns>128 for all of them, of either family; null: it is something else, or a mask with holes.</returns>
    public static int? SourceBits(JsonElement field)
    {
        if (Member(field, "&") is { ValueKind: JsonValueKind.Array } parts)
        {
            return parts.GetArrayLength() == 2 && IsSource(parts[0]) && parts[1].ValueKind == JsonValueKind.String && Address.Parse(Text(parts[1])) is { } mask ? BlockText.BitsOf(mask) : null;
        }

        return IsSource(field) ? 128 : null;
    }

    private static bool IsIcmp(JsonElement step)
    {
        if (Member(step, "match") is not { } match || Text(match, "op") is not ("==" or "in") || Member(match, "left") is not { } left)
        {
            return false;
        }

        var right = Member(match, "right");
        return (Member(left, "payload") is { } payload && Text(payload, "protocol") is "icmp" or "icmpv6")
            || (Member(left, "meta") is { } meta && Text(meta, "key") == "l4proto"
                && (right is { ValueKind: JsonValueKind.String } one ? IsIcmpName(one) : right is { } several && Member(several, "set") is { ValueKind: JsonValueKind.Array } set && set.EnumerateArray().All(IsIcmpName)));
    }

    private static bool IsIcmpName(JsonElement protocol) => protocol.ValueKind == JsonValueKind.String && Text(protocol) is "icmp" or "icmpv6" or "ipv6-icmp";

    private static bool IsSource(JsonElement field) =>
        Member(field, "payload") is { } payload && Text(payload, "field") == "saddr" && Text(payload, "protocol") is "ip" or "ip6";
}

using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Ringfence.Core.Host.Filter;

/// <summary>Values on the right of nft's comparisons, and what a packet has on the left.</summary>
/// <remarks>libnftables-json(5).</remarks>
internal static class NftValues
{
    /// <summary>What a packet has in a field: a number, a word, an address; null: not known. <see cref="Absent"/>: packets of its kind have no such field.</summary>
    public static readonly object Absent = new();

    public static object? FieldOf(JsonElement left, Probe probe)
    {
        if (left.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (left.TryGetProperty("payload", out var payload))
        {
            return Payload(Text(payload, "protocol"), Text(payload, "field"), probe);
        }

        if (left.TryGetProperty("meta", out var meta))
        {
            return Text(meta, "key") switch
            {
                "l4proto" => probe.Protocol,
                "nfproto" => probe.IsIPv6 ? "ipv6" : "ipv4",
                "protocol" => probe.IsIPv6 ? "ip6" : "ip",
                "iifname" or "iif" => probe.Interface ?? (object?)NotLoopback.Instance,
                "pkttype" => "host",
                _ => null,
            };
        }

        if (left.TryGetProperty("ct", out var ct))
        {
            // The state depends on where the packet is.
            return Text(ct, "key") == "direction" ? "original" : null;
        }

        if (left.TryGetProperty("fib", out var fib) && fib.ValueKind == JsonValueKind.Object)
        {
            // The way back to a stranger leads over the interface that he came by; the packet is for this machine.
            var flags = fib.TryGetProperty("flags", out var list) ? list.ToString() : "";
            return (Text(fib, "result"), flags.Contains("daddr", StringComparison.Ordinal)) switch { ("type", true) => "local", ("type", false) => "unicast", ("oif", false) => true, _ => null };
        }

        return null;
    }

    /// <summary>Whether a value is, or holds, what the packet has.</summary>
    /// <param name="set">Elements of a named set; null: there is none of that name.</param>
    public static bool? Holds(JsonElement right, object field, Func<string, JsonElement?> set, int depth = 0)
    {
        if (depth > 8)
        {
            return null;
        }

        switch (right.ValueKind)
        {
            case JsonValueKind.String when right.GetString() is ['@', .. var name]:
                return set(name) is { } elements ? Any(elements, field, set, depth) : null;
            case JsonValueKind.String:
                return Equal(right.GetString()!, field);
            case JsonValueKind.Number:
                return field switch
                {
                    int number => right.TryGetInt32(out var value) ? value == number : null,
                    string protocol when right.TryGetInt32(out var value) => protocol switch { "tcp" => value == 6, "udp" => value == 17, _ => null },
                    _ => null,
                };
            case JsonValueKind.True or JsonValueKind.False:
                return field is bool flag ? flag == right.GetBoolean() : null;
            case JsonValueKind.Array:
                return Any(right, field, set, depth);
            case JsonValueKind.Object:
                return HoldsObject(right, field, set, depth);
            default:
                return null;
        }
    }

    /// <summary>Every address that stands in it.</summary>
    public static IEnumerable<AddressRange> Addresses(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return AddressRange.Parse(value.GetString()!) is { } one ? [one] : [];
            case JsonValueKind.Array:
                return value.EnumerateArray().SelectMany(Addresses);
            case JsonValueKind.Object when value.TryGetProperty("prefix", out var prefix):
                return Prefix(prefix) is { } network ? [network] : [];
            case JsonValueKind.Object when value.TryGetProperty("range", out var range):
                return Range(range) is { } addresses ? [addresses] : [];
            case JsonValueKind.Object:
                return value.EnumerateObject().SelectMany(static property => Addresses(property.Value));
            default:
                return [];
        }
    }

    public static string? Text(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>An expression's name and what it holds, <c>{"match": {...}}</c>; null: it is none.</summary>
    public static (string Name, JsonElement Value)? First(JsonElement of)
    {
        if (of.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in of.EnumerateObject())
            {
                return (property.Name, property.Value);
            }
        }

        return null;
    }

    private const int UsualLength = 500;

    private static object? Payload(string? protocol, string? field, Probe probe) => (protocol, field) switch
    {
        ("udp" or "tcp", _) when protocol != probe.Protocol => Absent,
        ("udp" or "tcp" or "th", "dport") => probe.Port,
        ("tcp", "flags") => "syn",

        // As long as a phone's first message: nobody knocks with 20,000 bytes, which our own table drops.
        ("udp", "length") => UsualLength,
        ("ip", _) when probe.IsIPv6 => Absent,
        ("ip6", _) when !probe.IsIPv6 => Absent,
        ("ip" or "ip6", "saddr") => probe.Source,
        ("ip" or "ip6", "daddr") => OwnAddress.Instance,
        ("ip", "protocol") or ("ip6", "nexthdr") => probe.Protocol,
        ("icmp" or "icmpv6" or "sctp" or "dccp" or "udplite" or "esp" or "ah" or "comp" or "igmp" or "arp" or "vlan", _) => Absent,
        _ => null,
    };

    private static bool? Any(JsonElement list, object field, Func<string, JsonElement?> set, int depth)
    {
        bool? any = false;
        foreach (var element in list.EnumerateArray())
        {
            switch (Holds(element, field, set, depth + 1))
            {
                case true:
                    return true;
                case null:
                    any = null;
                    break;
                default:
                    break;
            }
        }

        return any;
    }

    private static bool? HoldsObject(JsonElement right, object field, Func<string, JsonElement?> set, int depth)
    {
        if (right.TryGetProperty("set", out var elements))
        {
            return elements.ValueKind == JsonValueKind.Array ? Any(elements, field, set, depth) : Holds(elements, field, set, depth + 1);
        }

        // An element with a timeout, a comment or a counter.
        if (right.TryGetProperty("elem", out var element) && element.ValueKind == JsonValueKind.Object && element.TryGetProperty("val", out var value))
        {
            return Holds(value, field, set, depth + 1);
        }

        if (right.TryGetProperty("concat", out var parts) && parts.ValueKind == JsonValueKind.Array)
        {
            return field is object?[] fields && fields.Length == parts.GetArrayLength() ? All(parts, fields, set, depth) : null;
        }

        if (right.TryGetProperty("prefix", out var prefix))
        {
            return Prefix(prefix) is { } network ? In(network, field) : null;
        }

        if (!right.TryGetProperty("range", out var range) || range.ValueKind != JsonValueKind.Array || range.GetArrayLength() != 2)
        {
            return null;
        }

        return field is int number && range[0].ValueKind == JsonValueKind.Number && range[1].ValueKind == JsonValueKind.Number && range[0].TryGetInt32(out var first) && range[1].TryGetInt32(out var last)
            ? number >= first && number <= last
            : Range(range) is { } addresses ? In(addresses, field) : null;
    }

    private static bool? All(JsonElement parts, object?[] fields, Func<string, JsonElement?> set, int depth)
    {
        bool? all = true;
        for (var at = 0; at < fields.Length; at++)
        {
            switch (fields[at] is { } field ? Holds(parts[at], field, set, depth + 1) : null)
            {
                case false:
                    return false;
                case null:
                    all = null;
                    break;
                default:
                    break;
            }
        }

        return all;
    }

    private static bool? Equal(string value, object field) => field switch
    {
        IPAddress or OwnAddress => AddressRange.Parse(value) is { } range ? In(range, field) : null,
        NotLoopback => value == "lo" ? false : null,
        string word when value.EndsWith('*') => word.StartsWith(value[..^1], StringComparison.Ordinal),
        string word => word == value,
        int number => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given == number : null,
        _ => null,
    };

    private static bool? In(AddressRange range, object field) => field switch
    {
        IPAddress address => range.Contains(address),
        OwnAddress => OwnAddress.In(range),
        _ => null,
    };

    private static AddressRange? Prefix(JsonElement prefix) =>
        IPAddress.TryParse(Text(prefix, "addr"), out var address) && prefix.TryGetProperty("len", out var length) && length.ValueKind == JsonValueKind.Number && length.TryGetInt32(out var bits)
            ? AddressRange.Prefix(address, bits)
            : null;

    private static AddressRange? Range(JsonElement range) =>
        range.ValueKind == JsonValueKind.Array && range.GetArrayLength() == 2 && range[0].ValueKind == JsonValueKind.String && range[1].ValueKind == JsonValueKind.String
            ? AddressRange.Between(range[0].GetString()!, range[1].GetString()!)
            : null;
}

/// <summary>The interface is not known, and it is not lo.</summary>
internal sealed class NotLoopback
{
    public static readonly NotLoopback Instance = new();
}

/// <summary>One of the machine's own addresses, not known which.</summary>
internal sealed class OwnAddress
{
    public static readonly OwnAddress Instance = new();

    private static readonly AddressRange[] Never =
        [AddressRange.Parse("224.0.0.0/4")!.Value, AddressRange.Parse("255.255.255.255")!.Value, AddressRange.Parse("127.0.0.0/8")!.Value, AddressRange.Parse("ff00::/8")!.Value, AddressRange.Parse("::1")!.Value];

    public static bool? In(AddressRange range) =>
        range.First == 0 && range.IsWide && range.Last == (range.IsIPv6 ? UInt128.MaxValue : uint.MaxValue) ? true
        : Array.Exists(Never, never => range.First >= never.First && range.Last <= never.Last && range.IsIPv6 == never.IsIPv6) ? false
        : null;
}

using System.Net;
using System.Text.Json;

namespace Ringfence.Core.Host.Filter;

/// <summary>Reads what <c>nft -j list ruleset</c> prints.</summary>
/// <remarks>libnftables-json(5). Measured with nft 1.0.6: what iptables wrote and nft has no words for is <c>{"xt": ...}</c>, and fits or does not.</remarks>
internal sealed class NftRuleset
{
    // Of a long rule: an address in a list of its own is a step.
    private const int BytesOfStep = 25;

    private readonly Dictionary<string, FilterChain> _chains = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> _sets = new(StringComparer.Ordinal);
    private readonly HashSet<string> _filled = new(StringComparer.Ordinal);
    private readonly HashSet<string> _dropped = new(StringComparer.Ordinal);
    private readonly List<AddressRange> _named = [];
    private readonly Dictionary<(string Set, object Field), bool?> _members = [];
    private bool _untracks;

    /// <param name="isShownElsewhere">Family and name of a table that iptables-save has shown better.</param>
    /// <returns>null: not JSON, or not nft's.</returns>
    public static PacketFilter? Read(string text, Func<string, string, bool> isShownElsewhere)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 48 });
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("nftables", out var items) || items.ValueKind != JsonValueKind.Array)
            {
                return null;
            }

            return new NftRuleset().ReadItems([.. items.Clone().EnumerateArray().Where(item => !IsShown(item, isShownElsewhere))]);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsShown(JsonElement item, Func<string, string, bool> isShownElsewhere) =>
        NftValues.First(item) is (_, { ValueKind: JsonValueKind.Object } body)
        && NftValues.Text(body, "family") is { } family && (NftValues.Text(body, "table") ?? NftValues.Text(body, "name")) is { } table && isShownElsewhere(family, table);

    private PacketFilter ReadItems(List<JsonElement> items)
    {
        foreach (var item in items.Where(static item => item.ValueKind == JsonValueKind.Object))
        {
            foreach (var kind in item.EnumerateObject().Where(static kind => kind.Value.ValueKind == JsonValueKind.Object))
            {
                switch (kind.Name)
                {
                    case "chain":
                        Chain(kind.Value);
                        break;
                    case "set" or "map":
                        _sets[Key(kind.Value, NftValues.Text(kind.Value, "name") ?? "")] = kind.Value;
                        if (kind.Value.TryGetProperty("elem", out var elements))
                        {
                            _named.AddRange(NftValues.Addresses(elements));
                        }

                        break;
                    default:
                        break;
                }
            }
        }

        foreach (var rule in items.Where(static item => item.ValueKind == JsonValueKind.Object && item.TryGetProperty("rule", out var rule) && rule.ValueKind == JsonValueKind.Object))
        {
            Rule(rule.GetProperty("rule"));
        }

        return new PacketFilter(_chains, _named)
        {
            EmptyBlocklists = [.. _dropped.Where(key => !_filled.Contains(key) && _sets.TryGetValue(key, out var set) && (!set.TryGetProperty("elem", out var elements) || (elements.ValueKind == JsonValueKind.Array && elements.GetArrayLength() == 0))).Order(StringComparer.Ordinal)],
        };
    }

    private static string Key(JsonElement of, string name) => $"{NftValues.Text(of, "family")} {NftValues.Text(of, "table")} {name}";

    private void Chain(JsonElement chain)
    {
        var family = NftValues.Text(chain, "family");
        var key = Key(chain, NftValues.Text(chain, "name") ?? "");
        _chains[key] = new FilterChain(
            key, NftValues.Text(chain, "hook"), NftValues.Text(chain, "policy") == "drop" ? Outcomes.Drop : Outcomes.Accept, family is "ip" or "inet" or "netdev", family is "ip6" or "inet" or "netdev",
            chain.TryGetProperty("prio", out var priority) && priority.ValueKind == JsonValueKind.Number && priority.TryGetInt32(out var at) ? at : 0);
    }

    private void Rule(JsonElement rule)
    {
        var key = Key(rule, NftValues.Text(rule, "chain") ?? "");
        if (!_chains.TryGetValue(key, out var chain))
        {
            return;
        }

        List<FilterMatch> matches = [];
        var verdict = FilterVerdict.None;
        var hasLimit = false;
        if (!rule.TryGetProperty("expr", out var expressions) || expressions.ValueKind != JsonValueKind.Array)
        {
            chain.Rules.Add(new FilterRule([], FilterVerdict.Unknown, false, key, 1));
            return;
        }

        foreach (var expression in expressions.EnumerateArray())
        {
            if (NftValues.First(expression) is not (var kind, var said))
            {
                matches.Add(static (_, _) => null);
                continue;
            }

            switch (kind)
            {
                case "match":
                    matches.Add(Match(said, rule));
                    break;
                case "limit":
                    hasLimit = true;
                    matches.Add(Limit(said));
                    break;
                case "ct count":
                    matches.Add(Limit(said));
                    break;
                case "meter" or "set":
                    hasLimit |= said.ToString().Contains("\"limit\"", StringComparison.Ordinal);
                    matches.AddRange(Meter(said, rule));
                    break;
                case "counter" or "log" or "comment" or "mangle" or "ct helper" or "ct timeout" or "ct expectation" or "secmark" or "last":
                    break;
                case "notrack":
                    _untracks = true;
                    break;
                case "reject":
                    verdict = FilterVerdict.Drop;
                    matches.Add(Rejected(NftValues.Text(said, "type")));
                    break;
                default:
                    verdict = Verdict(kind, said, rule);
                    if (verdict == FilterVerdict.Unknown)
                    {
                        // What ends a rule stands last: with something behind it, it was a condition.
                        matches.Add(static (_, _) => null);
                    }

                    break;
            }
        }

        if (verdict == FilterVerdict.Drop)
        {
            NoteDropped(expressions, rule);
        }

        chain.Rules.Add(new FilterRule(matches, verdict, hasLimit, key, 1 + (Math.Max(0, expressions.GetRawText().Length - 500) / BytesOfStep)));
    }

    private FilterVerdict Verdict(string kind, JsonElement value, JsonElement rule) => kind switch
    {
        "accept" => FilterVerdict.Accept,
        "drop" or "reject" => FilterVerdict.Drop,
        "continue" => FilterVerdict.None,
        "return" => new Returns(),
        "jump" or "goto" => NftValues.Text(value, "target") is { } target ? new Jumps(Key(rule, target), kind == "goto") : FilterVerdict.Unknown,
        "vmap" => Map(value, rule),

        // After routing, and so never on the way in.
        "masquerade" or "snat" => FilterVerdict.Accept,
        _ => FilterVerdict.Unknown,
    };

    private FilterVerdict Map(JsonElement map, JsonElement rule)
    {
        if (map.ValueKind != JsonValueKind.Object || !map.TryGetProperty("key", out var key) || !map.TryGetProperty("data", out var data))
        {
            return FilterVerdict.Unknown;
        }

        var elements = data.ValueKind == JsonValueKind.String && data.GetString() is ['@', .. var name] ? Elements(rule, name)
            : data.ValueKind == JsonValueKind.Object && data.TryGetProperty("set", out var inline) ? inline : null;
        if (elements is not { ValueKind: JsonValueKind.Array } pairs)
        {
            return FilterVerdict.Unknown;
        }

        List<(JsonElement Key, FilterVerdict Verdict)> choices = [];
        foreach (var pair in pairs.EnumerateArray())
        {
            if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2 || NftValues.First(pair[1]) is not (var word, var said) || word == "vmap")
            {
                return FilterVerdict.Unknown;
            }

            choices.Add((pair[0], Verdict(word, said, rule)));
        }

        return new Maps(
            (probe, walk) =>
            {
                var field = State(key) ? _untracks ? null : walk.ConnectionState : Field(key, probe);
                if (field is null || field == NftValues.Absent)
                {
                    return field is null ? null : FilterVerdict.None;
                }

                var chosen = FilterVerdict.None;
                foreach (var (value, verdict) in choices)
                {
                    switch (NftValues.Holds(value, field, name => Elements(rule, name)))
                    {
                        case true:
                            return verdict;
                        case null:
                            chosen = null;
                            break;
                        default:
                            break;
                    }
                }

                return chosen;
            },
            [.. choices.Select(static choice => choice.Verdict)]);
    }

    // nft 1.0.6 leaves out "meta nfproto ipv4" where the answer says it already (measured in both directions).
    private static FilterMatch Rejected(string? type) => type switch
    {
        "icmp" => static (probe, _) => !probe.IsIPv6,
        "icmpv6" => static (probe, _) => probe.IsIPv6,
        "tcp reset" => static (probe, _) => probe.Protocol == "tcp",
        _ => static (_, _) => true,
    };

    private static FilterMatch Limit(JsonElement limit)
    {
        var isOver = limit.ValueKind == JsonValueKind.Object && limit.TryGetProperty("inv", out var inverted) && inverted.ValueKind == JsonValueKind.True;
        return (probe, _) => probe.IsOverLimit == isOver;
    }

    /// <summary>A limit per address, or a rule that puts the sender into a set.</summary>
    private IEnumerable<FilterMatch> Meter(JsonElement meter, JsonElement rule)
    {
        foreach (var part in (string[])["key", "elem"])
        {
            if (meter.ValueKind == JsonValueKind.Object && meter.TryGetProperty(part, out var key))
            {
                // A table for both families: the address of one says which packets it is about.
                yield return (probe, _) => Field(key, probe) == NftValues.Absent ? false : true;
            }
        }

        if (meter.ValueKind == JsonValueKind.Object && meter.TryGetProperty("stmt", out var statements))
        {
            foreach (var statement in statements.ValueKind == JsonValueKind.Array ? statements.EnumerateArray().ToArray() : [statements])
            {
                var first = NftValues.First(statement);
                if (first is ("limit" or "ct count", var limit))
                {
                    yield return Limit(limit);
                }
                else if (first is not ("counter" or "last", _))
                {
                    yield return static (_, _) => null;
                }
            }
        }

        if (NftValues.Text(meter, "set") is ['@', .. var set])
        {
            var filled = Key(rule, set);
            _filled.Add(filled);
            var isAdded = NftValues.Text(meter, "op") is "add" or "update";
            yield return (_, walk) =>
            {
                if (isAdded)
                {
                    walk.Touched.Add(filled);
                }

                return true;
            };
        }
    }

    private FilterMatch Match(JsonElement match, JsonElement rule)
    {
        if (match.ValueKind != JsonValueKind.Object || !match.TryGetProperty("left", out var left) || !match.TryGetProperty("right", out var right))
        {
            return static (_, _) => null;
        }

        var op = NftValues.Text(match, "op") ?? "==";
        _named.AddRange(NftValues.Addresses(right));
        var touchedSet = right.ValueKind == JsonValueKind.String && right.GetString() is ['@', .. var name] ? Key(rule, name) : null;
        return (probe, walk) =>
        {
            var field = State(left) ? _untracks ? null : walk.ConnectionState : Field(left, probe);
            if (field == NftValues.Absent)
            {
                return false;
            }

            if (Flags(left, right, op, probe) is { IsFlags: true } flags)
            {
                return flags.Fits;
            }

            if (field is null || (touchedSet is not null && walk.Touched.Contains(touchedSet)))
            {
                return null;
            }

            return op switch
            {
                "==" or "in" => Holds(right, field, rule, touchedSet),
                "!=" => !Holds(right, field, rule, touchedSet),
                "<" or ">" or "<=" or ">=" when field is int number && right.ValueKind == JsonValueKind.Number && right.TryGetInt32(out var bound) =>
                    op switch { "<" => number < bound, ">" => number > bound, "<=" => number <= bound, _ => number >= bound },
                _ => null,
            };
        };
    }

    // A set of a million networks is looked through once for each sender.
    private bool? Holds(JsonElement right, object field, JsonElement rule, string? set)
    {
        if (set is null || field is not (IPAddress or int or string))
        {
            return NftValues.Holds(right, field, name => Elements(rule, name));
        }

        if (!_members.TryGetValue((set, field), out var holds))
        {
            _members[(set, field)] = holds = NftValues.Holds(right, field, name => Elements(rule, name));
        }

        return holds;
    }

    /// <summary>tcp flags: the first packet has SYN alone.</summary>
    private static (bool IsFlags, bool? Fits) Flags(JsonElement left, JsonElement right, string op, Probe probe)
    {
        var isMasked = left.ValueKind == JsonValueKind.Object && left.TryGetProperty("&", out var masked) && masked.ValueKind == JsonValueKind.Array && masked.GetArrayLength() == 2;
        var field = isMasked ? left.GetProperty("&")[0] : left;
        if (field.ValueKind != JsonValueKind.Object || !field.TryGetProperty("payload", out var payload) || NftValues.Text(payload, "protocol") != "tcp" || NftValues.Text(payload, "field") != "flags")
        {
            return (false, null);
        }

        if (probe.Protocol != "tcp")
        {
            return (true, false);
        }

        var mask = isMasked ? Words(left.GetProperty("&")[1]) : ["syn"];
        if (mask is null || Words(right) is not { } wanted)
        {
            return (true, right.ValueKind == JsonValueKind.Number && right.TryGetInt32(out var zero) && zero == 0 && mask is not null ? (op == "!=") == mask.Contains("syn") : null);
        }

        HashSet<string> has = mask.Contains("syn") ? ["syn"] : [];
        return (true, op switch { "==" => has.SetEquals(wanted), "!=" => !has.SetEquals(wanted), "in" => wanted.Overlaps(has), "!" => !wanted.Overlaps(has), _ => null });
    }

    private static HashSet<string>? Words(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array when value.EnumerateArray().All(static word => word.ValueKind == JsonValueKind.String) => [.. value.EnumerateArray().Select(static word => word.GetString()!)],
        JsonValueKind.Object when value.TryGetProperty("|", out var either) => Words(either),
        _ => null,
    };

    private static bool State(JsonElement left) => left.ValueKind == JsonValueKind.Object && left.TryGetProperty("ct", out var ct) && NftValues.Text(ct, "key") == "state";

    private static object? Field(JsonElement left, Probe probe)
    {
        if (left.ValueKind == JsonValueKind.Object && left.TryGetProperty("concat", out var parts) && parts.ValueKind == JsonValueKind.Array)
        {
            var fields = parts.EnumerateArray().Select(part => NftValues.FieldOf(part, probe)).ToArray();
            return Array.Exists(fields, static field => field == NftValues.Absent) ? NftValues.Absent : fields;
        }

        if (left.ValueKind == JsonValueKind.Object && left.TryGetProperty("elem", out var element) && element.ValueKind == JsonValueKind.Object && element.TryGetProperty("val", out var value))
        {
            return NftValues.FieldOf(value, probe);
        }

        // "ip6 saddr & ffff:ffff:ffff:ffff::", as our own bans ask for a /64.
        if (left.ValueKind == JsonValueKind.Object && left.TryGetProperty("&", out var masked) && masked.ValueKind == JsonValueKind.Array && masked.GetArrayLength() == 2)
        {
            return NftValues.FieldOf(masked[0], probe) switch
            {
                IPAddress address when masked[1].ValueKind == JsonValueKind.String && IPAddress.TryParse(masked[1].GetString(), out var mask) && mask.AddressFamily == address.AddressFamily =>
                    new IPAddress([.. address.GetAddressBytes().Zip(mask.GetAddressBytes(), static (one, other) => (byte)(one & other))]),
                var field => field == NftValues.Absent ? field : null,
            };
        }

        return NftValues.FieldOf(left, probe);
    }

    private JsonElement? Elements(JsonElement rule, string set) =>
        _sets.TryGetValue(Key(rule, set), out var found) ? found.TryGetProperty("elem", out var elements) && elements.ValueKind == JsonValueKind.Array ? elements : Nothing : null;

    private static readonly JsonElement Nothing = JsonDocument.Parse("[]").RootElement.Clone();

    private void NoteDropped(JsonElement expressions, JsonElement rule)
    {
        foreach (var expression in expressions.EnumerateArray())
        {
            if (expression.ValueKind == JsonValueKind.Object && expression.TryGetProperty("match", out var match) && NftValues.Text(match, "op") is "==" or null or "in" && NftValues.Text(match, "right") is ['@', .. var set]
                && match.TryGetProperty("left", out var left) && left.ToString().Contains("\"saddr\"", StringComparison.Ordinal))
            {
                _dropped.Add(Key(rule, set));
            }
        }
    }
}

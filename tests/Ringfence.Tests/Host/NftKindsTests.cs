using System.Text.Json.Nodes;
using Ringfence.Core.Audit;
using Ringfence.Core.Host.Filter;
using Ringfence.Core.Pbx;
using Ringfence.Tests.Pbx;
using Xunit;

namespace Ringfence.Tests.Host;

/// <summary>A ruleset in which any one value is of another kind than nft ever writes: it is read all the same, for an archive comes from a stranger.</summary>
public sealed class NftKindsTests
{
    private const string Ruleset = """
        {"nftables": [{"metainfo": {"version": "1.0.9"}}, {"table": {"family": "inet", "name": "f"}},
        {"chain": {"family": "inet", "table": "f", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}, {"chain": {"family": "inet", "table": "f", "name": "sip"}},
        {"set": {"family": "inet", "table": "f", "name": "bad", "type": "ipv4_addr", "elem": ["192.0.2.1", {"prefix": {"addr": "198.51.100.0", "len": 24}}, {"range": ["203.0.113.1", "203.0.113.9"]}, {"elem": {"val": "192.0.2.7", "timeout": 60}}]}},
        {"map": {"family": "inet", "table": "f", "name": "ports", "type": "inet_service", "map": "verdict", "elem": [[5060, {"accept": null}], [22, {"jump": {"target": "sip"}}]]}},
        {"rule": {"family": "inet", "table": "f", "chain": "input", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}},
        {"rule": {"family": "inet", "table": "f", "chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "@bad"}}, {"counter": {"packets": 0, "bytes": 0}}, {"drop": null}]}},
        {"rule": {"family": "inet", "table": "f", "chain": "input", "expr": [{"match": {"op": "==", "left": {"fib": {"result": "type", "flags": ["daddr"]}}, "right": "local"}}, {"match": {"op": "!=", "left": {"meta": {"key": "iifname"}}, "right": "lo"}}, {"vmap": {"key": {"payload": {"protocol": "tcp", "field": "dport"}}, "data": "@ports"}}]}},
        {"rule": {"family": "inet", "table": "f", "chain": "input", "expr": [{"match": {"op": "==", "left": {"concat": [{"meta": {"key": "l4proto"}}, {"payload": {"protocol": "th", "field": "dport"}}]}, "right": {"set": [{"concat": ["udp", 5060]}, {"concat": ["tcp", {"range": [5060, 5061]}]}]}}}, {"jump": {"target": "sip"}}]}},
        {"rule": {"family": "inet", "table": "f", "chain": "sip", "expr": [{"match": {"op": "==", "left": {"&": [{"payload": {"protocol": "tcp", "field": "flags"}}, ["fin", "syn"]]}, "right": {"|": ["syn", "ack"]}}}, {"limit": {"rate": 10, "per": "second", "inv": true}}, {"reject": {"type": "tcp reset"}}]}},
        {"rule": {"family": "inet", "table": "f", "chain": "sip", "expr": [{"set": {"op": "add", "elem": {"elem": {"val": {"payload": {"protocol": "ip", "field": "saddr"}}, "timeout": 60}}, "set": "@bad", "stmt": [{"limit": {"rate": 5, "per": "minute"}}]}}, {"vmap": {"key": {"payload": {"protocol": "udp", "field": "dport"}}, "data": {"set": [[5060, {"accept": null}], [69, {"goto": {"target": "sip"}}]]}}}, {"accept": null}]}}]}
        """;

    private static readonly string[] Others = ["null", "true", "17", "-9999999999999999999", "\"\"", "\"@bad\"", "\"x\"", "[]", "[[]]", "[1]", "{}", "{\"elem\":{}}", "{\"payload\":1}", "{\"range\":[1]}"];

    [Fact]
    public void Whatever_kind_a_value_is_of_no_rule_fails()
    {
        var rules = AuditRules.All.Where(static rule => rule.Topic is AuditTopic.Firewall).ToList();
        var places = Places(JsonNode.Parse(Ruleset)!).Count;

        Assert.InRange(places, 200, 2_000);
        for (var at = 0; at < places; at++)
        {
            foreach (var other in Others)
            {
                var root = JsonNode.Parse(Ruleset)!;
                Places(root)[at](JsonNode.Parse(other));
                var pbx = new PbxSnapshot("/etc/asterisk", new MemoryFiles(), null, new Dictionary<string, string>
                {
                    [HostFact.Nft.Name] = root.ToJsonString(),
                    [HostFact.Sockets.Name] = "udp UNCONN 0 0 0.0.0.0:5060 0.0.0.0:* users:((\"asterisk\",pid=1,fd=9))\ntcp LISTEN 0 10 0.0.0.0:22 0.0.0.0:* users:((\"sshd\",pid=2,fd=9))\n",
                });

                Assert.Null(Record.Exception(() =>
                {
                    var firewall = MachineFirewall.Read(pbx);
                    _ = (firewall?.For("udp", 5060, isIPv6: false), firewall?.For("tcp", 22, isIPv6: true));
                    rules.ForEach(rule => _ = rule.Check(pbx).Count());
                }));
            }
        }
    }

    // What replaces each value of it.
    private static List<Action<JsonNode?>> Places(JsonNode node) => node switch
    {
        JsonObject body => [.. body.ToList().SelectMany(pair => (List<Action<JsonNode?>>)[other => body[pair.Key] = other, .. pair.Value is null ? [] : Places(pair.Value)])],
        JsonArray list => [.. Enumerable.Range(0, list.Count).SelectMany(at => (List<Action<JsonNode?>>)[other => list[at] = other, .. list[at] is { } value ? Places(value) : []])],
        _ => [],
    };
}

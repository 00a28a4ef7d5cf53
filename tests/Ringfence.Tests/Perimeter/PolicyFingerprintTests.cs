using System.Text.Json.Nodes;
using Ringfence.Core.Perimeter;
using Xunit;

namespace Ringfence.Tests.Perimeter;

/// <summary>What is taken for a change of the policy's rules by somebody's hand.</summary>
public sealed class PolicyFingerprintTests
{
    private const string Trial = """{"nftables": [{"set": {"family": "inet", "name": "trial", "table": "ringfence_policy"}}]}""";

    [Fact]
    public void The_same_rules_have_the_same_fingerprint_in_any_generation_and_with_any_handles()
    {
        var one = Read(Listing("g1", 1));
        var other = Read(Listing("g7", 200));

        Assert.Equal(one.ConfirmedRules, other.ConfirmedRules);
        Assert.True(one.HasOwnHook && other.HasOwnHook);
    }

    [Fact]
    public void Any_rule_that_is_gone_doubled_moved_or_changed_shows()
    {
        var right = Read(Listing("g2", 1));
        var rules = Listing("g2", 1)["nftables"]!.AsArray().Index().Where(static item => item.Item!["rule"] is not null).Select(static item => item.Index).ToList();
        foreach (var at in rules)
        {
            // How many rules a chain of countries has is its database's.
            var isOfCountries = Listing("g2", 1)["nftables"]![at]!["rule"]!["chain"]!.GetValue<string>().Contains("_geo-", StringComparison.Ordinal);
            foreach (var change in (Action<JsonArray>[])[
                items => items.RemoveAt(at),
                items => items.Insert(at, isOfCountries ? Rule("g2_in", """[{"accept": null}]""") : items[at]!.DeepClone()),
                items => items.Insert(at, JsonNode.Parse("""{"rule": {"family": "inet", "table": "ringfence_policy", "chain": "CHAIN", "handle": 900, "expr": [{"accept": null}]}}""".Replace("CHAIN", items[at]!["rule"]!["chain"]!.GetValue<string>(), StringComparison.Ordinal))),
                items => items[at]!["rule"]!["expr"]!.AsArray().RemoveAt(isOfCountries ? 1 : 0)])
            {
                var listing = Listing("g2", 1);
                change(listing["nftables"]!.AsArray());
                var changed = Read(listing);

                Assert.False(changed.ConfirmedRules == right.ConfirmedRules && changed.HasOwnHook && changed.Confirmed == right.Confirmed, $"rule {at}: {listing}");
            }
        }
    }

    [Fact]
    public void What_a_newer_database_makes_of_a_chain_of_countries_is_no_change()
    {
        var newer = Listing("g2", 1);
        newer["nftables"]!.AsArray().Add(Rule("g2_geo-not_bad", """[{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "@g2_geo-not_bad_g3_4_24"}}, {"goto": {"target": "g2_not_bad"}}]"""));

        Assert.Equal(Read(Listing("g2", 1)).ConfirmedRules, Read(newer).ConfirmedRules);
    }

    private static PolicyState Read(JsonNode listing) => PolicyStateReader.Read(listing.ToJsonString(), Trial)!;

    private static JsonNode Rule(string chain, string expressions, int handle = 1) =>
        JsonNode.Parse($$$"""{"rule": {"family": "inet", "table": "ringfence_policy", "chain": "{{{chain}}}", "handle": {{{handle}}}, "expr": {{{expressions}}}}}""")!;

    private static JsonObject Listing(string generation, int handle)
    {
        var items = new JsonArray(
            JsonNode.Parse($$$"""{"table": {"family": "inet", "name": "ringfence_policy", "handle": {{{handle}}}}}"""),
            JsonNode.Parse("""{"chain": {"family": "inet", "table": "ringfence_policy", "name": "arriving", "handle": 1, "type": "filter", "hook": "input", "prio": -5, "policy": "accept"}}"""));
        foreach (var chain in (string[])["in", "service_ssh", "geo-not_bad", "geo-not_bad_near", "not_bad"])
        {
            items.Add(JsonNode.Parse($$$"""{"chain": {"family": "inet", "table": "ringfence_policy", "name": "{{{generation}}}_{{{chain}}}", "handle": {{{handle}}}}}"""));
        }

        var mark = Rule("arriving", $$$"""[{"goto": {"target": "{{{generation}}}_in"}}]""", handle);
        mark["rule"]!["comment"] = "policy 0123456789abcdef";
        items.Add(mark);
        items.Add(Rule($"{generation}_in", """[{"match": {"op": "==", "left": {"meta": {"key": "iif"}}, "right": "lo"}}, {"accept": null}]""", handle));
        items.Add(Rule($"{generation}_in", $$$"""[{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 22}}, {"jump": {"target": "{{{generation}}}_service_ssh"}}]""", handle));
        items.Add(Rule($"{generation}_in", """[{"counter": "refused"}, {"drop": null}]""", handle));
        items.Add(Rule($"{generation}_service_ssh", $$$"""[{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "@{{{generation}}}_zone_admin4"}}, {"accept": null}]""", handle));
        items.Add(Rule($"{generation}_geo-not_bad", $$$"""[{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "@{{{generation}}}_geo-not_bad_g1_4_16"}}, {"goto": {"target": "{{{generation}}}_not_bad"}}]""", handle));
        return new JsonObject { ["nftables"] = items };
    }
}

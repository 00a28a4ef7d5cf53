using System.Text;
using System.Text.Json;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class NftListingTests
{
    private readonly List<string> _asked = [];

    [Fact]
    public async Task Without_large_sets_of_ours_the_ruleset_is_asked_for_as_a_whole()
    {
        var listing = await ReadAsync(new()
        {
            ["-j list tables"] = """{"nftables": [{"metainfo": {}}, {"table": {"family": "inet", "name": "ringfence"}}]}""",
            ["-j list ruleset"] = """{"nftables": []}""",
        });

        Assert.Equal("""{"nftables": []}""", listing);
    }

    [Fact]
    public async Task Blocklists_and_countries_are_never_printed_and_everything_else_is()
    {
        var listing = await ReadAsync(new()
        {
            ["-j list tables"] = """{"nftables": [{"table": {"family": "inet", "name": "ringfence_lists"}}, {"table": {"family": "inet", "name": "ringfence_policy"}}, {"table": {"family": "ip", "name": "filter"}}]}""",
            ["-j -t list ruleset inet"] = """{"nftables": [{"metainfo": {}}, {"set": {"table": "ringfence_lists", "name": "g1_4_24"}}, {"set": {"table": "ringfence_policy", "name": "g1_zone_admin4"}}, {"set": {"table": "ringfence_policy", "name": "g1_geo-from_far_g1_4_24"}}, {"chain": {"table": "ringfence_policy", "name": "g1_in"}}]}""",
            ["-j list set inet ringfence_policy g1_zone_admin4"] = """{"nftables": [{"metainfo": {}}, {"set": {"name": "g1_zone_admin4", "elem": ["192.0.2.1"]}}]}""",
            ["-j list table ip filter"] = """{"nftables": [{"metainfo": {}}, {"chain": {"name": "INPUT"}}]}""",
        });

        using var document = JsonDocument.Parse(listing!);
        Assert.Equal(
            ["""{"set":{"name":"g1_zone_admin4","elem":["192.0.2.1"]}}""", """{"chain":{"table":"ringfence_policy","name":"g1_in"}}""", """{"chain":{"name":"INPUT"}}"""],
            document.RootElement.GetProperty("nftables").EnumerateArray().Select(static item => item.ToString().Replace(" ", "", StringComparison.Ordinal)));
        Assert.DoesNotContain("-j list ruleset", _asked);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("[]")]
    public async Task What_is_no_list_of_tables_leads_to_the_whole_ruleset(string tables) =>
        Assert.Equal("all", await ReadAsync(new() { ["-j list tables"] = tables, ["-j list ruleset"] = "all" }));

    [Fact]
    public async Task Half_a_listing_is_none() => Assert.Null(await ReadAsync(new()
    {
        ["-j list tables"] = """{"nftables": [{"table": {"family": "inet", "name": "ringfence_policy"}}]}""",
        ["-j -t list ruleset inet"] = """{"nftables": [{"set": {"table": "ringfence_policy", "name": "g1_zone_admin4"}}]}""",
    }));

    private async Task<string?> ReadAsync(Dictionary<string, string> answers)
    {
        var answer = await NftListing.ReadAsync(arguments =>
        {
            var asked = string.Join(' ', arguments);
            _asked.Add(asked);
            return Task.FromResult(answers.TryGetValue(asked, out var said) ? new CommandAnswer(Encoding.UTF8.GetBytes(said), null) : new CommandAnswer([], "nft ended with code 1"));
        });
        return answer.Problem is null ? Encoding.UTF8.GetString(answer.Output) : null;
    }
}

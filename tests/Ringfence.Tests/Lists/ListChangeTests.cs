using Ringfence.Core.Events;
using Ringfence.Core.Lists;
using Xunit;

namespace Ringfence.Tests.Lists;

public sealed class ListChangeTests
{
    [Fact]
    public void A_list_of_the_whole_internet_in_pieces_is_refused_and_an_operator_may_force_it()
    {
        var everything = Reading(Enumerable.Range(1, 223).Select(static at => $"{at}.0.0.0/8"));
        var everything6 = Reading(Enumerable.Range(0x2000, 0x2000).Select(static at => $"{at:x}::/16"));

        Assert.Contains("16th of all public IPv4", ListChange.Refusal(everything, null, 1_000_000, isForced: false), StringComparison.Ordinal);
        Assert.Contains("16th of all public IPv6", ListChange.Refusal(everything6, null, 1_000_000, isForced: false), StringComparison.Ordinal);
        Assert.Null(ListChange.Refusal(everything, null, 1_000_000, isForced: true));
    }

    [Fact]
    public void Networks_that_nobody_has_do_not_count_and_a_large_list_of_attackers_is_taken()
    {
        var bogons = Reading(["0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "224.0.0.0/8", "225.0.0.0/8", "240.0.0.0/8", "250.0.0.0/8", "fc00::/16", "fe80::/16"]);
        var attackers = Reading(Enumerable.Range(0, 200).Select(static at => $"45.{at}.0.0/16"));

        Assert.Null(ListChange.Refusal(bogons, null, 1_000_000, isForced: false));
        Assert.Null(ListChange.Refusal(attackers, 190, 1_000_000, isForced: false));
    }

    [Fact]
    public void One_entry_many_times_is_one_when_a_list_shrinks() =>
        Assert.Contains("shrank from 1000 entries to 1", ListChange.Refusal(Reading(Enumerable.Repeat("192.0.2.1", 600)), 1000, 1_000_000, isForced: false), StringComparison.Ordinal);

    private static ListReading Reading(IEnumerable<string> entries) => new() { Entries = [.. entries.Select(static text => Network.Parse(text)!.Value)] };
}

using Ringfence.Core.Dialplan;
using Ringfence.Tests.Pbx;
using Xunit;

namespace Ringfence.Tests.Dialplan;

public sealed class PlanReachPropertyTests
{
    private const int Plans = 700;
    private const int Longest = 4;

    [Fact]
    public void Every_way_to_a_trunk_is_found_and_none_that_is_not_there()
    {
        var trunks = 0;
        for (var seed = 0; seed < Plans; seed++)
        {
            var calls = new RandomCalls(seed, "c", firstLine: 3);
            var text = "[globals]\nV=7\nGOSUB_RETVAL=8\n" + calls.Text;
            var plan = Plan.Read("/etc", new MemoryFiles().With("/etc/extensions.conf", text));

            var reach = PlanReach.From(plan, new PlanEntry(calls.Entry, Languages.Repeat(calls.Characters, 1)), (_, resource) => resource is null ? ExitKind.Unknown : ExitKind.Trunk);

            Assert.Equal([], reach.Unknowns);
            foreach (var number in Numbers(calls.Characters))
            {
                var truth = calls.Run(plan, number).Select(static exit => $"{exit.Number}@c{exit.Trunk}").Order(StringComparer.Ordinal).Distinct().ToList();
                var told = reach.Exits.Where(exit => exit.Inputs[0].Contains(number)).Select(exit => $"{exit.Number.For([number])}@{exit.Resource}").Order(StringComparer.Ordinal).Distinct().ToList();
                trunks += truth.Count;
                Assert.True(truth.SequenceEqual(told), $"seed {seed}, number {number}: a call dials {string.Join(' ', truth)}; told {string.Join(' ', told)}\n{text}");
            }

            Assert.Equal([], reach.Exits.SelectMany(static exit => exit.Assumptions).Select(assumption => $"seed {seed}: {assumption}"));
            Assert.All(reach.Exits, exit => Assert.Contains((exit.Resource![1..], exit.Sent()!), calls.Run(plan, exit.Witness()[0])));
        }

        Assert.True(trunks > Plans * 10, "too few calls reach a trunk: the test would prove little");
    }

    private static IEnumerable<string> Numbers(string characters)
    {
        IEnumerable<string> longest = [""];
        for (var length = 1; length <= Longest; length++)
        {
            longest = [.. longest.SelectMany(number => characters.Select(c => number + c))];
            foreach (var number in longest)
            {
                yield return number;
            }
        }
    }
}

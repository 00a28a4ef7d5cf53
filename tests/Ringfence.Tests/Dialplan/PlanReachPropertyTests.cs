using System.Globalization;
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

    [Fact]
    public void A_line_that_does_nothing_before_each_extension_changes_no_way()
    {
        var typed = 0;
        for (var seed = 0; seed < Plans; seed++)
        {
            var text = "[in]\nexten => _[129].,1,Goto(c0,${EXTEN:1},1)\nexten => 0,1,Answer()\n same => n,Background(menu)\n same => n,WaitExten(5)\ninclude => c0\n" + new RandomCalls(seed, "c", firstLine: 0).Text;
            var asItIs = Ways(text);
            typed += asItIs.Count(static way => way.Contains("typed", StringComparison.Ordinal));

            Assert.True(asItIs.SequenceEqual(Ways(WithIdleLines(text))), $"seed {seed}: {string.Join(' ', asItIs)}; with a NoOp before each extension {string.Join(' ', Ways(WithIdleLines(text)))}\n{text}");
        }

        Assert.True(typed > Plans, "too few ways are typed: the test would prove little");
    }

    private static List<string> Ways(string text)
    {
        var reach = PlanReach.From(Plan.Read("/etc", new MemoryFiles().With("/etc/extensions.conf", text)), new PlanEntry("in", Languages.Keys), static (_, resource) => resource is null ? ExitKind.Unknown : ExitKind.Trunk);
        return [.. reach.Exits.Select(static exit => $"{exit.Resource}:{exit.Number.Key}:{string.Join(',', exit.Order.Select(static order => order == 0 ? "dialled" : "typed"))}{(exit.IsTyped ? " after a prompt" : "")}").Distinct().Order(StringComparer.Ordinal)];
    }

    // Priorities that are named by their number move by one.
    private static string WithIdleLines(string text) => string.Join('\n', text.Split('\n').Select(static line =>
    {
        var moved = line.Contains("GotoIf(", StringComparison.Ordinal) && line.LastIndexOf(':') is var colon && int.TryParse(line[(colon + 1)..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var priority) ? $"{line[..(colon + 1)]}{priority + 1})" : line;
        return moved.StartsWith("exten => ", StringComparison.Ordinal) && moved.IndexOf(",1,", StringComparison.Ordinal) is var first ? $"{moved[..first]},1,NoOp()\n same => n,{moved[(first + 3)..]}" : moved;
    }));

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

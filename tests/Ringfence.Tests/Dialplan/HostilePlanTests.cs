using Ringfence.Core.Dialplan;
using Xunit;

namespace Ringfence.Tests.Dialplan;

/// <summary>Dialplans that were made to keep us busy, or to end us: what is walked of them is bounded, and that it was not all is said.</summary>
public sealed class HostilePlanTests
{
    private const long Megabyte = 1 << 20;

    [Theory]
    [InlineData("While($[)")]
    [InlineData("While(${)")]
    [InlineData("GotoIf($[1=${]?1)")]
    [InlineData("GotoIf($[\"${DB(a)}\"=${]?1)")]
    [InlineData("ExecIf($[${?NoOp())")]
    [InlineData("Set(a=${${)")]
    [InlineData("Dial(PJSIP/${${IF($[?a:b)}@trunk)")]
    [InlineData("NoOp(${SHELL()")]
    [InlineData("Gosub(${,1,1(${)")]
    [InlineData("Dial(,,L()G(U(")]
    public void A_text_that_is_not_closed_ends_nothing(string line) => Assert.NotNull(Walk($"[in]\nexten => _X.,1,{line}\n same => n,{line}\n", out _));

    [Fact]
    public void A_text_that_doubles_itself_in_parts_is_not_known()
    {
        var lines = string.Concat(Enumerable.Repeat(" same => n,Set(a=${a:1}${a:1})\n", 200));

        var before = GC.GetAllocatedBytesForCurrentThread();
        var reach = Walk($"[in]\nexten => _X.,1,Set(a=${{EXTEN}})\n{lines} same => n,Dial(PJSIP/${{a}}@trunk)\n", out _);

        Assert.Single(reach.Trunks());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500 * Megabyte);
    }

    [Theory]
    [InlineData("${IF(", "?a:b)}")]
    [InlineData("$[\"${IF(", "?a:b)}\" = \"1\"]")]
    [InlineData("$[", "]")]
    [InlineData("${FILTER(", ",1)}")]
    [InlineData("${LEN(", ")}")]
    [InlineData("${EXTEN:${LEN(", ")}}")]
    [InlineData("$[!(", ")]")]
    public void A_condition_in_a_condition_a_thousand_deep_is_not_known(string begin, string end)
    {
        var condition = string.Concat(Enumerable.Repeat(begin, 1_000)) + "${EXTEN}" + string.Concat(Enumerable.Repeat(end, 1_000));

        var before = LanguageWork.Done;
        Assert.NotNull(Walk($"[in]\nexten => _X.,1,GotoIf({condition}?3)\n same => n,Hangup()\n same => n,Dial(PJSIP/${{EXTEN}}@trunk)\n", out _));
        Assert.InRange(LanguageWork.Done - before, 0, 20_000_000);
    }

    [Fact]
    public void Two_thousand_long_variables_are_no_thousand_megabytes()
    {
        var lines = string.Concat(Enumerable.Range(0, 1_900).Select(static at => $" same => n,Set(v{at}=${{LONG}})\n"));

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var search = Walk($"[globals]\nLONG={new string('1', 8_000)}\n[in]\nexten => _X.,1,NoOp()\n{lines} same => n,Dial(PJSIP/${{EXTEN}}@trunk)\n", out var walk);

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 300 * Megabyte);
        Assert.True(walk.IsCut || search.Trunks().Count > 0);
        GC.KeepAlive(search);
        GC.KeepAlive(walk);
    }

    [Fact]
    public void A_list_of_channels_in_each_of_ten_thousand_lines_is_cut_and_that_is_said()
    {
        var lines = string.Concat(Enumerable.Range(0, 10_000).Select(static at => $"exten => {at},1,Dial(${{ALL}})\n"));

        var reach = Walk($"[globals]\nALL={string.Join('&', Enumerable.Range(0, 700).Select(static at => $"SIP/t{at}"))}\n[in]\n{lines}", out var walk);

        Assert.True(walk.IsCut);
        Assert.InRange(reach.Exits.Count, 1, 1_500_000);
    }

    [Fact]
    public void Names_that_are_made_of_each_other_are_each_read_once()
    {
        const int Names = 20_000;
        var lines = string.Concat(Enumerable.Range(1, Names).Select(static at => $" same => n,Set(v{at}=${{v{at - 1}}})\n"));

        var search = new CallSearch(PlanTests.Read($"[in]\nexten => _X.,1,Set(v0=1)\n{lines} same => n,Dial(PJSIP/${{v{Names}}}@trunk)\n"));

        Assert.True(search.IsDialling("v0"));
        Assert.False(search.IsDialling("w"));
    }

    private static PlanReach Walk(string text, out CallWalk walk)
    {
        walk = new CallWalk(new CallSearch(PlanTests.Read(text)), static (_, _) => ExitKind.Trunk) { Limit = 12_000 };
        return walk.Run(new PlanEntry("in", Languages.Dialled));
    }
}

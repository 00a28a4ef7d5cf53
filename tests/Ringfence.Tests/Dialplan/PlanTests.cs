using Ringfence.Core.Dialplan;
using Ringfence.Tests.Pbx;
using Xunit;

namespace Ringfence.Tests.Dialplan;

public sealed class PlanTests
{
    [Fact]
    public void A_narrow_pattern_goes_before_a_wide_one_and_a_name_before_both()
    {
        var plan = Read("""
            [c]
            exten => _X.,1,Return(rest)
            exten => _NXX,1,Return(three)
            exten => 200,1,Return(name)
            exten => _2XX,1,Return(two)
            exten => _[2-3]XX,1,Return(set)
            """);

        Assert.Equal("name", Mark(plan, "200"));
        Assert.Equal("two", Mark(plan, "201"));
        Assert.Equal("set", Mark(plan, "301"));
        Assert.Equal("three", Mark(plan, "401"));
        Assert.Equal("rest", Mark(plan, "101"));
        Assert.Null(Mark(plan, "4"));
    }

    [Fact]
    public void A_priority_that_the_best_match_lacks_is_looked_for_in_the_next_one()
    {
        var plan = Read("""
            [c]
            exten => 911,1,Return(own)
            exten => _X.,1,Return(first)
            exten => _X.,2,Return(second)
            """);

        Assert.Equal("own", Mark(plan, "911"));
        Assert.Equal("second", Mark(plan, "911", 2));
    }

    [Fact]
    public void What_is_included_comes_after_everything_of_the_context_itself()
    {
        var plan = Read("""
            [c]
            include => d
            exten => _X.,1,Return(own)
            [d]
            exten => 100,1,Return(other)
            exten => *1,1,Return(star)
            include => c
            """);

        Assert.Equal("own", Mark(plan, "100"));
        Assert.Equal("star", Mark(plan, "*1"));
        Assert.Equal("d", plan.Find("c", "*1")!.Via[0].Context);
        Assert.Null(plan.Find("c", "#"));
    }

    [Fact]
    public void Hyphens_and_blanks_count_nowhere_but_in_sets()
    {
        var plan = Read("""
            [c]
            exten => _1-NXX XX,1,Return(grouped)
            exten => 3-3,1,Return(name)
            """);

        Assert.Equal("grouped", Mark(plan, "123-456"[..7]));
        Assert.Equal("name", Mark(plan, "33"));
        Assert.Equal("name", Mark(plan, "-3-3-"));
    }

    [Fact]
    public void An_extension_for_one_caller_goes_before_that_for_all()
    {
        var plan = Read("""
            [c]
            exten => 1,1,Return(all)
            exten => 1/200,1,Return(one)
            exten => 1/_3X,1,Return(some)
            exten => 1/,1,Return(none)
            """);

        Assert.Equal("all", Mark(plan, "1", caller: "100"));
        Assert.Equal("one", Mark(plan, "1", caller: "200"));
        Assert.Equal("some", Mark(plan, "1", caller: "35"));
        Assert.Equal("none", Mark(plan, "1", caller: null));
    }

    [Fact]
    public void Two_names_of_one_pattern_share_their_priorities()
    {
        var plan = Read("""
            [c]
            exten => _X,1,Return(first)
            exten => _[0-9],1,Return(ignored)
            exten => _[0-9],2,Return(second)
            """);

        Assert.Equal("first", Mark(plan, "5"));
        Assert.Equal("second", Mark(plan, "5", 2));
        Assert.Contains("extensions.conf:3: priority 1 of _[0-9] stands already in extensions.conf:2 under the name _X", Assert.Single(plan.Problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Priorities_are_counted_as_Asterisk_counts_them()
    {
        var plan = Read("""
            [c]
            exten => a,1,Return(1)
            same => n(here),Return(2)
            same => n+10,Return(13)
            same => here+5,Return(7)
            exten => b,n,Return(8)
            """);

        Assert.Equal("2", Mark(plan, "a", 2));
        Assert.Equal("13", Mark(plan, "a", 13));
        Assert.Equal("7", Mark(plan, "a", 7));
        Assert.Equal("8", Mark(plan, "b", 8));
        Assert.Equal(2, plan.FindLabel("c", "a", "here")!.Priority.Number);
        Assert.Empty(plan.Problems);
    }

    [Theory]
    [InlineData("same => n,NoOp()", "there is no extension above")]
    [InlineData("exten => 1,n,NoOp()", "can't be the first priority")]
    [InlineData("exten => 1,0,NoOp()", "is no priority: expected 1 or more")]
    [InlineData("exten => 1,there,NoOp()", "is no priority and no label above")]
    [InlineData("exten => 1,1(x,NoOp()", "the label has no closing )")]
    [InlineData("exten => 1,1,NoOp(", "NoOp( has no closing parenthesis")]
    [InlineData("exten => 1,hint,PJSIP/1\nsame => n,NoOp()", "directly behind a hint is no priority")]
    [InlineData("extn => 1,1,NoOp()", "is no directive of a dialplan")]
    [InlineData("include => nowhere", "which extensions.conf does not have")]
    public void What_Asterisk_ignores_is_told_with_its_place(string line, string problem)
    {
        var plan = Read("[c]\n" + line);

        var told = Assert.Single(plan.Problems);
        Assert.Contains(problem, told.Text, StringComparison.Ordinal);
        Assert.Equal(line.Contains('\n', StringComparison.Ordinal) ? 3 : 2, told.Place.Line);
    }

    [Fact]
    public void Globals_are_put_into_names_and_includes()
    {
        var plan = Read("""
            [globals]
            BASE=12
            NUMBER=${BASE}34
            [c]
            exten => ${NUMBER:1},1,Return(x)
            include => ${BASE}
            [12]
            exten => y,1,Return(y)
            """);

        Assert.Equal("1234", plan.Globals["NUMBER"]);
        Assert.Equal("x", Mark(plan, "234"));
        Assert.Equal("y", Mark(plan, "y"));
    }

    [Fact]
    public void An_application_ends_at_the_last_parenthesis()
    {
        var plan = Read("""
            [c]
            exten => 1,1,GotoIf($["${A}" = ")"]?x:y) ; a comment
            exten => 1,2,Hangup
            exten => 1,3,Set(A=${IF($[1]?(a):b)}) behind
            """);

        Assert.Equal(("GotoIf", "$[\"${A}\" = \")\"]?x:y"), Call(plan, 1));
        Assert.Equal(("Hangup", ""), Call(plan, 2));
        Assert.Equal(("Set", "A=${IF($[1]?(a):b)}"), Call(plan, 3));
    }

    [Fact]
    public void A_search_looks_into_128_contexts_and_no_further()
    {
        var text = string.Concat(Enumerable.Range(0, 130).Select(i => $"[c{i}]\nexten => {i},1,Return({i})\ninclude => c{i + 1}\n"));

        var plan = Read(text);

        Assert.Equal("127", plan.Find("c0", "127")!.Priority.Arguments);
        Assert.Null(plan.Find("c0", "128"));
    }

    // By day c leads to d and by night to e, and both go on to f; f is met on each way, but after an include that always holds only once.
    [Fact]
    public void What_is_included_at_certain_times_is_met_again_on_the_other_way()
    {
        var plan = Read("[c]\ninclude => d,8:00-18:00,*,*,*\ninclude => e,18:00-8:00,*,*,*\ninclude => g\ninclude => f\n[d]\ninclude => f\n[e]\ninclude => f\n[g]\ninclude => f\n[f]\nexten => 1,1,NoOp()");

        var visits = plan.Visits("c").Select(static visit => $"{string.Join('>', visit.Via.Select(static include => include.Context))}{(visit.IsTimed ? " at times" : "")}");

        Assert.Equal(["", "d at times", "d>f at times", "e at times", "e>f at times", "g", "g>f"], visits);
        Assert.False(plan.IsCut);
    }

    [Fact]
    public void Includes_at_certain_times_that_lead_to_each_other_are_followed_so_far_and_the_rest_is_told()
    {
        var plan = Read(string.Concat(Enumerable.Range(0, 60).Select(static n => $"[c{n}]\n" + string.Concat(Enumerable.Range(0, 60).Select(static m => $"include => c{m},8:00-18:00,*,*,*\n")))));

        var visits = plan.Visits("c0").ToList();

        Assert.Equal(60, visits.DistinctBy(static visit => visit.Context).Count());
        Assert.InRange(visits.Count, 60, 60 * 8);
        Assert.True(plan.IsCut);
    }

    [Fact]
    public void A_switch_ends_what_is_known()
    {
        var plan = Read("[c]\nexten => 1,1,Return(1)\nswitch => Realtime\ninclude => d\n[d]\nexten => _X,1,Return(d)");

        Assert.Equal("1", Mark(plan, "1"));
        Assert.Null(Mark(plan, "2"));
    }

    [Fact]
    public void A_million_hostile_bytes_are_read_without_an_exception()
    {
        var random = new Random(7);
        const string Alphabet = "exten=>same,include(){}[]${}:_XZN.!-/\\\"\n\n\n+ 019na;|&";
        var text = new string([.. Enumerable.Range(0, 1_000_000).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);

        var plan = Read("[c]\n" + text.Replace("\n", random.Next(2) == 0 ? "\nexten => " : "\nsame => ", StringComparison.Ordinal));

        Assert.NotEmpty(plan.Problems);
    }

    internal static Plan Read(string text) => Plan.Read("/etc/asterisk", new MemoryFiles().With("/etc/asterisk/extensions.conf", text));

    private static string? Mark(Plan plan, string number, int priority = 1, string? caller = "100") => plan.Find("c", number, priority, caller)?.Priority.Arguments;

    private static (string, string) Call(Plan plan, int priority) => plan.Find("c", "1", priority) is { Priority: var found } ? (found.Application, found.Arguments) : default;
}

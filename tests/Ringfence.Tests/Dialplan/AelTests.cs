using System.Text;
using Ringfence.Core.Dialplan;
using Ringfence.Tests.Pbx;
using Xunit;

namespace Ringfence.Tests.Dialplan;

public sealed class AelTests
{
    [Fact]
    public void A_number_finds_what_stands_in_ael_beside_what_stands_in_extensions_conf()
    {
        var plan = Read("context internal { _1XX => Dial(PJSIP/${EXTEN}); includes { outside; } };", "[outside]\nexten => _9X.,1,Dial(PJSIP/${EXTEN:1}@trunk)\n");

        var near = plan.Find("internal", "101");
        var far = plan.Find("internal", "9123");

        Assert.Equal(("Dial", "PJSIP/${EXTEN}", "extensions.ael:1"), (near!.Priority.Application, near.Priority.Arguments, near.Priority.Place.ToString()));
        Assert.Equal("outside", far!.Context.Name);
        Assert.Empty(plan.Problems);
    }

    [Fact]
    public void An_if_goes_where_asterisk_goes()
    {
        var plan = Read("context c { 1 => { if (${x}) { NoOp(yes); } else { NoOp(no); } NoOp(after); } };");

        Assert.Equal(["GotoIf($[${x}]?2:4)", "NoOp(yes)", "Goto(5)", "NoOp(no)", "NoOp()", "NoOp(after)"], Steps(plan, "c", "1"));
    }

    [Fact]
    public void A_time_leads_past_the_goto_behind_it()
    {
        var plan = Read("context c { 1 => ifTime(9:00-17:00|mon-fri|*|*) NoOp(day); };");

        Assert.Equal(["GotoIfTime(9:00-17:00,mon-fri,*,*?3)", "Goto(4)", "NoOp(day)", "NoOp()"], Steps(plan, "c", "1"));
    }

    [Fact]
    public void A_case_reads_the_number_that_was_dialled_from_its_copy()
    {
        var plan = Read("context c { _X => { switch (${EXTEN}) { case 1: NoOp(${EXTEN}); default: Hangup(); } } };");

        Assert.Equal(["MSet(~~EXTEN~~=${EXTEN})", "Goto(sw_1_${~~EXTEN~~},10)", "NoOp()"], Steps(plan, "c", "1"));
        Assert.Equal("NoOp(${~~EXTEN~~})", Text(plan.Find("c", "sw_1_1", 10)!.Priority));
        Assert.Equal("Goto(sw_1_.,10)", Text(plan.Find("c", "sw_1_1", 11)!.Priority));
        Assert.Equal("Hangup()", Text(plan.Find("c", "sw_1_7", 10)!.Priority));
    }

    [Fact]
    public void A_macro_is_a_context_with_a_subroutine()
    {
        var plan = Read("macro ring(who) { Dial(${who},20); }; context c { 1 => &ring(PJSIP/a); };");

        Assert.Equal(["Gosub(ring,~~s~~,1(PJSIP/a))"], Steps(plan, "c", "1"));
        Assert.Equal(["MSet(LOCAL(who)=${ARG1})", "Dial(${who},20)", "Return()"], Steps(plan, "ring", "~~s~~"));
    }

    [Fact]
    public void Comments_are_none_inside_of_words_that_hold_them()
    {
        var plan = Read("context c { // one\n /* two\n */ 1 => { Playback(http://192.0.2.1/a); // three\n } };");

        Assert.Equal(["Playback(http://192.0.2.1/a)"], Steps(plan, "c", "1"));
        Assert.Equal(3, plan.Find("c", "1")!.Priority.Place.Line);
    }

    [Fact]
    public void An_included_file_is_read_and_named_in_places()
    {
        var files = new MemoryFiles().With("/etc/asterisk/extensions.ael", "#include \"more.ael\"\ncontext c { 1 => Hangup(); };\n").With("/etc/asterisk/more.ael", "\ncontext d { 1 => NoOp(); };\n");

        var plan = Plan.Read("/etc/asterisk", files);

        Assert.Equal("more.ael:2", plan.Find("d", "1")!.Priority.Place.ToString());
        Assert.NotNull(plan.Find("c", "1"));
    }

    [Theory]
    [InlineData("context c { 1 => Dial(PJSIP/a; }", 1)]
    [InlineData("context c {\n 1 => Dial(PJSIP/a)\n", 3)]
    [InlineData("context c {\n 1 = Dial(x)) };", 2)]
    [InlineData("contxt c { };", 1)]
    [InlineData("context c { 1 => { if (${x} Hangup(); } };", 1)]
    [InlineData("#include \"extensions.ael\"\n", 1)]
    public void A_mistake_is_told_with_its_line_and_nothing_of_the_file_is_taken(string text, int line)
    {
        var plan = Read(text);

        var problem = Assert.Single(plan.Problems);
        Assert.Equal(("extensions.ael", line), (problem.Place.File, problem.Place.Line));
        Assert.True(problem.StopsReading);
        Assert.Empty(plan.Contexts);
    }

    [Fact]
    public void Whatever_is_done_to_a_file_it_is_read_or_refused()
    {
        const string Sample = "globals { A=1; };\nmacro m(a, b) { Dial(${a}/${b},20); switch(${DIALSTATUS}) { case BUSY: Voicemail(${b},b); break; pattern N.: goto x; default: return; } x: catch a { Hangup(); } };\n"
            + "context c { includes { d; e|9:00-17:00|*|*|*; } ignorepat => 9; hint(PJSIP/1) 1 => { for (x=0; ${x} < 3; x=${x}+1) { Verbose(${x}); } while (${x}) { continue; } random(5) jump 1@d; } 2/5 => &m(a,b); };\n";
        var random = new Random(20_261_122);
        for (var round = 0; round < 4_000; round++)
        {
            var text = new StringBuilder(Sample);
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                var at = random.Next(text.Length);
                _ = random.Next(3) switch
                {
                    0 => text.Remove(at, Math.Min(random.Next(1, 12), text.Length - at)),
                    1 => text.Insert(at, "{}()[];=>,:&|@$\\\"/*\n#"[random.Next(21)]),
                    _ => text.Insert(at, text.ToString(at, Math.Min(random.Next(1, 40), text.Length - at))),
                };
            }

            var plan = Read(text.ToString());

            Assert.True(plan.Problems.Count(problem => problem.StopsReading) <= 1);
        }
    }

    [Fact]
    public void Blocks_that_are_ten_thousand_deep_are_refused_and_not_followed()
    {
        var plan = Read($"context c {{ 1 => {new string('{', 10_000)}");

        Assert.Contains("deep", Assert.Single(plan.Problems).Text, StringComparison.Ordinal);
    }

    private static Plan Read(string ael, string conf = "") =>
        Plan.Read("/etc/asterisk", new MemoryFiles().With("/etc/asterisk/extensions.ael", ael).With("/etc/asterisk/extensions.conf", conf));

    private static IEnumerable<string> Steps(Plan plan, string context, string number) =>
        Enumerable.Range(1, 20).Select(priority => plan.Find(context, number, priority)).TakeWhile(match => match is not null).Select(match => Text(match!.Priority));

    private static string Text(PlanPriority priority) => $"{priority.Application}({priority.Arguments})";
}

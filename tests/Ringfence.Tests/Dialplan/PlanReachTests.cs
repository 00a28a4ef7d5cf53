using Ringfence.Core.Dialplan;
using Xunit;

namespace Ringfence.Tests.Dialplan;

public sealed class PlanReachTests
{
    private static readonly NumberLanguage International = Languages.Fitting("_00.");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public void A_walk_that_ends_at_its_limit_says_so(int limit)
    {
        const string Lines = """
            [in]
            exten => _X.,1,Goto(other,${EXTEN},1)
            [other]
            exten => _X.,1,Goto(in,1${EXTEN},1)
            """;
        var walk = new CallWalk(new CallSearch(PlanTests.Read(Lines)), static (_, _) => ExitKind.Trunk) { Limit = limit };

        Assert.Contains(walk.Run(new PlanEntry("in", Languages.Dialled)).Unknowns, unknown => unknown.Text.Contains("more ways", StringComparison.Ordinal));
    }

    [Fact]
    public void A_way_that_sets_thousands_of_variables_is_followed_so_far_and_the_rest_is_told()
    {
        var lines = string.Concat(Enumerable.Range(0, 30).Select(static line => $" same => n,Set(ARRAY({string.Join(',', Enumerable.Range(0, 100).Select(name => $"v{line}x{name}"))})=1)\n"));
        var plan = PlanTests.Read($"[in]\nexten => 1,1,NoOp()\n{lines} same => n,Dial(PJSIP/1@trunk)\n");

        var reach = PlanReach.From(plan, new PlanEntry("in", Languages.Only("1")), static (_, _) => ExitKind.Trunk);

        Assert.Contains(reach.Unknowns, static unknown => unknown.Text.Contains("more variables", StringComparison.Ordinal));
    }

    [Fact]
    public void Three_lines_that_ask_for_endless_numbers_are_cut_and_that_is_said()
    {
        var walk = new CallWalk(new CallSearch(PlanTests.Read("""
            [in]
            exten => _X!,1,Goto(in,1${EXTEN},1)
            exten => _XX!,1,Goto(${EXTEN}${EXTEN},1)
            exten => _XXX!,1,Dial(PJSIP/${EXTEN}@trunk)
            """)), static (_, _) => ExitKind.Trunk) { Limit = 1_000 };

        var reach = walk.Run(new PlanEntry("in", Languages.Dialled));

        Assert.NotEmpty(reach.Exits);
        Assert.NotEmpty(reach.Unknowns);
    }

    [Theory]
    [InlineData("Goto(${EXTEN:1},1)")]
    [InlineData("Set(DID=${EXTEN})\n same => n,Goto(${EXTEN:1},1)")]
    [InlineData("NoOp()\n same => n,Goto(from-trunk,${EXTEN:1},1)")]
    public void A_plus_that_is_taken_off_is_one_way_more(string line)
    {
        var walk = new CallWalk(new CallSearch(PlanTests.Read($"[from-trunk]\nexten => _4412345XX,1,Goto(day,${{EXTEN:-2}},1)\nexten => _+4412345XX,1,{line}\n[day]\nexten => _XX,1,Dial(PJSIP/${{EXTEN}}@trunk)\n")), static (_, _) => ExitKind.Trunk);

        var reach = walk.Run(new PlanEntry("from-trunk", Languages.Dialled));

        Assert.Empty(reach.Unknowns);
        Assert.False(walk.IsCut);
        Assert.Contains(reach.Exits, static exit => exit.Inputs[0].Contains("+441234507"));
    }

    [Fact]
    public void A_number_that_is_read_digit_by_digit_goes_round_as_often_as_it_has_digits()
    {
        var reach = Reach("""
            [in]
            exten => _XXXXXXXX,1,Goto(next,${EXTEN},1)
            [next]
            exten => _XX.,1,Goto(${EXTEN:1},1)
            exten => _XX,1,Dial(PJSIP/${EXTEN}@trunk)
            """);

        Assert.True(Assert.Single(reach.Trunks()).Inputs[0].Contains("12345678"));
    }

    [Fact]
    public void Globals_that_double_each_other_are_not_known()
    {
        var doubled = string.Join('\n', Enumerable.Range(1, 62).Select(static i => $"A{i}=${{A{i - 1}}}${{A{i - 1}}}"));

        var plan = PlanTests.Read($"[globals]\nA0=12345678\n{doubled}\n[in]\nexten => 1,1,Dial(PJSIP/${{A62}}@trunk)\n");

        Assert.Equal(16, plan.Globals["A1"]!.Length);
        Assert.Null(plan.Globals["A62"]);
    }

    [Fact]
    public void What_is_blocked_by_a_narrower_pattern_is_not_reached()
    {
        var reach = Reach("""
            [in]
            exten => _900!,1,Hangup()
            exten => _9X.,1,Dial(PJSIP/${EXTEN:1}@trunk)
            """);

        var exit = Assert.Single(reach.Trunks());
        Assert.Equal(("901", "01"), (exit.Witness()[0], exit.Sent()));
        Assert.Null(exit.Sending(Languages.Concatenate(Languages.Only("00"), Languages.Keys)));
    }

    [Fact]
    public void A_hyphen_that_no_pattern_counts_is_counted_when_a_prefix_is_cut_off()
    {
        var reach = Reach("""
            [in]
            exten => _9X.,1,Goto(out,${EXTEN:1},1)
            [out]
            exten => _9.,1,Dial(PJSIP/${EXTEN}@trunk)
            """);

        var dialled = Assert.Single(reach.Trunks(Languages.Only("9123"))).Inputs[0];
        Assert.True(dialled.Contains("99123"));
        Assert.True(dialled.Contains("-9123"));
        Assert.False(dialled.Contains("9123"));
    }

    [Fact]
    public void A_prefix_that_is_put_before_makes_any_number_an_international_one()
    {
        var reach = Reach("""
            [in]
            exten => _X.,1,Goto(out,0${EXTEN},1)
            [out]
            exten => _00.,1,Dial(PJSIP/trunk/sip:${EXTEN}@203.0.113.10)
            """);

        var exit = Assert.Single(reach.Trunks(International));
        Assert.Equal(("00", "000"), (exit.Witness()[0], exit.Sent()));
        Assert.Equal([1, 1], exit.Way.Steps().Select(step => step.Priority.Number));
        Assert.Equal(["extensions.conf:2", "extensions.conf:4"], exit.Way.Steps().Select(step => step.Priority.Place.ToString()));
    }

    [Fact]
    public void A_condition_on_the_number_is_decided_for_each_number()
    {
        var reach = Reach("""
            [in]
            exten => _X.,1,GotoIf($["${EXTEN:0:2}" = "00"]?no)
             same => n,Dial(PJSIP/${EXTEN}@trunk)
             same => n(no),Hangup()
            """, new PlanEntry("in", Languages.Keys));

        Assert.Empty(reach.Trunks(International));
        var exit = Assert.Single(reach.Trunks());
        Assert.True(exit.IsCertain);
        Assert.Equal((true, false), (exit.Inputs[0].Contains("0123"), exit.Inputs[0].Contains("00123")));
    }

    [Fact]
    public void A_menu_leads_to_what_its_context_includes()
    {
        var reach = Reach("""
            [in]
            exten => 100,1,Answer()
             same => n,Background(welcome)
             same => n,WaitExten(5)
            include => out
            exten => t,1,Hangup()
            [out]
            exten => _0.,1,Dial(DAHDI/g1/${EXTEN})
            """, new PlanEntry("in", Languages.Only("100")));

        var exit = Assert.Single(reach.Exits, static exit => exit.Technology == "DAHDI" && exit.Inputs.Length == 2);
        Assert.Equal(["100", "00"], exit.Witness());
        Assert.Equal("00", exit.Sent());
    }

    [Fact]
    public void A_transfer_by_the_caller_leads_where_his_channel_is()
    {
        var reach = Reach("""
            [in]
            exten => 100,1,Dial(PJSIP/1001,20,T)
            exten => _0X.,1,Dial(PJSIP/${EXTEN}@trunk)
            """, new PlanEntry("in", Languages.Only("100")));

        var exit = Assert.Single(reach.Trunks());
        Assert.Equal(AssumptionKind.Answer, Assert.Single(exit.Assumptions).Kind);
        Assert.Equal("000", exit.Witness()[1]);
    }

    [Fact]
    public void A_pin_on_one_way_is_none_on_another()
    {
        const string Plan = """
            [in]
            exten => _00.,1,Authenticate(4711)
             same => n,Dial(PJSIP/${EXTEN}@trunk)
            """;

        var guarded = Reach(Plan);
        var open = Reach(Plan + "\nexten => _+.,1,Dial(PJSIP/00${EXTEN:1}@trunk)");

        Assert.Equal([BrakeKind.Pin], guarded.BrakesOnAllWays(International));
        Assert.Equal([], open.BrakesOnAllWays(International));
        Assert.Equal("+0", open.Trunks(International)[0].Witness()[0]);
    }

    [Fact]
    public void A_pin_that_is_read_and_compared_is_one_and_a_menu_choice_is_none()
    {
        var reach = Reach("""
            [in]
            exten => 1,1,Read(PIN,ask,6)
             same => n,GotoIf($["${PIN}" = "48151"]?ok)
             same => n,Hangup()
             same => n(ok),Dial(PJSIP/00123@trunk)
            exten => 2,1,Read(CHOICE,ask,1)
             same => n,GotoIf($["${CHOICE}" = "1"]?ok)
             same => n,Hangup()
             same => n(ok),Dial(PJSIP/00124@trunk)
            exten => 3,1,Read(PIN,ask,6)
             same => n,GotoIf($["${PIN}" = "${DB(pin/${CALLERID(num)})}"]?ok)
             same => n,Hangup()
             same => n(ok),Dial(PJSIP/00125@trunk)
            """);

        var brakes = reach.Trunks().ToDictionary(static exit => exit.Sent()!, static exit => exit.Brakes.Count);
        Assert.Equal((1, 0, 1), (brakes["00123"], brakes["00124"], brakes["00125"]));
        Assert.Equal(["1", "48151"], reach.Trunks().Single(static exit => exit.Sent() == "00123").Witness());
    }

    [Theory]
    [InlineData("same => n,Set(TIMEOUT(absolute)=3600)\nsame => n,Dial(PJSIP/${EXTEN}@trunk)", true)]
    [InlineData("same => n,Dial(PJSIP/${EXTEN}@trunk,60,L(3600000:60000))", true)]
    [InlineData("same => n,Dial(PJSIP/${EXTEN}@trunk,60,S(60))", true)]
    [InlineData("same => n,Dial(PJSIP/${EXTEN}@trunk,60,S(${LIMIT}))", false)]
    [InlineData("same => n,Set(TIMEOUT(absolute)=0)\nsame => n,Dial(PJSIP/${EXTEN}@trunk)", false)]
    [InlineData("same => n,Set(TIMEOUT(absolute)=60)\nsame => n,Set(TIMEOUT(absolute)=)\nsame => n,Dial(PJSIP/${EXTEN}@trunk)", false)]
    public void A_time_limit_counts_where_it_holds(string lines, bool isLimited)
    {
        var reach = Reach($"[in]\nexten => _X.,1,NoOp()\n{lines}");

        Assert.Equal(isLimited ? [BrakeKind.TimeLimit] : [], reach.BrakesOnAllWays());
    }

    [Theory]
    [InlineData("Goto(${TARGET})", "could not be resolved")]
    [InlineData("Goto(${DB(x/y)},1)", "could not be resolved")]
    [InlineData("AGI(route.agi)", "may send the call anywhere")]
    [InlineData("Dial(${WHO})", "which channel is called could not be resolved")]
    [InlineData("Queue(sales)", "were not read")]
    [InlineData("Goto(nowhere,s,1)", "is not in extensions.conf")]
    public void What_could_not_be_resolved_is_said(string call, string told)
    {
        var reach = Reach($"[in]\nexten => _X.,1,{call}");

        Assert.Contains(told, Assert.Single(reach.Unknowns).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_condition_that_was_not_read_leaves_both_ways_open_and_is_named()
    {
        var reach = Reach("""
            [in]
            exten => _X.,1,GotoIf($["${DB(allowed/${CALLERID(num)})}" = "yes"]?out:no)
             same => n(out),Dial(PJSIP/${EXTEN}@trunk)
             same => n(no),Hangup()
            """);

        var exit = Assert.Single(reach.Trunks());
        Assert.False(exit.IsCertain);
        Assert.Equal("$[\"${DB(allowed/${CALLERID(num)})}\" = \"yes\"] is true", Assert.Single(exit.Assumptions).Text);
    }

    [Fact]
    public void A_way_that_is_open_at_a_certain_time_is_certain_and_none_needs_two_times_at_once()
    {
        var reach = Reach("""
            [in]
            exten => _X.,1,GotoIfTime(9:00-17:00,mon-fri,*,*?open)
             same => n,GotoIfTime(9:00-17:00,mon-fri,*,*?never)
             same => n,Hangup()
             same => n(open),Dial(PJSIP/${EXTEN}@trunk)
             same => n,Hangup()
             same => n(never),Dial(PJSIP/1${EXTEN}@trunk)
            """);

        var exit = Assert.Single(reach.Trunks());
        Assert.True(exit.IsCertain);
        Assert.Equal("N0", exit.Number.ToString());
    }

    [Fact]
    public void An_endless_loop_ends_the_walk_and_a_counted_one_is_walked()
    {
        var reach = Reach("""
            [in]
            exten => s,1,Background(a)
             same => n,WaitExten()
             same => n,Goto(s,1)
            exten => i,1,Goto(s,1)
            exten => 5,1,Set(I=0)
             same => n,While($[${I} < 3])
             same => n,Dial(PJSIP/${I}@trunk)
             same => n,Set(I=$[${I} + 1])
             same => n,EndWhile()
             same => n,Hangup()
            """);

        Assert.Equal(["0", "1", "2"], reach.Trunks().Select(static exit => exit.Sent()!).Distinct().Order());
        Assert.Empty(reach.Unknowns);
    }

    [Fact]
    public void Members_of_a_queue_are_called_and_nobody_is_where_the_caller_has_hung_up()
    {
        var plan = PlanTests.Read("""
            [in]
            exten => 1,1,Queue(support)
            exten => h,1,Dial(PJSIP/00@trunk)
            [agents]
            exten => _X.,1,Dial(PJSIP/${EXTEN}@trunk)
            """);
        var walk = new CallWalk(new CallSearch(plan), static (_, _) => ExitKind.Trunk) { Files = new CallFiles { Queues = new Dictionary<string, CallQueue> { ["support"] = new(["Local/0171@agents/n"], null, null) } } };

        Assert.Equal("0171", Assert.Single(walk.Run(new PlanEntry("in", Languages.Keys)).Exits).Sent());
    }

    [Fact]
    public void A_condition_whose_answers_lead_to_the_same_call_is_not_assumed_for_it()
    {
        var reach = Reach("""
            [in]
            exten => _0X.,1,ExecIf($["${DB(music/loud)}" = "1"]?Set(OPTIONS=m(loud)))
             same => n,ExecIf($["${DB(music/soft)}" = "1"]?Set(OPTIONS=m(soft)${OPTIONS}))
             same => n,Dial(PJSIP/${EXTEN}@trunk,30,${OPTIONS})
            """);

        Assert.True(reach.Trunks()[0].IsCertain);
    }

    [Theory]
    [InlineData("$[\"${ALLOWED}\" = \"yes\"]?out:no", false)]
    [InlineData("$[\"${FORBIDDEN}\" = \"yes\"]?no:out", true)]
    public void What_no_line_sets_is_empty_and_that_a_program_sets_it_is_an_assumption(string condition, bool isCertain)
    {
        var reach = Reach($"""
            [in]
            exten => _0X.,1,GotoIf({condition})
             same => n(out),Dial(PJSIP/${"{EXTEN}"}@trunk)
             same => n(no),Hangup()
            """);

        Assert.Equal(isCertain, reach.Trunks()[0].IsCertain);
        Assert.Equal(!isCertain, reach.Trunks()[0].Assumptions.Any(static assumption => assumption.Kind == AssumptionKind.Program));
    }

    [Fact]
    public void Behind_a_program_nothing_is_taken_to_be_empty()
    {
        var reach = Reach("""
            [in]
            exten => _0X.,1,AGI(allow.agi)
             same => n,GotoIf($["${FORBIDDEN}" = "yes"]?no)
             same => n,Dial(PJSIP/${EXTEN}@trunk)
             same => n(no),Hangup()
            """);

        Assert.False(Assert.Single(reach.Trunks()).IsCertain);
    }

    [Fact]
    public void A_label_that_a_database_names_is_any_of_the_extension()
    {
        var reach = Reach("""
            [in]
            exten => _0X.,1,Goto(${DB(route/now)})
             same => n(no),Hangup()
             same => n(one),Dial(PJSIP/1${EXTEN}@trunk)
             same => n,Hangup()
             same => n(two),Dial(PJSIP/2${EXTEN}@trunk)
            """);

        Assert.Equal(["1000", "2000"], reach.Trunks().Select(static exit => exit.Sent()!).Order());
        Assert.DoesNotContain(reach.Trunks(), static exit => exit.IsCertain);
    }

    [Theory]
    [InlineData("s-${DIALSTATUS}", "BUSY", true)]
    [InlineData("s-${DIALSTATUS}", "LATER", false)]
    public void The_end_of_a_Dial_is_one_of_those_that_Asterisk_knows(string target, string status, bool isReached)
    {
        var reach = Reach($"""
            [in]
            exten => 5,1,Dial(PJSIP/phone)
             same => n,Goto({target},1)
            exten => s-{status},1,Dial(PJSIP/00@trunk)
            """, new PlanEntry("in", Languages.Only("5")));

        Assert.Equal(isReached, reach.Exits.Any(static exit => exit.Sent() == "00" && exit.IsCertain));
        Assert.Empty(reach.Unknowns);
    }

    [Fact]
    public void A_way_of_a_thousand_lines_is_walked_to_its_end()
    {
        var reach = Reach("[in]\nexten => 5,1,NoOp()\n" + string.Concat(Enumerable.Repeat(" same => n,NoOp()\n", 1_000)) + " same => n,Dial(PJSIP/00@trunk)\n");

        Assert.True(Assert.Single(reach.Trunks()).IsCertain);
    }

    // Each measured in a real Asterisk 22.
    [Theory]
    [InlineData("Set(A=0)\n same => n,NoOp(${INC(A)})\n same => n,GotoIf($[${A} = 1]?out,9,1)", true)]
    [InlineData("Set(A=0)\n same => n,NoOp(${SET(A=1)})\n same => n,GotoIf($[${A} = 1]?out,9,1)", true)]
    [InlineData("Set(PUSH(A)=1)\n same => n,GotoIf($[\"${A}\" = \"1\"]?out,9,1)", true)]
    [InlineData("Set(A=0,1)\n same => n,NoOp(${SHIFT(A)})\n same => n,GotoIf($[\"${A}\" = \"1\"]?out,9,1)", true)]
    [InlineData("GotoIf($[${EXTEN} = 5.0]?out,9,1)", true)]
    [InlineData("GotoIf($[${LEN(\u00e4)} = 2]?out,9,1)", true)]
    [InlineData("Set(A=1)\n same => n,Set(GLOBAL(A)=2)\n same => n,GotoIf($[${A} = 1]?out,9,1)", true)]
    [InlineData("Set(A=1)\n same => n,Set(GLOBAL(A)=2)\n same => n,GotoIf($[${A} = 2]?out,9,1)", false)]
    [InlineData("Set(GLOBAL(B)=2)\n same => n,GotoIf($[${B} = 2]?out,9,1)", true)]
    public void What_a_function_changes_is_not_taken_for_what_it_was(string lines, bool isReached)
    {
        var reach = Reach($"[in]\nexten => 5,1,{lines}\n same => n,Hangup()\n[out]\nexten => 9,1,Dial(PJSIP/00@trunk)\n", new PlanEntry("in", Languages.Only("5")));

        Assert.Equal(isReached, reach.Trunks().Count > 0);
    }

    [Fact]
    public void A_name_with_blanks_is_another_name()
    {
        var reach = Reach("[in]\nexten => 5,1,Set( A = 1)\n same => n,GotoIf($[\"${A}\" = \"1\"]?out,9,1)\n same => n,Hangup()\n[out]\nexten => 9,1,Dial(PJSIP/00@trunk)\n", new PlanEntry("in", Languages.Only("5")));

        Assert.DoesNotContain(reach.Trunks(), static exit => exit.IsCertain);
    }

    [Fact]
    public void A_number_that_nothing_is_added_to_keeps_its_zeros()
    {
        var reach = Reach("[in]\nexten => 5,1,Set(N=$[0044])\n same => n,Dial(PJSIP/${N}@trunk)\n", new PlanEntry("in", Languages.Only("5")));

        Assert.Equal("0044", Assert.Single(reach.Trunks()).Sent());
    }

    [Theory]
    [InlineData("DIALPLAN_EXISTS(check,s,1)", true)]
    [InlineData("DIALPLAN_EXISTS(check)", true)]
    [InlineData("DIALPLAN_EXISTS(check,s,here)", true)]
    [InlineData("DIALPLAN_EXISTS(check,s,2)", false)]
    [InlineData("DIALPLAN_EXISTS(other)", false)]
    public void What_the_dialplan_holds_is_known(string function, bool exists)
    {
        var reach = Reach($"""
            [in]
            exten => _0X.,1,GotoIf(${"{"}{function}{"}"}?out:no)
             same => n(out),Dial(PJSIP/${"{EXTEN}"}@trunk)
             same => n(no),Hangup()
            [check]
            exten => s,1(here),NoOp()
            """);

        Assert.Equal(exists, reach.Trunks() is [{ IsCertain: true }]);
        Assert.Equal(exists, reach.Trunks().Count > 0);
    }

    [Fact]
    public void A_loop_whose_end_is_not_known_ends_and_what_is_behind_it_is_walked()
    {
        var reach = Reach("""
            [in]
            exten => 5,1,Set(I=0)
             same => n,While($[${I} < ${DB(list/length)}])
             same => n,Set(I=$[${I} + 1])
             same => n,EndWhile()
             same => n,Dial(PJSIP/00@trunk)
            """);

        Assert.NotEmpty(reach.Trunks());
        Assert.Empty(reach.Unknowns);
    }

    [Fact]
    public void Twenty_conditions_of_which_nothing_is_known_are_walked_whole()
    {
        var text = new System.Text.StringBuilder("[in]\nexten => 1,1,NoOp()\n");
        for (var i = 0; i < 20; i++)
        {
            text.Append(" same => n,GotoIf($[\"${DB(a/").Append(i).Append(")}\" = \"x\"]?l").Append(i).Append(")\n same => n,NoOp()\n same => n(l").Append(i).Append("),NoOp()\n");
        }

        var reach = Reach(text.Append(" same => n,Dial(PJSIP/00@trunk)\n").ToString());

        Assert.Single(reach.Trunks());
        Assert.DoesNotContain(reach.Unknowns, static unknown => unknown.Text.Contains("more ways", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Goto(in,${EXT},1)")]
    [InlineData("Goto(in,${EXT},here)")]
    [InlineData("Gosub(in,0${EXT},1)")]
    [InlineData("Dial(Local/${EXT}@in)")]
    public void A_function_of_what_was_dialled_that_is_not_followed_is_an_unknown(string line)
    {
        var reach = Reach($"""
            [in]
            exten => _X.,1,Set(EXT=${"{ODBC_DID(${FILTER(0-9,${EXTEN})})}"})
             same => n(here),{line}
            """);

        Assert.NotEmpty(reach.Unknowns);
    }

    [Theory]
    [InlineData("$[${GROUP_COUNT(out)} > 10]", true)]
    [InlineData("$[\"${DIALSTATUS}\" = \"BUSY\"]", true)]
    [InlineData("$[\"${DEVICE_STATE(PJSIP/1)}\" = \"BUSY\" & ${GROUP_COUNT(out)} > 1]", true)]
    [InlineData("$[\"${DB(out/shut)}\" = \"1\"]", false)]
    [InlineData("$[\"${CALLERID(num)}\" = \"100\"]", false)]
    [InlineData("$[${GROUP_COUNT(out)} > 10 | \"${DB(allowed/${CALLERID(num)})}\" = \"\"]", false)]
    public void What_comes_and_goes_by_itself_keeps_nobody_out(string condition, bool isCertain)
    {
        var reach = Reach($"""
            [in]
            exten => _0X.,1,GotoIf({condition}?full)
             same => n,Dial(PJSIP/${"{EXTEN}"}@trunk)
             same => n(full),Congestion()
            """);

        Assert.Equal(isCertain, Assert.Single(reach.Trunks()).IsCertain);
    }

    [Theory]
    [InlineData(" same => n(a),NoOp()", true)]
    [InlineData(" same => n,Hangup()\n same => n(a),NoOp()", false)]
    [InlineData(" same => n,Set(B=1)\n same => n(a),GotoIf($[\"${B}\" = \"1\"]?end)", false)]
    public void A_condition_whose_answers_come_to_the_same_line_does_not_matter(string lines, bool isCertain)
    {
        var reach = Reach($"""
            [in]
            exten => _0X.,1,Set(B=0)
             same => n,GotoIf($["${"{DB(a/b)}"}" = "x"]?a)
            {lines}
             same => n,Dial(PJSIP/${"{EXTEN}"}@trunk)
             same => n(end),Hangup()
            """);

        Assert.Equal(isCertain, reach.Trunks()[0].IsCertain);
    }

    [Fact]
    public void A_trunk_of_FreePBX_without_a_suffix_is_called_with_the_number()
    {
        var reach = Reach("""
            [globals]
            OUT_1=PJSIP/trunk
            [in]
            exten => _0X.,1,GotoIf($["x${OUTDISABLE_1}" = "xon"]?end)
             same => n,Dial(${OUT_1}/${EXTEN}${OUT_1_SUFFIX})
             same => n(end),Hangup()
            """);

        Assert.Equal((true, "000"), (Assert.Single(reach.Trunks()).IsCertain, reach.Trunks()[0].Sent()));
    }

    [Fact]
    public void A_number_of_which_nothing_was_filtered_away_holds_nothing_else_unless_a_bracket_ended_the_filter()
    {
        var reach = Reach("""
            [in]
            exten => _X.,1,ExecIf($[${LEN(${FILTER(0-9,${EXTEN})})} = ${LEN(${EXTEN})}]?Dial(PJSIP/${EXTEN}@trunk))
            """);

        var exit = Assert.Single(reach.Trunks());
        Assert.Equal((true, true, false), (exit.IsCertain, exit.Inputs[0].Contains("001234"), exit.Inputs[0].Contains("0-1234")));
        Assert.Equal([InjectionKind.Dial, InjectionKind.Application], reach.Injections.Select(static injection => injection.Into).Order());
        Assert.All(reach.Injections, static injection => Assert.Contains(')', injection.Example));
    }

    [Fact]
    public void A_dialplan_of_3000_contexts_and_2000_names_is_walked_without_getting_lost()
    {
        var text = new System.Text.StringBuilder("[in]\ninclude => phones\ninclude => out\n[phones]\n");
        for (var i = 0; i < 2_000; i++)
        {
            text.Append("exten => ").Append(1000 + i).Append(",1,Dial(PJSIP/").Append(1000 + i).Append(")\n same => n,Hangup()\n");
        }

        text.Append("[out]\nexten => _XXXX,1,Dial(PJSIP/${EXTEN}@trunk)\n");
        for (var i = 0; i < 3_000; i++)
        {
            text.Append("[tenant").Append(i).Append("]\nexten => _1XX,1,Dial(PJSIP/t").Append(i).Append("-${EXTEN})\ninclude => out\n");
        }

        var reach = Reach(text.ToString());

        var exit = Assert.Single(reach.Trunks());
        Assert.Equal("0000", exit.Witness()[0]);
        Assert.False(exit.Inputs[0].Contains("1500"));
        Assert.Equal(2_001, reach.Exits.Count);
    }

    private static PlanReach Reach(string text, PlanEntry? entry = null) =>
        PlanReach.From(PlanTests.Read(text), entry ?? new PlanEntry("in", Languages.Dialled),
            static (technology, resource) => resource is null ? ExitKind.Unknown : resource == "trunk" || technology == "DAHDI" ? ExitKind.Trunk : ExitKind.Phone);
}

using Ringfence.Core.Calls;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;
using Xunit;
using static Ringfence.Tests.Calls.LiveMessageTests;

namespace Ringfence.Tests.Calls;

/// <summary>Which calls to outside there are, whose they are, and when they begin and end.</summary>
public sealed class LiveCallsTests
{
    private const string Phone = "PJSIP/1009-00000001";
    private const string Trunk = "PJSIP/trunk-a-00000002";
    private const string ToSierra = "Local/90023279000001@phones-00000007";
    private const string Sierra = "0023279000001@trunk-a";

    private readonly List<string> _told = [];
    private readonly Dictionary<string, CallAttempt> _attempts = [];
    private readonly LiveCalls _live;

    public LiveCallsTests()
    {
        var rules = new DiallingRules(NumberPlans.BuiltIn.Of("DE")!, []) { InsideTrunks = ["trunk-branch"] };
        _live = new LiveCalls(
            static endpoint => endpoint.StartsWith("trunk", StringComparison.Ordinal) ? true : endpoint.Length == 4 ? false : null, rules, new Tariff(null, "DE"), new Recorder(this));
    }

    [Fact]
    public void A_dial_to_a_trunk_is_a_call_until_the_trunk_hangs_up()
    {
        See(Channel("Newchannel", Phone, "1.1"), Dial(Phone, "1.1", Trunk, "1.2", Sierra), Dial(Phone, "1.1", Trunk, "1.2", null), Hangup(Phone, "1.1"));
        Assert.Equal(["begin 1.1", "answer 1.1"], _told);
        Assert.Equal(("1009", "trunk-a", "+23279000001", CallOrigin.Phone), Told("1.1"));

        See(Hangup(Trunk, "1.2", "1.1"));
        Assert.Equal("end 1.1", _told[^1]);
        Assert.Equal((0, 0), (_live.Calls.Count, _live.Channels));
    }

    [Fact]
    public void Two_trunks_that_ring_at_once_are_one_call_and_one_after_the_other_begins_it_again()
    {
        See(Dial(Phone, "1.1", Trunk, "1.2", Sierra), Dial(Phone, "1.1", "PJSIP/trunk-b-00000003", "1.3", "0023279000001@trunk-b"), Hangup(Trunk, "1.2", "1.1", state: 5));
        Assert.Equal(["begin 1.1"], _told);

        See(Hangup("PJSIP/trunk-b-00000003", "1.3", "1.1", state: 5), Dial(Phone, "1.1", "PJSIP/trunk-b-00000004", "1.4", "0023279000001@trunk-b"));
        Assert.Equal(["begin 1.1", "end 1.1", "begin 1.1"], _told);
    }

    [Theory]
    [InlineData("PJSIP/1001-00000002", "1001/sip:1001@10.0.0.5:5060")]
    [InlineData("PJSIP/1001-00000002", "1001")]
    [InlineData("PJSIP/trunk-a-00000002", "110@trunk-a")]
    [InlineData("PJSIP/trunk-a-00000002", "112@trunk-a")]
    [InlineData("PJSIP/door-00000002", "door")]
    [InlineData("Local/100@phones-00000002;1", "100@phones")]
    public void A_phone_inside_is_none_and_whoever_calls_for_help_is_in_nobodys_way(string channel, string dialString)
    {
        See(Dial(Phone, "1.1", channel, "1.2", dialString));

        Assert.Empty(_told);
    }

    [Theory]
    [InlineData("201@trunk-branch")]
    [InlineData("0023279000001@trunk-branch")]
    public void A_trunk_between_own_sites_is_no_outside_and_a_trunk_that_rings_with_it_is(string dialString)
    {
        See(Dial(Phone, "1.1", "PJSIP/trunk-branch-00000002", "1.2", dialString));
        Assert.Empty(_told);

        See(Dial(Phone, "1.1", "PJSIP/trunk-branch2-00000003", "1.3", "0023279000001@trunk-branch2"));
        Assert.Equal(["begin 1.1"], _told);
    }

    [Fact]
    public void What_another_own_site_sends_on_over_a_carrier_counts()
    {
        const string branch = "PJSIP/trunk-branch-00000001";
        See(Channel("Newchannel", branch, "1.1", "301", "0023279000001"), Dial(branch, "1.1", Trunk, "1.2", Sierra));

        Assert.Equal("trunk-a", _attempts["1.1"].Trunk);
    }

    [Fact]
    public void A_forwarding_of_the_dialplans_is_whose_extension_was_called()
    {
        See(
            Channel("Newchannel", "PJSIP/trunk-a-00000001", "1.1", "4930999", "4930123456"),
            Channel("Newstate", "PJSIP/trunk-a-00000001", "1.1", "4930999", "201", state: 6),
            Channel("Newchannel", "Local/0023279000001@out-00000001;2", "1.3", linked: "1.1", exten: "0023279000001"),
            Dial("Local/0023279000001@out-00000001;2", "1.3", Trunk, "1.4", Sierra, linked: "1.1", exten: "0023279000001"));

        Assert.Equal(("201", "trunk-a", "+23279000001", CallOrigin.Forwarded), Told("1.3"));
        Assert.Equal("4930123456", _attempts["1.3"].Did);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_phone_that_answers_302_pays_for_where_it_sends_the_call(bool isToldFirst)
    {
        See(Channel("Newchannel", Phone, "1.1", exten: "1002"), Dial(Phone, "1.1", "PJSIP/1002-00000002", "1.2", "1002", exten: "1002"));
        See(Channel("Newchannel", $"{ToSierra};1", "1.3", linked: "1.1", exten: "90023279000001"), Channel("Newchannel", $"{ToSierra};2", "1.4", linked: "1.1", exten: "90023279000001"));
        string[] redirect =
        [
            Dial(Phone, "1.1", "PJSIP/1002-00000002", "1.2", null, exten: "1002").Replace("DialStatus: ANSWER\r\n", "Forward: 90023279000001\r\nDialStatus: CANCEL\r\n", StringComparison.Ordinal),
            Dial(Phone, "1.1", $"{ToSierra};1", "1.3", "90023279000001@phones", exten: "1002"),
        ];
        var call = Dial($"{ToSierra};2", "1.4", Trunk, "1.5", Sierra, linked: "1.1", exten: "90023279000001");
        See(isToldFirst ? [.. redirect, call] : [call, .. redirect]);

        Assert.Equal(("1002", "trunk-a", "+23279000001", CallOrigin.Forwarded), Told("1.4"));
        Assert.Equal("1002", _live.PaidBy("1.4")?.Extension);

        // What his caller dials himself stays his caller's.
        See(Dial(Phone, "1.1", "PJSIP/trunk-b-00000009", "1.9", "0023279000009@trunk-b"));
        Assert.Equal(("1009", "trunk-b", "+23279000009", CallOrigin.Phone), Told("1.1"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_transfers_pays_and_not_who_is_transferred(bool isToldFirst)
    {
        See(Channel("Newchannel", Phone, "1.1", exten: "1002"), Dial(Phone, "1.1", "PJSIP/1002-00000002", "1.2", "1002", exten: "1002"));
        var (transfer, call) = (Transfer(Phone, "1.1", "PJSIP/1002-00000002", "1.2", "90023279000001"), Dial("PJSIP/1002-00000002", "1.2", Trunk, "1.5", Sierra, linked: "1.1"));
        See(isToldFirst ? [transfer, call] : [call, transfer]);

        Assert.Equal(("1009", "trunk-a", "+23279000001", CallOrigin.Phone), Told("1.2"));
        Assert.Equal(isToldFirst ? ["begin 1.2"] : ["begin 1.2", "begin 1.2"], _told);
    }

    [Fact]
    public void Who_is_put_through_inside_is_forwarded_by_the_extension_there()
    {
        See(
            Channel("Newchannel", "PJSIP/trunk-a-00000001", "1.1", "4930999", "4930123456"),
            Dial("PJSIP/trunk-a-00000001", "1.1", "PJSIP/1002-00000002", "1.2", "1002"),
            Transfer("PJSIP/1002-00000002", "1.2", "PJSIP/trunk-a-00000001", "1.1", "201", linked: "1.1"),
            Dial("PJSIP/trunk-a-00000001", "1.1", "PJSIP/trunk-b-00000003", "1.3", "0023279000001@trunk-b", exten: "201"));

        Assert.Equal(("201", "trunk-b", "+23279000001", CallOrigin.Forwarded), Told("1.1"));
    }

    [Fact]
    public void Keys_that_ask_first_are_theirs_who_has_the_other_side_wait()
    {
        See(
            Channel("Newchannel", Phone, "1.1", exten: "1002"),
            Dial(Phone, "1.1", "PJSIP/1002-00000002", "1.2", "1002", exten: "1002"),
            Channel("Hold", "PJSIP/1002-00000002", "1.2", linked: "1.1", state: 6),
            Channel("Newchannel", $"{ToSierra};1", "1.3", linked: "1.1"),
            Channel("Newchannel", $"{ToSierra};2", "1.4", linked: "1.1"),
            Dial($"{ToSierra};2", "1.4", Trunk, "1.5", Sierra, linked: "1.1"));
        Assert.Equal(("1002", "trunk-a", "+23279000001", CallOrigin.Phone), Told("1.4"));

        See(Channel("Unhold", "PJSIP/1002-00000002", "1.2", linked: "1.1", state: 6), Dial($"{ToSierra};2", "1.4", Trunk, "1.6", "0023279000002@trunk-a", linked: "1.1"));
        Assert.Equal("1009", Told("1.6").Item1);
    }

    [Fact]
    public void A_call_that_a_program_makes_is_the_phones_that_it_rings_first_or_nobodys()
    {
        See(
            Channel("Newchannel", "Local/1002@phones-00000001;1", "1.1"),
            Channel("Newchannel", "Local/1002@phones-00000001;2", "1.2", linked: "1.1"),
            Dial("Local/1002@phones-00000001;2", "1.2", "PJSIP/1002-00000003", "1.3", "1002", linked: "1.1"),
            Dial("Local/1002@phones-00000001;1", "1.1", Trunk, "1.4", Sierra));
        Assert.Equal(("1002", "trunk-a", "+23279000001", CallOrigin.Phone), Told("1.1"));

        See(
            Channel("Newchannel", $"{ToSierra};1", "2.1"),
            Channel("Newchannel", $"{ToSierra};2", "2.2", linked: "2.1"),
            Dial($"{ToSierra};2", "2.2", "PJSIP/trunk-a-00000008", "2.3", Sierra, linked: "2.1"));
        Assert.Equal(("originated", "trunk-a", "+23279000001", CallOrigin.Phone), Told("2.2"));
    }

    [Theory]
    [InlineData(Trunk, "PJSIP/0023279000001@trunk-a")]
    [InlineData("IAX2/trunk-i-4711", "user:00491234567@trunk-i/0023279000001")]
    [InlineData("IAX2/trunk-i-4711", "IAX2/user:00491234567@trunk-i/0023279000001")]
    public void A_queues_member_and_a_trunk_with_its_password_are_called_at_the_number(string leg, string text)
    {
        See(Dial(Phone, "1.1", leg, "1.2", text));

        Assert.Equal(("1009", ChannelName.Endpoint(leg).ToString(), "+23279000001", CallOrigin.Phone), Told("1.1"));
    }

    [Fact]
    public void A_trunks_password_is_no_number()
    {
        See(Dial(Phone, "1.1", "IAX2/trunk-i-4711", "1.2", "user:00491234567@trunk-i"));

        Assert.Empty(_told);
    }

    [Fact]
    public void Who_calls_in_and_dials_on_has_no_extension_to_pay_for_him()
    {
        See(
            Channel("Newchannel", "PJSIP/trunk-a-00000001", "1.1", "4930999", "4930123456"),
            Dial("PJSIP/trunk-a-00000001", "1.1", Trunk, "1.2", Sierra, exten: "0023279000001"));

        Assert.Equal(("trunk-a", "trunk-a", "+23279000001", CallOrigin.DialledOn), Told("1.1"));
    }

    [Fact]
    public void A_call_in_that_nobody_answers_is_told_with_its_number_and_how_long_it_rang()
    {
        See(Channel("Newchannel", "PJSIP/trunk-a-00000001", "1.1", "2327900", "4930123456"));
        _now += 3_000;
        See(Hangup("PJSIP/trunk-a-00000001", "1.1", state: 5));

        Assert.Equal(["in 2327900 3", "gone 1.1"], _told);
    }

    [Fact]
    public void What_an_event_did_not_tell_the_list_mends()
    {
        See(Dial(Phone, "1.1", Trunk, "1.2", Sierra));
        _live.BeginList();
        See(
            Listed("PJSIP/1007-00000005", "5.1", "Dial", "PJSIP/0023279000002@trunk-b,30", 40, "id"),
            Listed("PJSIP/trunk-b-00000006", "5.2", "AppDial", "(Outgoing Line)", 39, "id", linked: "5.1"));
        var untold = _live.EndList(_now);

        Assert.Equal(2, untold);
        Assert.Equal(["begin 1.1", "end 1.1", "begin 5.1", "answer 5.1"], _told.Where(static one => !one.StartsWith("gone", StringComparison.Ordinal)));
        Assert.Equal(("1007", "trunk-b", "+23279000002", CallOrigin.Phone), Told("5.1"));
        Assert.Equal(_now - 39_000, _live.Find("5.1")!.AnsweredAt);
    }

    [Fact]
    public void What_happens_while_the_list_is_made_is_not_undone_by_it()
    {
        _live.BeginList();
        See(Listed("PJSIP/1007-00000005", "5.1", "Dial", "PJSIP/0023279000002@trunk-b,30", 40, "id"), Listed("PJSIP/trunk-b-00000006", "5.2", "AppDial", "(Outgoing Line)", 39, "id", linked: "5.1"));
        See(Dial(Phone, "1.1", Trunk, "1.2", Sierra), Hangup("PJSIP/trunk-b-00000006", "5.2", "5.1"), Hangup("PJSIP/1007-00000005", "5.1"));
        _live.EndList(_now);

        Assert.Equal(["1.1"], _live.Calls.Select(static call => call.Id));
    }

    [Fact]
    public void Whatever_order_events_come_in_each_call_that_began_ends_once_and_nothing_is_left()
    {
        var random = new Random(3);
        for (var round = 0; round < 2_000; round++)
        {
            List<string> events = [];
            for (var call = 0; call < 3; call++)
            {
                var (phone, trunk) = ($"PJSIP/100{call}-0000000{call}", $"PJSIP/trunk-a-0000001{call}");
                events.AddRange([Channel("Newchannel", phone, $"{call}.1"), Dial(phone, $"{call}.1", trunk, $"{call}.2", Sierra), Dial(phone, $"{call}.1", trunk, $"{call}.2", null), Hangup(trunk, $"{call}.2", $"{call}.1"), Hangup(phone, $"{call}.1")]);
            }

            _told.Clear();
            See([.. events.OrderBy(_ => random.Next())]);
            _live.BeginList();
            _live.EndList(_now);

            Assert.True(_live.Calls.Count == 0 && _live.Channels == 0, $"round {round}");
            Assert.Equal(_told.Count(static one => one.StartsWith("begin", StringComparison.Ordinal)), _told.Count(static one => one.StartsWith("end", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void A_call_that_began_hours_before_anybody_saw_it_is_told_now_and_its_age_is_kept()
    {
        _live.BeginList();
        See(
            Listed("PJSIP/1007-00000005", "5.1", "Dial", "PJSIP/030123456@trunk-b,30", 10_800, "id"),
            Listed("PJSIP/trunk-b-00000006", "5.2", "AppDial", "(Outgoing Line)", 10_790, "id", linked: "5.1"));
        _live.EndList(_now);

        Assert.Equal(["begin 5.1", "answer 5.1"], _told);
        Assert.All(_moments, moment => Assert.Equal(_now, moment));
        Assert.Equal((_now - 10_790_000, _now - 10_790_000), (_live.Find("5.1")!.Attempt.At, _live.Find("5.1")!.AnsweredAt));
    }

    [Fact]
    public void Numbers_that_are_dialled_at_once_are_a_call_each_and_end_each_by_itself()
    {
        const string other = "PJSIP/trunk-a-00000003";
        See(Dial(Phone, "1.1", Trunk, "1.2", "030123456@trunk-a"), Dial(Phone, "1.1", other, "1.3", Sierra), Dial(Phone, "1.1", "PJSIP/trunk-b-00000004", "1.4", "+23279000001@trunk-b"));
        Assert.Equal(["begin 1.1", "begin 1.3"], _told);
        Assert.Equal(("1009", "trunk-a", "+23279000001", CallOrigin.Phone), Told("1.3"));
        Assert.True(_attempts["1.3"].Price.Rate.PerMinute > _attempts["1.1"].Price.Rate.PerMinute);
        Assert.Equal(("1.1", "1.1"), (_live.Find("1.1")!.DiallerId, _live.Find("1.3")!.DiallerId));

        See(Dial(Phone, "1.1", other, "1.3", null), Hangup(Trunk, "1.2", "1.1", state: 5), Hangup("PJSIP/trunk-b-00000004", "1.4", "1.1", state: 5));
        Assert.Equal(["answer 1.3", "end 1.1"], _told[2..]);

        See(Hangup(other, "1.3", "1.1"), Dial(Phone, "1.1", Trunk, "1.5", Sierra));
        Assert.Equal(["end 1.3", "begin 1.1"], _told[4..]);
    }

    [Fact]
    public void Of_several_numbers_that_one_trunk_was_given_the_list_takes_the_dearest()
    {
        _live.BeginList();
        See(
            Listed("PJSIP/1007-00000005", "5.1", "Dial", "PJSIP/030123456@trunk-b&PJSIP/0023279000002@trunk-b&PJSIP/00881600000000@trunk-c,30", 40, "id"),
            Listed("PJSIP/trunk-b-00000006", "5.2", "AppDial", "(Outgoing Line)", 39, "id", linked: "5.1"));
        _live.EndList(_now);

        Assert.Equal(("1007", "trunk-b", "+23279000002", CallOrigin.Phone), Told("5.1"));
    }

    [Theory]
    [InlineData("disa", "1", "s")]
    [InlineData("ivr-2", "201", "s")]
    [InlineData("app-vmmain", "s", "201")]
    [InlineData("phones", "1", "0023279000001")]
    [InlineData("phones", "201", "0023279000001")]
    public void Who_is_answered_and_dials_on_is_nobodys_forwarding(string context, string exten, string dialledAt)
    {
        const string caller = "PJSIP/trunk-a-00000001";
        See(
            Channel("Newchannel", caller, "1.1", "4930999", "4930123456"),
            Channel("Newstate", caller, "1.1", "4930999", exten, state: 6).Replace("Context: phones", $"Context: {context}", StringComparison.Ordinal),
            Dial(caller, "1.1", Trunk, "1.2", Sierra, exten: dialledAt).Replace("\r\nChannelState: 4", "\r\nChannelState: 6", StringComparison.Ordinal).Replace("Context: phones", $"Context: {(dialledAt == "201" ? context : "phones")}", StringComparison.Ordinal));

        Assert.Equal(("trunk-a", "trunk-a", "+23279000001", CallOrigin.DialledOn), Told("1.1"));
    }

    [Fact]
    public void A_forwarding_behind_a_menu_is_still_whose_extension_was_chosen()
    {
        const string caller = "PJSIP/trunk-a-00000001";
        See(
            Channel("Newchannel", caller, "1.1", "4930999", "4930123456"),
            Channel("Newstate", caller, "1.1", "4930999", "s", state: 6).Replace("Context: phones", "Context: ivr-2", StringComparison.Ordinal),
            Dial(caller, "1.1", Trunk, "1.2", Sierra, exten: "201").Replace("\r\nChannelState: 4", "\r\nChannelState: 6", StringComparison.Ordinal));

        Assert.Equal(("201", "trunk-a", "+23279000001", CallOrigin.Forwarded), Told("1.1"));
    }

    [Theory]
    [InlineData("0023279000001;npdi=yes@trunk-a", "+23279000001")]
    [InlineData("0023279000001\r\nX: y@trunk-a", "+23279000001")]
    [InlineData("0023279000001", "+23279000001")]
    public void What_stands_behind_a_number_hides_it_from_nobody(string dialString, string number)
    {
        See(Dial(Phone, "1.1", Trunk, "1.2", dialString, exten: "s"));

        Assert.Equal(("1009", "trunk-a", number, CallOrigin.Phone), Told("1.1"));
    }

    [Theory]
    [InlineData("%30%30%32%33%32%37%39%30%30%30@trunk-a")]
    [InlineData("0023279000001x0023279000001@trunk-a")]
    [InlineData("1\r\n0023279000001@trunk-a")]
    [InlineData("00232790000010023279000001@trunk-a")]
    public void What_a_trunk_gets_and_nobody_can_read_is_risky_and_costs_money(string dialString)
    {
        See(Dial(Phone, "1.1", "PJSIP/trunk-a-00000003", "1.3", "030123456@trunk-a"), Dial(Phone, "1.1", Trunk, "1.2", dialString, exten: "030123456@trunk-a&x"));

        var attempt = _attempts["1.2"];
        Assert.Equal((DialledKind.Unreadable, true), (attempt.Dialled.Kind, attempt.IsRisky));
        Assert.True(attempt.Price.Rate.PerMinute >= Rate.Unit);
    }

    [Theory]
    [InlineData("PJSIP/trunk-a-00000002", "alice@trunk-a")]
    [InlineData("PJSIP/trunk-a-00000002", "trunk-a")]
    [InlineData("PJSIP/softphone-00000002", "softphone/sip:gk3n9sk12845@10.0.0.5:5060")]
    [InlineData("PJSIP/softphone-00000002", "softphone")]
    public void A_name_is_no_number_and_no_call_to_outside(string channel, string dialString)
    {
        See(Dial(Phone, "1.1", channel, "1.2", dialString, exten: "s"));

        Assert.Empty(_told);
    }

    [Fact]
    public void The_list_finds_who_dials_behind_a_line_end()
    {
        _live.BeginList();
        See(
            Listed("PJSIP/1007-00000005", "5.1", "Dial", "PJSIP/0023279000002\r\n\r\n@trunk-b,30", 40, "id"),
            Listed("PJSIP/trunk-b-00000006", "5.2", "AppDial", "(Outgoing Line)", 39, "id", linked: "5.1", caller: "0023279000002\r\n\r\n"));
        _live.EndList(_now);

        Assert.Equal(("1007", "trunk-b", "+23279000002", CallOrigin.Phone), Told("5.1"));
    }

    [Theory]
    [InlineData("9", true)]
    [InlineData("0815", true)]
    [InlineData("0815", false)]
    [InlineData("#0815", true)]
    [InlineData("#0815", false)]
    [InlineData("0049", false)]
    public void A_number_abroad_behind_a_trunks_prefix_is_read_where_the_dialplan_has_gone_on_to_s(string prefix, bool wasSeenDialling)
    {
        See(
            Channel("Newchannel", Phone, "1.1", exten: wasSeenDialling ? "0023279000001" : "s"),
            Dial(Phone, "1.1", Trunk, "1.2", $"{prefix}0023279000001@trunk-a", exten: "s"));

        Assert.Equal(("1009", "trunk-a", "+23279000001", CallOrigin.Phone), Told("1.1"));
    }

    [Theory]
    [InlineData("030123456", "0815030123456")]
    [InlineData("0023279000001", "030123456")]
    [InlineData("s", "0300043123456")]
    public void A_number_at_home_is_none_abroad_whatever_its_channel_dialled_before(string dialled, string sent)
    {
        See(Channel("Newchannel", Phone, "1.1", exten: dialled), Dial(Phone, "1.1", Trunk, "1.2", $"{sent}@trunk-a", exten: "s"));

        Assert.StartsWith("+49", _attempts["1.1"].Dialled.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PJSIP/201-00000002", "201", "s")]
    [InlineData("PJSIP/softphone-00000002", "softphone", "201")]
    [InlineData("PJSIP/softphone-00000002", "softphone", "s")]
    public void What_a_phone_that_is_in_no_file_registered_as_its_address_is_no_call_to_outside(string channel, string endpoint, string exten)
    {
        See(Channel("Newchannel", Phone, "1.1", exten: "201"), Dial(Phone, "1.1", channel, "1.2", $"{endpoint}/sip:0023279000001@203.0.113.9:5060", exten: exten));
        Assert.Empty(_told);

        // A trunk may be dialled so too.
        See(Channel("Newchannel", Phone, "1.3", exten: "0023279000001"), Dial(Phone, "1.3", "PJSIP/carrier-00000003", "1.4", "carrier/sip:0023279000001@203.0.113.9:5060", exten: "s"));
        Assert.Equal(["begin 1.3"], _told);
    }

    [Theory]
    [InlineData("DAHDI/i1/0301234567-1", "i1")]
    [InlineData("PJSIP/carrier-00000001", "carrier")]
    public void A_stranger_at_a_line_that_is_in_no_file_dials_on(string caller, string endpoint)
    {
        See(
            Channel("Newchannel", caller, "1.1", "0301234567", "4930123456"),
            Channel("Newstate", caller, "1.1", "0301234567", "s", state: 6).Replace("Context: phones", "Context: disa", StringComparison.Ordinal),
            Dial(caller, "1.1", Trunk, "1.2", Sierra, exten: "0023279000001"));

        Assert.Equal((endpoint, "trunk-a", "+23279000001", CallOrigin.DialledOn), Told("1.1"));
    }

    [Fact]
    public void A_line_that_is_in_no_file_is_a_trunk_once_a_number_went_there()
    {
        const string caller = "PJSIP/carrier-00000003";
        See(Dial(Phone, "1.1", "PJSIP/carrier-00000002", "1.2", "030123456@carrier", exten: "030123456"));
        See(
            Channel("Newchannel", caller, "2.1", "0301234567", "4930123456"),
            Channel("Newstate", caller, "2.1", "0301234567", "201", state: 4),
            Dial(caller, "2.1", Trunk, "2.2", Sierra, exten: "201"));

        Assert.Equal(("201", "trunk-a", "+23279000001", CallOrigin.Forwarded), Told("2.1"));
    }

    [Fact]
    public void Who_calls_out_from_another_own_site_pays_himself()
    {
        const string branch = "PJSIP/trunk-branch-00000001";
        See(
            Channel("Newchannel", branch, "1.1", "301", "0023279000001"),
            Dial(branch, "1.1", Trunk, "1.2", Sierra, caller: "4930123456", exten: "s"),
            Channel("Newchannel", branch, "2.1", "302", "0023279000001"),
            Channel("Newchannel", $"{ToSierra};1", "2.2", linked: "2.1"),
            Channel("Newchannel", $"{ToSierra};2", "2.3", linked: "2.1"),
            Dial(branch, "2.1", $"{ToSierra};1", "2.2", "90023279000001@phones", linked: "2.1"),
            Dial($"{ToSierra};2", "2.3", Trunk, "2.4", Sierra, linked: "2.1"),
            Hangup(branch, "1.1", state: 5));

        Assert.Equal(("trunk-branch/301", "trunk-a", "+23279000001", CallOrigin.Phone), Told("1.1"));
        Assert.Equal(("trunk-branch/302", "trunk-a", "+23279000001", CallOrigin.Phone), Told("2.3"));
        Assert.Equal("", _attempts["1.1"].Did);
        Assert.DoesNotContain(_told, static one => one.StartsWith("in ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Phone, "1009", false)]
    [InlineData("PJSIP/trunk-b-00000007", "trunk-b", true)]
    public void Whom_the_other_side_sends_on_is_paid_by_who_called(string caller, string payer, bool isStranger)
    {
        const string far = "PJSIP/trunk-c-00000008";
        See(Channel("Newchannel", caller, "1.1", exten: "030123456"), Dial(caller, "1.1", far, "1.2", "030123456@trunk-c", exten: "030123456"));
        See(Transfer(far, "1.2", caller, "1.1", "90023279000001", linked: "1.1"), Hangup(far, "1.2", "1.1"), Dial(caller, "1.1", Trunk, "1.5", Sierra, exten: "90023279000001"));

        Assert.Equal((payer, "trunk-a", "+23279000001", isStranger ? CallOrigin.DialledOn : CallOrigin.Phone), Told("1.1"));
    }

    [Fact]
    public void A_stranger_who_sends_the_phone_on_that_he_called_pays_and_not_the_phone()
    {
        const string caller = "PJSIP/trunk-b-00000007";
        See(Channel("Newchannel", caller, "1.1", "0301234567", "4930123456"), Dial(caller, "1.1", "PJSIP/1002-00000008", "1.2", "1002", exten: "4930123456"));
        See(Transfer(caller, "1.1", "PJSIP/1002-00000008", "1.2", "90023279000001"), Dial("PJSIP/1002-00000008", "1.2", Trunk, "1.5", Sierra, linked: "1.1", exten: "90023279000001"));

        Assert.Equal(("trunk-b", "trunk-a", "+23279000001", CallOrigin.DialledOn), Told("1.2"));
    }

    private readonly List<long> _moments = [];

    private long _now = 1_795_219_652_000;

    private (string, string, string, CallOrigin) Told(string id) => (_attempts[id].Extension, _attempts[id].Trunk, _attempts[id].Dialled.ToString(), _attempts[id].Origin);

    private void See(params string[] messages)
    {
        foreach (var message in messages)
        {
            var read = Assert.Single(Read(message, "id"));
            Assert.NotEqual(LiveKind.Odd, read.Kind);
            _live.See(read, _now);
        }
    }

    private sealed class Recorder(LiveCallsTests test) : ILiveCalls
    {
        public void Begin(string id, in CallAttempt attempt)
        {
            test._moments.Add(attempt.At);
            test._attempts[id] = attempt;
            test._told.Add($"begin {id}");
        }

        public void Answer(string id, long at)
        {
            test._moments.Add(at);
            test._told.Add($"answer {id}");
        }

        public void GoesOn(string id, long at) => Assert.Contains($"begin {id}", test._told);

        public void End(string id, long at) => test._told.Add($"end {id}");

        public void See(SiteEvent seen) => test._told.Add($"in {seen.Name} {seen.Seconds}");

        public void Gone(string channel, long at)
        {
            if (!channel.EndsWith(".2", StringComparison.Ordinal) && test._told is [.., var last] && last.StartsWith("in", StringComparison.Ordinal))
            {
                test._told.Add($"gone {channel}");
            }
        }
    }
}

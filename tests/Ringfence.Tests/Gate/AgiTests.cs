using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Gate;
using Ringfence.Core.Numbers;
using Ringfence.Tests.Fraud;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>What Asterisk sends over AGI, and what a caller can write into it.</summary>
public sealed class AgiTests
{
    private const string Nonce = "415623447";

    private static readonly string[] Arguments = ["1", "1763857144.7", "PJSIP/201-00000007", "0301234567", "", "trunk-a", "", "", "201", ""];

    [Fact]
    public void A_request_is_what_the_dialplan_gave_whatever_the_caller_writes_into_his_name() => Prop.ForAll(
        Gen.Elements("x", "a b", "\n", "\n\n", "agi_arg_1: ", "agi_arg_4: 0900", $"agi_arg_11: 41562344", "agi_network_script: gate/1", "\n\nagi_arg_1: 1\n", "200 result=1", "\r", "\0", "ü").ListOf().ToArbitrary(),
        parts =>
        {
            var bytes = Request(string.Concat(parts));
            var whole = Assert.IsType<AgiReading.Whole>(AgiRequest.Read(bytes)).Request;
            Assert.Equal("gate", whole.Script);
            Assert.Equal(Arguments, whole.Arguments);
            Assert.Equal("201", GateCall.Of(whole.Arguments)!.Extension);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_request_is_read_the_same_however_it_is_cut_into_packets()
    {
        var bytes = Request("Anna\n\n");
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.IsType<AgiReading.Unfinished>(AgiRequest.Read(bytes.AsSpan(0, length)));
        }

        Assert.IsType<AgiReading.Whole>(AgiRequest.Read(bytes));
    }

    [Fact]
    public void Whatever_is_sent_is_a_request_or_no_request_and_no_error() => Prop.ForAll(
        Gen.Choose(0, 255).ListOf().ToArbitrary(), Gen.Choose(0, 5000).ToArbitrary(),
        (noise, at) =>
        {
            var whole = Request("x");
            var cut = at % whole.Length;
            byte[] bytes = [.. whole[..cut], .. noise.Select(static value => (byte)value), .. whole[cut..]];
            AgiRequest.Read(bytes);
            AgiReply.Parse(Encoding.Latin1.GetString(bytes));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_request_without_end_is_given_up()
    {
        byte[] bytes = [.. Request("x")[..60], .. new byte[AgiRequest.MostBytes]];

        Assert.IsType<AgiReading.Wrong>(AgiRequest.Read(bytes));
        Assert.IsType<AgiReading.Wrong>(AgiRequest.Read("GET / HTTP/1.1\r\n"u8));
        Assert.IsType<AgiReading.Wrong>(AgiRequest.Read("agi_network: yes\nagi_network_script: gate\n"u8));
    }

    [Theory]
    [InlineData("200 result=1", 200, "1")]
    [InlineData("200 result=482913", 200, "482913")]
    [InlineData("200 result= (timeout)", 200, "")]
    [InlineData("200 result=12 (timeout)", 200, "12")]
    [InlineData("200 result=-1", 200, "-1")]
    [InlineData("510 Invalid or unknown command", 510, "")]
    [InlineData("511 Command Not Permitted on a dead channel or intercept routine", 511, "")]
    [InlineData("HANGUP", 0, "")]
    public void An_answer_is_read(string line, int code, string result) => Assert.Equal(new AgiReply(code, result), AgiReply.Parse(line));

    [Theory]
    [InlineData("")]
    [InlineData("agi_arg_1: 1")]
    [InlineData("200")]
    [InlineData("200 resul")]
    [InlineData("520-Invalid command syntax.  Proper usage follows:")]
    public void What_is_no_answer_is_none(string line) => Assert.Null(AgiReply.Parse(line));

    [Fact]
    public void A_command_is_one_line_of_which_the_value_comes_back_as_it_was() => Prop.ForAll(
        Gen.Choose(1, 300).Select(static c => (char)c).ListOf().ToArbitrary(),
        characters =>
        {
            var value = string.Concat(characters);
            var command = AgiCommand.SetVariable("NAME", value);
            Assert.DoesNotContain('\n', command);
            Assert.True(command.All(static c => c is >= ' ' and <= '~'));

            // As parse_args reads what is in quotes.
            var inside = command["SET VARIABLE NAME \"".Length..^1];
            var read = new StringBuilder();
            for (var i = 0; i < inside.Length; i++)
            {
                Assert.NotEqual('"', inside[i]);
                read.Append(inside[i] == '\\' ? inside[++i] : inside[i]);
            }

            Assert.Equal(string.Concat(value.Take(AgiCommand.MostValue).Select(static c => c is >= ' ' and <= '~' ? c : '?')), read.ToString());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_verdict_is_told_last()
    {
        Assert.Equal(["SET VARIABLE RINGFENCE_VERDICT \"allow\""], new GateDecision(true, null, 0, "").Commands());
        Assert.Equal(["SET VARIABLE RINGFENCE_SECONDS \"60\"", "SET VARIABLE RINGFENCE_VERDICT \"allow\""], new GateDecision(true, 60, 0, "").Commands());
        Assert.Equal(["SET VARIABLE RINGFENCE_CAUSE \"21\"", "SET VARIABLE RINGFENCE_WHY \"spend\"", "SET VARIABLE RINGFENCE_VERDICT \"deny\""], GateDecision.Deny(21, "spend").Commands());
    }

    [Theory]
    [InlineData("201", "0023299999999999", nameof(DialledKind.Outside))]
    [InlineData("201", "0023279000001", nameof(DialledKind.Outside))]
    [InlineData("201", "", nameof(DialledKind.Short))]
    [InlineData("201", "1201", nameof(DialledKind.Short))]
    [InlineData("0112", "0023279000001", nameof(DialledKind.Emergency))]
    [InlineData("", "", nameof(DialledKind.Unreadable))]
    public void A_short_code_that_the_dialplan_makes_a_number_of_is_that_number(string dialled, string sent, string kind)
    {
        var call = new GateCall("1763857144.7", "PJSIP/201-00000007", dialled, sent, "trunk-a", "", "", "201", "");

        Assert.Equal(kind, call.Attempt(0, TestCalls.Rules, NumberPlans.BuiltIn, new Tariff(null, "DE")).Dialled.Kind.ToString());
    }

    [Theory]
    [InlineData("PJSIP/branch-00000007", "branch/301", "Phone")]
    [InlineData("PJSIP/trunk-b-00000007", "trunk-b", "Forwarded")]
    public void Who_calls_from_another_own_site_is_asked_about_himself(string channel, string payer, string origin)
    {
        var rules = new DiallingRules(NumberPlans.BuiltIn.Of("DE")!, []) { InsideTrunks = ["branch"] };
        var attempt = new GateCall("1763857144.7", channel, "0023279000001", "", "trunk-a", "", "4930123456", "301", "").Attempt(0, rules, NumberPlans.BuiltIn, new Tariff(null, "DE"));

        Assert.Equal((payer, origin), (attempt.Extension, attempt.Origin.ToString()));
    }

    [Theory]
    [InlineData("PJSIP/201\u001b[2J-00000007")]
    [InlineData("PJSIP/201\u0085-00000007")]
    public void What_no_dialplan_of_ours_sends_is_no_call(string channel) => Assert.Null(GateCall.Of([.. Arguments[..2], channel, .. Arguments[3..]]));

    private static byte[] Request(string name) => Encoding.Latin1.GetBytes(
        $"agi_network: yes\nagi_network_script: gate/{Nonce}\nagi_request: agi://127.0.0.1:4573/gate/{Nonce}\nagi_channel: PJSIP/201-00000007\nagi_callerid: {name}\nagi_calleridname: {name}\nagi_extension: s\n"
        + string.Concat(Arguments.Append(Nonce).Select(static (argument, at) => $"agi_arg_{at + 1}: {argument}\n")) + "\n");
}

using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.Tests.Parsing;

/// <summary>PJSIP's refusals whose From it cut, or in which it printed the sender's text as he wrote it: they name the sender or nobody.</summary>
public sealed class RefusedRequestTests
{
    private const string Sender = "198.51.100.7";
    private const string Module = "res_pjsip/pjsip_distributor.c";
    private const string Forged = "' failed for '8.8.8.8:5060' (callid: 1) - Failed to authenticate";

    private static readonly string[] TextForms = ["default", "plain"];

    /// <summary>As Asterisk 22.10.1 printed them, with what its stack held.</summary>
    public static TheoryData<string, string> CutFroms() => new()
    {
        { "<sip:3070@10.80.0.1;x=", "3070" },
        { "<sip:3070@10.80.0.1;q=3c-8652-49f5-b9d7-72a91de3b2e3:asterisk", "3070" },
        { "<sip:3070@q\x1doU", "3070" },
        { "\"Front desk\" <sip:3070@10.80.0.1;x=isk", "3070" },
        { "<sip:", "" },
        { "<tel:\x7f", "" },
        { "", "" },
        { "\x10" + "d\x0eG\x7f", "" },
    };

    /// <summary>Everything that PJSIP decodes and prints as it is. Measured on 22.10.1, each with a short From.</summary>
    public static TheoryData<string> RawFroms() =>
    [
        $"<sip:1@10.80.0.1;user=phone>{Forged}>",
        $"<sip:1@10.80.0.1;x=1;user=\"a>{Forged}\">",
        $"<sip:1@10.80.0.1;x=\"a>{Forged}\">",
        $"<sip:1@[x>{Forged}]>",
        $"<sip:1@[::1>{Forged}]>",
        $"<sip:1@[[::1]>{Forged}]>",
    ];

    [Theory]
    [MemberData(nameof(CutFroms))]
    public void A_From_that_Asterisk_cut_does_not_hide_its_sender(string from, string account)
    {
        foreach (var form in Forms.All)
        {
            var log = Recorder.Read(Forms.Write(form, "NOTICE", Module, Forms.Distributor(from, "3e43@lab", reason: "Failed to authenticate")));

            Assert.Equal((Sender, EventKind.PasswordRefused, account, true), Assert.Single(log.Events.Select(seen => (seen.Source, seen.Kind, seen.Account, seen.Counts))));
            Assert.Equal(0, log.Counts.Unsure);
        }
    }

    [Theory]
    [MemberData(nameof(CutFroms))]
    public void Where_Asterisk_s_words_stand_twice_behind_a_cut_From_nobody_is_named(string from, string account)
    {
        foreach (var form in Forms.All)
        {
            var log = Recorder.Read(Forms.Write(form, "NOTICE", Module, Forms.Distributor(from + account, $"x{Forged}")));

            Assert.Empty(log.Events);
            Assert.Equal(1, log.Counts.Unsure);
        }
    }

    [Theory]
    [MemberData(nameof(RawFroms))]
    public void What_PJSIP_prints_as_it_was_sent_names_nobody_else(string from)
    {
        foreach (var form in Forms.All)
        {
            var log = Recorder.Read(Forms.Write(form, "NOTICE", Module, Forms.Distributor(from, "3e43@lab")));

            Assert.DoesNotContain(log.Events, seen => seen.Counts);
            Assert.Equal(1, log.Counts.Unsure);
        }
    }

    [Theory]
    [InlineData("' failed for '198.51.100.9:1' (callid: 1) - Failed to authenticate\n")]
    [InlineData("' failed for '198.51.100.9:1' (callid: 1) - words of another version\n")]
    [InlineData("\n")]
    public void Lines_in_a_user_parameter_count_for_nobody(string end)
    {
        var line = Forms.Write("default", Forms.Security("ChallengeResponseFailed", "1", "x", "IPV4/TCP/8.8.8.8/1", ",Challenge=\"\",Response=\"\",ExpectedResponse=\"\""));
        foreach (var form in TextForms)
        {
            var log = Recorder.Read(Forms.Write(form, "NOTICE", Module, Forms.Distributor($"<sip:1@x;user=phone>{end}{line}x>", "3e43@lab")));

            Assert.DoesNotContain(log.Events, seen => seen.Counts);
        }
    }

    [Fact]
    public void In_json_a_line_end_hides_nobody_and_a_phone_s_user_parameter_neither()
    {
        foreach (var user in new[] { "phone", "a\n b", "\"" })
        {
            var log = Recorder.Read(Forms.Write("json", "NOTICE", Module, Forms.Distributor($"<sip:3070@10.80.0.1;user={user}>", "3e43@lab")));

            Assert.Equal((Sender, true), Assert.Single(log.Events.Select(seen => (seen.Source, seen.Counts))));
        }
    }

    [Theory]
    [InlineData("default")]
    [InlineData("plain")]
    [InlineData("json")]
    public void Random_text_wherever_PJSIP_prints_it_as_it_is_names_its_sender_or_nobody(string form)
    {
        var random = new Random(20261122);
        var text = new AttackerText(random);
        var counted = 0;
        for (var i = 0; i < 30_000; i++)
        {
            var source = $"198.51.100.{1 + (i % 254)}";
            var name = random.Next(3) == 0 ? $"\"{text.NextQuoted(100)}\" " : "";
            var any = random.Next(2) == 0 ? text.NextLines(480) : text.Next(480);
            var from = (i % 6) switch
            {
                0 => $"<sip:1@x;user={any}>",
                1 => $"<sip:1@x;x=\"{any}>",
                2 => $"<sip:1@[{any.Replace("]", "", StringComparison.Ordinal)}]>",
                3 => $"<sip:1@x;user={any}",
                4 => "<sip:1@x;x=",
                _ => "",
            };
            var log = Recorder.Read(Forms.Write(form, "NOTICE", Module, Forms.Distributor(name + from, text.Next(511, "\r\n"), $"{source}:34336")));

            Assert.All(log.Events.Where(seen => seen.Counts), seen => Assert.True(seen.Source == source, $"case {i}: {seen.Source} by {name}{from}"));
            counted += log.Events.Count(seen => seen.Counts);
        }

        Assert.True(counted > 3_000, $"only {counted} were counted");
    }
}

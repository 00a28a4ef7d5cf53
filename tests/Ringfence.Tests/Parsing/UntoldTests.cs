using Ringfence.Core.Events;
using Ringfence.Core.Sip;
using Xunit;

namespace Ringfence.Tests.Parsing;

/// <summary>What a log says of messages that were too long for HEP, or for the logger itself.</summary>
public sealed class UntoldTests
{
    private const string Unsent = "[2026-11-22 00:18:43.095] ERROR[6019] res_hep.c: Error [90] while sending packet to HEPv3 server: Message too long\n";

    // Line ends of a dump stand in it as they are.
    private const string Dump = "[2026-11-22 00:18:48.309] ERROR[6009] pjproject: \t        sip_endpoint.c Error processing packet from 198.51.100.9:46301: Rx buffer overflow (PJSIP_ERXOVERFLOW)  [code 171062]:\n";

    [Theory]
    [InlineData(Unsent, 1, Label = "a line")]
    [InlineData(Dump + Unsent + "-- end of packet.\n" + Unsent, 2, Label = "in a dump and behind it: who forges it could as well do it")]
    [InlineData("{\"hostname\":\"\",\"timestamp\":\"2026-11-22 00:18:43.095\",\"identifiers\":{\"lwp\":6019,\"callid\":\"\"},\"logmsg\":{\"location\":{\"filename\":\"res_hep.c\",\"function\":\"hep_queue_cb\",\"line\":1},\"level\":\"ERROR\",\"message\":\"Error [90] while sending packet to HEPv3 server: Message too long\\n\"}}\n", 1, Label = "of json")]
    [InlineData("[2026-11-22 00:18:43.095] ERROR[6019] app_dial.c: Error [90] while sending packet to HEPv3 server: Message too long\n", 0, Label = "of another module")]
    [InlineData("[2026-11-22 00:18:43.095] NOTICE[6019] res_hep.c: Error [90] while sending packet to HEPv3 server: Message too long\n", 0, Label = "of another level")]
    public void A_message_that_res_hep_could_not_send_is_counted(string log, long expected) => Assert.Equal(expected, Recorder.Read(log).Counts.Unsent);

    [Fact]
    public void A_security_record_that_the_logger_cut_is_counted_in_text_and_in_json_and_names_nobody()
    {
        var text = Recorder.Read(Forms.Write("default", Forms.Security("ChallengeResponseFailed", "1001", new string('c', 9_000)))[..8_191] + "\n");
        var json = Recorder.Read("{\"hostname\":\"\",\"timestamp\":\"2026-11-22 00:18:37.864\",\"logmsg\":{\"level\":\"SECURITY\",\"message\":\"SecurityEvent=\\\"ChallengeSent\\\",SessionID=\\\"" + new string('c', 8_060) + "\n");

        Assert.Equal((1L, 1L), (text.Counts.CutRecords, json.Counts.CutRecords));
        Assert.Empty(text.Events);
        Assert.Empty(json.Events);
    }

    [Fact]
    public void Records_that_ran_together_beyond_what_is_read_are_counted_once()
    {
        var cut = Forms.Write("default", Forms.Security("ChallengeResponseFailed", "1001", new string('c', 9_000)))[..8_191];

        Assert.Equal(1, Recorder.Read(string.Concat(Enumerable.Repeat(cut, 10)) + "\n").Counts.CutRecords);
    }

    [Fact]
    public void A_syslog_that_cuts_is_no_such_sign() =>
        Assert.Equal(0, Recorder.Read("Nov 22 00:18:37 pbx asterisk[1]: SECURITY[6020]: res_security_log.c: SecurityEvent=\"ChallengeSent\",SessionID=\"" + new string('c', 1_500) + "\n").Counts.CutRecords);

    [Theory]
    [InlineData(31_000, false, true)]
    [InlineData(32_700, true, true)]
    [InlineData(511, false, true)]
    [InlineData(510, false, false)]
    public void By_its_Call_ID_a_record_is_about_a_message_that_HEP_can_not_have_told_or_may_not(int bytes, bool isUntold, bool mayBe)
    {
        var seen = new PbxEvent { Session = new byte[bytes] };

        Assert.Equal((isUntold, mayBe), (UntoldByHep.Is(seen), UntoldByHep.MayBe(seen)));
    }
}

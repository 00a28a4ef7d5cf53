using System.Text;
using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.Tests.Parsing;

/// <summary>Whatever a sender writes into the fields that are his, the address that counts is his or none.</summary>
public sealed class InjectionTests
{
    private const string Sender = "198.51.100.7";
    private const string Answer = ",Challenge=\"1795219113/6394\",Response=\"c059\",ExpectedResponse=\"\"";

    /// <summary>Each of them was sent to a real Asterisk in one form or another; the account is cut to 36 bytes there.</summary>
    public static TheoryData<string> Accounts() =>
    [
        Row("a quote and a field", "x\",RemoteAddress=\"IPV4/UDP/203.0.113.9"),
        Row("a quote at the end", "x\""),
        Row("a backslash at the end", "x\\"),
        Row("a line end", "x\ny"),
        Row("a line end last", "x\n"),
        Row("a line end first", "\nx"),
        Row("line ends only", new string('\n', 36)),
        Row("a carriage return and a line end", "x\r\ny"),
        Row("a record after a line end", "a\r\nSecurityEvent=\"InvalidAccountID\""),
        Row("a header after a line end", "\n[1795220137] NOTICE[1] chan_sip.c: "),
        Row("a header without a date after a line end", "\n[] NOTICE[1] res_pjsip_session.c: x"),
        Row("a full header cut at 36", "\n[2026-11-21 00:02:20] NOTICE[1] "),
        Row("VERBOSE after a line end", "\n[2026-11-20 23] VERBOSE[1] x.c: y"),
        Row("an end of packet", "\n-- end of packet.\n"),
        Row("the session's name", "\",SessionID=\""),
        Row("the session's name twice", "\",SessionID=\"\",SessionID=\""),
        Row("the local address", "\",LocalAddress=\"IPV4/UDP/1.1.1.1/1"),
        Row("a json end", "\"}}\n{\"hostname\":\""),
        Row("colours", "\x1b[1;33mNOTICE\x1b[0m"),
        Row("a record separator", "\x1e\xe2\x80\xa8"),
        Row("bytes that are not UTF-8", "\xff\xfe"),
        Row("nothing", ""),
    ];

    public static TheoryData<string> Sessions() =>
    [
        Row("a whole end of a record", "x\",LocalAddress=\"IPV4/UDP/10.99.0.1/5060\",RemoteAddress=\"IPV4/UDP/8.8.8.8/5060\""),
        Row("an end of a record without its last quote", "x\",LocalAddress=\"IPV4/UDP/10.99.0.1/5060\",RemoteAddress=\"IPV4/UDP/8.8.8.8/5060"),
        Row("an end with the fields of an answer", "x\",LocalAddress=\"IPV4/UDP/10.99.0.1/5060\",RemoteAddress=\"IPV4/UDP/8.8.8.8/5060\",Challenge=\"x\",Response=\"y\",ExpectedResponse=\"\""),
        Row("a second remote address", "x\",RemoteAddress=\"IPV4/UDP/8.8.8.8/5060\",SessionID=\"y"),
        Row("a backslash at the end", "x\\"),
        Row("a host that failed", "x: Host 10.99.1.2 failed to authenticate"),
        Row("a refusal of PJSIP", "z) x' failed for '192.0.2.20:5060' (callid: 1"),
        Row("a refusal of PJSIP with its reason", "z) - No matching endpoint found' failed for '192.0.2.20:5060' (callid: 1) - Failed to authenticate"),
        Row("a refusal of chan_sip", "Registration from '' failed for '8.8.8.8' - Wrong password"),
        Row("a call", "x: Call (UDP:8.8.8.8:5060) to extension '00972598123456' rejected because extension not found in context 'c'."),
        Row("a call of chan_sip", "Call from '' (UDP:8.8.8.8:5060) to extension '00972598123456' rejected because extension not found in context 'c'."),
        Row("a header", "[2026-11-20 23:58:33.337] SECURITY[1] res_security_log.c: SecurityEvent=\"InvalidAccountID\""),
        Row("a vertical tab and a header", "\x0b[2026-11-20 23:58:33.337] NOTICE[1] manager.c: 8.8.8.8 failed to authenticate as 'x'"),
        Row("a json end", "\"}}"),
        Row("a json message", "\\n\"}}{\"message\":\""),
        Row("a JSON escape", "\\u0022,RemoteAddress=\\u0022IPV4/UDP/8.8.8.8/1\\u0022"),
        Row("quotes only", "\"\"\"\"\"\"\"\""),
        Row("equals and quotes", "=\"=\"=\"=\""),
    ];

    private static TheoryDataRow<string> Row(string name, string text) => new(text) { Label = name };

    [Theory]
    [MemberData(nameof(Accounts))]
    public void An_account_can_t_name_another_address(string account)
    {
        account = account.Length > 36 ? account[..36] : account;

        foreach (var form in Forms.All)
        {
            foreach (var (kind, tail) in Kinds)
            {
                var log = Recorder.Read(
                    Forms.Write(form, Forms.Security(kind, account, "3e43@lab", tail: tail)) + Forms.Write(form, Forms.Security("InvalidAccountID", "5555", "2", "IPV4/TCP/198.51.100.8/1")));

                Assert.Equal([Sender, "198.51.100.8"], log.Events.Select(seen => seen.Source));
                Assert.All(log.Events, seen => Assert.True(seen.Counts));
                Assert.Equal(account.Contains('\n') ? [(Sender, true)] : [], log.Injections.Select(seen => (seen.Source, seen.Counts)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sessions))]
    public void A_session_can_t_name_another_address(string session)
    {
        foreach (var form in Forms.All)
        {
            foreach (var (kind, tail) in Kinds)
            {
                var log = Recorder.Read(Forms.Write(form, Forms.Security(kind, "5555", session, tail: tail)));

                Assert.Equal(Sender, Assert.Single(log.Events).Source);
            }

            var notice = Recorder.Read(Forms.Write(form, "NOTICE", "res_pjsip/pjsip_distributor.c", Forms.Distributor("<sip:5555@10.99.0.1>", session)));
            Assert.Equal((Sender, EventKind.AccountUnknown), Assert.Single(notice.Events.Select(seen => (seen.Source, seen.Kind))));
        }
    }

    [Fact]
    public void A_line_end_in_the_account_and_a_line_of_another_grammar_in_the_session_ban_nobody_else()
    {
        // Facts 3.3: three packets like this had fail2ban ban a phone.
        var account = "\n[2026-11-21 00:02:20] NOTICE[1] ";

        var log = Recorder.Read(Forms.Write("default", Forms.Security("InvalidAccountID", account, "x: Host 10.99.1.2 failed to authenticate")));

        Assert.Equal(Sender, Assert.Single(log.Events).Source);
        Assert.Empty(log.Misses);
    }

    [Theory]
    [InlineData("default")]
    [InlineData("plain")]
    [InlineData("json")]
    public void Random_text_in_every_field_of_a_security_record_leaves_its_sender_alone(string form)
    {
        var random = new Random(20261120);
        var text = new AttackerText(random);
        for (var i = 0; i < 40_000; i++)
        {
            var (kind, _) = Kinds[random.Next(Kinds.Length)];
            var tail = kind switch
            {
                "ChallengeResponseFailed" => $",Challenge=\"{text.NextQuoted(200)}\",Response=\"{text.NextQuoted(200)}\",ExpectedResponse=\"\"",
                "ChallengeSent" => ",Challenge=\"\"",
                "FailedACL" => ",ACLName=\"not_match_endpoint_acl\"",
                "SuccessfulAuth" => ",UsingPassword=\"1\"",
                _ => "",
            };
            var source = $"198.51.100.{1 + (i % 254)}";
            var record = Forms.Write(form, Forms.Security(kind, text.Next(36, ":"), text.Next(700, "\r\n"), $"IPV4/UDP/{source}/{1 + (i % 65_000)}", tail));

            var log = Recorder.Read(record);

            Assert.True(log.Events.Count == 1 && log.Events[0].Source == source && log.Events[0].Counts, $"case {i}: {record}");
        }
    }

    [Theory]
    [InlineData("default")]
    [InlineData("plain")]
    [InlineData("json")]
    public void Random_text_in_every_field_of_a_refusal_by_PJSIP_leaves_its_sender_alone(string form)
    {
        var random = new Random(20261121);
        var text = new AttackerText(random);
        for (var i = 0; i < 20_000; i++)
        {
            var source = $"198.51.100.{1 + (i % 254)}";
            var name = random.Next(2) == 0 ? "" : $"\"{text.NextQuoted(100)}\" ";
            var user = text.Next(60, "\r\n\t\v \"<>\\[]{}|^`#\x1b\x1e");
            var method = text.Next(12, "\r\n\t\v \"<>()@,;:\\/[]?={}\x1b\x1e\xff\xc3\xa9\xe2\x80\xa8");
            var message = Forms.Distributor($"{name}<sip:{user}@10.99.0.1>", text.Next(500, "\r\n"), $"{source}:34336", method.Length == 0 ? "X" : method);

            var log = Recorder.Read(Forms.Write(form, "NOTICE", "res_pjsip/pjsip_distributor.c", message));

            Assert.All(log.Events, seen => Assert.Equal(source, seen.Source));
            Assert.True(log.Events.Count == 1, $"case {i}: {message}");
        }
    }

    [Fact]
    public void Random_text_in_the_lines_of_the_old_channels_names_the_sender_or_nobody()
    {
        var random = new Random(20261122);
        var text = new AttackerText(random);
        var read = 0;
        for (var i = 0; i < 30_000; i++)
        {
            var source = $"198.51.100.{1 + (i % 254)}";
            var a = text.Next(200, "\r\n");
            var b = text.Next(79, "\r\n");
            var (module, message) = (i % 8) switch
            {
                0 => ("chan_sip.c", $"Registration from '{a}' failed for '{source}:5060' - Wrong password"),
                1 => ("chan_sip.c", $"Call from '{a}' ({source}:5060) to extension '{b}' rejected because extension not found in context 'default'."),
                2 => ("chan_sip.c", $"Call from '' (UDP:{source}:5060) to extension '{b}' rejected because extension not found in context 'default'."),
                3 => ("chan_iax2.c", $"Host {source} failed to authenticate as {b}"),
                4 => ("chan_iax2.c", $"No registration for peer '{b}' (from {source})"),
                5 => ("chan_iax2.c", $"Rejected connect attempt from {source}, who was trying to reach '{a}@{b}'"),
                6 => ("manager.c", $"{source} failed to authenticate as '{a}'"),
                _ => ("res_pjsip_session.c", $" 1001: Call (UDP:{source}:5060) to extension '{b}' rejected because extension not found in context 'internal'."),
            };

            var log = Recorder.Read(Forms.Write(Forms.All[i % 3], "NOTICE", module, message));

            Assert.All(log.Events, seen => Assert.True(seen.Source == source, $"case {i}: {message}"));
            read += log.Events.Count;
        }

        Assert.True(read > 20_000, $"only {read} lines were understood");
    }

    private static readonly string[] DumpHeaders =
    [
        "[2026-11-20 23:58:33.337] ERROR[22978] pjproject: ", "[2026-11-20 23:58:33.337] ERROR[22978]: pjproject:<?>: ", "[2026-11-20 23:58:33.337] ERROR[22978][C-00000001]: pjproject:<?>: ",
        "[2026-11-20 23:58:33.337] ERROR[22978]: pjproject:0 <?>: ", "Nov 20 23:58:33 pbx asterisk[812]: ERROR[22978]: pjproject:0 in <?>: ", "[Nov 20 23:58:33] WARNING[22978]: pjproject:0 in <?>: ",
        "\x1b[1;31m[2026-11-20 23:58:33.337] ERROR[22978]: \x1b[1;37mpjproject\x1b[0m:\x1b[1;37m0\x1b[0m \x1b[1;37m<?>\x1b[0m: ", "[2026-11-20 23:58:33.337] NOTICE[22978] pjproject: ",
        "2026-11-20 23:58:33 ERROR pjproject: ", "[a date of somebody's own [with brackets]] ERROR[22978] pjproject: ", "Nov 20 23:58:33 pbx pbx-1[812]: ERROR[22978]: pjproject:0 in <?>: ",
    ];

    private static readonly string[] DumpStarts =
    [
        "\t        sip_endpoint.c Error processing packet from 198.51.100.7:41954: Missing required header(s) CSeq (PJSIP_EMISSINGHDR) [code 171050]:",
        "\t       sip_transport.c Error processing 907 bytes packet from UDP 198.51.100.7:41954 : PJSIP syntax error exception when parsing 'Request Line' header on line 1 col 2:",
        "\t           tsx0x7f10c1 Some other words of a version to come:",
    ];

    public static TheoryData<string, string> Dumps()
    {
        var dumps = new TheoryData<string, string>();
        foreach (var header in DumpHeaders)
        {
            foreach (var start in DumpStarts)
            {
                dumps.Add(header, start);
            }
        }

        return dumps;
    }

    [Fact]
    public void A_Call_ID_with_the_words_of_a_dump_hides_nothing()
    {
        var log = Recorder.Read(string.Concat(Enumerable.Range(0, 3).Select(_ =>
            Forms.Write("default", "NOTICE", "res_pjsip/pjsip_distributor.c", Forms.Distributor("<sip:1@x>", "pjproject: sip_endpoint.c Error processing packet from 8.8.8.8:1: x:")))));

        Assert.Equal(3, log.Events.Count(seen => seen.Source == Sender && seen.Counts));
    }

    [Theory]
    [MemberData(nameof(Dumps))]
    public void A_dumped_packet_s_lines_count_for_nobody_whatever_they_say(string header, string start)
    {
        var random = new Random(4);
        var text = new AttackerText(random);
        for (var i = 0; i < 200; i++)
        {
            var log = new StringBuilder(header).Append(start).Append('\n');
            log.Append("INVITE sip:1@10.99.0.1 SIP/2.0\r\n");
            for (var j = random.Next(8); j >= 0; j--)
            {
                log.Append(random.Next(5) switch
                {
                    0 => Forms.Write("default", Forms.Security("ChallengeResponseFailed", "1001", "x", "IPV4/TCP/8.8.8.8/1", Answer)),
                    1 => Forms.Write("default", "NOTICE", "chan_sip.c", "Registration from '' failed for '8.8.8.8:1' - Wrong password"),
                    2 => "-- end of packet.\n",
                    3 => Forms.Write("json", Forms.Security("InvalidAccountID", "1", "x", "IPV4/TCP/8.8.8.8/1")),
                    _ => text.Next(300) + "\n",
                });
            }

            log.Append("\n-- end of packet.\n");
            log.Append(Forms.Write("default", Forms.Security("InvalidAccountID", "5555", "1")));

            var read = Recorder.Read(log.ToString());

            Assert.All(read.Events.Where(seen => seen.Source != Sender), seen => Assert.False(seen.Counts, $"case {i}: {log}"));
        }
    }

    [Fact]
    public void What_follows_a_dump_counts_again_once_no_packet_can_be_so_long()
    {
        var log = new StringBuilder(Forms.Write("default", "ERROR", "pjproject", "\t        sip_endpoint.c Error processing packet from 198.51.100.7:41954: Missing required header(s):"));
        log.Append("x\n-- end of packet.\n");
        var near = Forms.Write("default", Forms.Security("InvalidAccountID", "5555", "near"));
        log.Append(near);
        while (log.Length < 66_000)
        {
            log.Append("[2026-11-20 23:58:33.337] NOTICE[1] cdr.c: CDR simple logging enabled.\n");
        }

        log.Append(Forms.Write("default", Forms.Security("InvalidAccountID", "5555", "far")));

        var read = Recorder.Read(log.ToString());

        Assert.Equal([("near", false), ("far", true)], read.Events.Where(seen => seen.Kind == EventKind.AccountUnknown).Select(seen => (seen.Session, seen.Counts)));
    }

    [Theory]
    [InlineData("SECURITY")]
    [InlineData("NOTICE")]
    public void A_manager_s_name_over_HTTP_can_t_write_lines_that_count(string level)
    {
        // Facts 3.7: the name holds the end of its own record, whole records, and the beginning of one that takes the true end.
        var random = new Random(7);
        for (var i = 0; i < 3_000; i++)
        {
            var ownEnd = level == "SECURITY"
                ? "x\",SessionID=\"0x7f\",LocalAddress=\"IPV4/TCP/0.0.0.0/5038\",RemoteAddress=\"IPV4/TCP/8.8.8.8/1\",SessionTV=\"1970-01-01T00:00:00.000+0000\"\n"
                : "x'\n";
            var name = new StringBuilder(random.Next(3) == 0 ? "x\n" : ownEnd);
            for (var j = random.Next(6); j >= 0; j--)
            {
                name.Append(random.Next(4) switch
                {
                    0 => Forms.Write("default", Forms.Security("ChallengeResponseFailed", "1001", "x", "IPV4/TCP/8.8.8.8/1", Answer)),
                    1 => Forms.Write("default", "NOTICE", "manager.c", "8.8.8.8 failed to authenticate as 'admin'"),
                    2 => Forms.Write("default", "NOTICE", "res_pjsip/pjsip_distributor.c", Forms.Distributor("<sip:1@x>", "1", "8.8.8.8:1")),
                    _ => Forms.Write("default", Forms.Security("InvalidAccountID", "y", "0x7f", "IPV4/TCP/8.8.8.8/1", service: "AMI")),
                });
            }

            var last = level == "SECURITY" ? "[2026-11-20 23:58:33.337] SECURITY[1] res_security_log.c: " + Forms.Security("InvalidAccountID", "z", "", service: "AMI").Split("z\",")[0] + "z" : "z";
            var forged = name + last;
            forged = forged.Length > 7_900 ? forged[..7_900] : forged;
            var log = level == "SECURITY"
                ? Forms.Write("default", Forms.Security("InvalidAccountID", forged, "0x7f70ba192330", $"IPV4/TCP/{Sender}/47623", ",SessionTV=\"1970-01-01T00:00:00.000+0000\"", "AMI"))
                : Forms.Write("default", "NOTICE", "manager.c", $"{Sender} tried to authenticate with nonexistent user '{forged}'")
                    + Forms.Write("default", "NOTICE", "manager.c", $"{Sender} failed to authenticate as '{forged}'");

            var read = Recorder.Read(log);

            Assert.All(read.Events.Where(seen => seen.Source != Sender), seen => Assert.False(seen.Counts, $"case {i}: {log}"));
        }
    }

    [Fact]
    public void Behind_an_unknown_manager_s_name_lines_count_again_once_no_name_can_be_so_long()
    {
        var log = new StringBuilder(Forms.Write("default", Forms.Security("InvalidAccountID", "nobody", "0x1", $"IPV4/TCP/{Sender}/1", service: "AMI")));
        for (var i = 0; i < 60; i++)
        {
            log.Append(Forms.Write("default", Forms.Security("InvalidAccountID", "5555", $"{i}")));
        }

        var read = Recorder.Read(log.ToString());

        Assert.Equal(61, read.Events.Count);
        Assert.False(read.Events[0].Counts);
        Assert.False(read.Events[1].Counts);
        Assert.True(read.Events[^1].Counts);
    }

    [Theory]
    [InlineData("default")]
    [InlineData("plain")]
    public void Line_ends_in_what_IAX2_asks_for_can_t_write_lines_that_count(string form)
    {
        // 255 raw bytes each; a real Asterisk 22.10.1 wrote them so.
        var random = new Random(9);
        var text = new AttackerText(random);
        for (var i = 0; i < 20_000; i++)
        {
            var a = random.Next(4) == 0 ? text.Next(255) : text.NextLines(255);
            var b = random.Next(2) == 0 ? "default" : text.NextLines(255);
            var message = (i % 6) switch
            {
                0 => $"Host {Sender} failed to authenticate as {a}",
                1 => $"No registration for peer '{a}' (from {Sender})",
                2 => $"Rejected connect attempt from {Sender}:4569, request '{a}@{b}' does not exist",
                3 => $"Host {Sender} failed MD5 authentication for 'guest' (d41d8cd98f00b204e9800998ecf8427e != {a})",
                4 => $"Peer '{a}' is not dynamic (from {Sender})",
                _ => $"Rejected connect attempt from {Sender}:4569, who was trying to reach '{a}@{b}'",
            };
            var log = Forms.Write(form, "NOTICE", "chan_iax2.c", message);

            var read = Recorder.Read(log + log);

            Assert.All(read.Events.Where(seen => seen.Source != Sender), seen => Assert.False(seen.Counts, $"case {i}: {log}"));
            Assert.All(Recorder.Read(Forms.Write("json", "NOTICE", "chan_iax2.c", message)).Events.Where(_ => i % 6 != 4), seen => Assert.Equal(Sender, seen.Source));
        }
    }

    [Fact]
    public void A_sender_of_IAX2_is_counted_line_by_line_and_those_near_him_are_not()
    {
        static string Failed(string source) => Forms.Write("default", "NOTICE", "chan_iax2.c", $"Host {source} failed to authenticate as guest");
        var other = Forms.Write("default", "NOTICE", "res_pjsip/pjsip_distributor.c", Forms.Distributor("<sip:1@x>", "1", "192.0.2.5:1"));

        var alone = Recorder.Read(Failed(Sender) + Failed(Sender) + other + Failed(Sender));
        var together = Recorder.Read(Failed(Sender) + Failed("192.0.2.9") + Failed(Sender));
        var later = Recorder.Read(Failed(Sender) + string.Concat(Enumerable.Repeat("[2026-11-20 23:58:33.337] NOTICE[1] cdr.c: CDR simple logging enabled.\n", 16)) + other);

        Assert.Equal([(Sender, true), (Sender, true), ("192.0.2.5", false), (Sender, true)], alone.Events.Select(seen => (seen.Source, seen.Counts)));
        Assert.Equal([(Sender, true), ("192.0.2.9", false), (Sender, false)], together.Events.Select(seen => (seen.Source, seen.Counts)));
        Assert.True(later.Events[^1].Counts);
    }

    [Theory]
    [InlineData("default")]
    [InlineData("plain")]
    [InlineData("json")]
    public void What_a_manager_s_client_sends_can_t_name_another_address_behind_its_own(string form)
    {
        // manager.c passes Key, Action and parameters as they came, and nothing escapes them.
        var random = new Random(10);
        var text = new AttackerText(random);
        var read = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var overHttp = random.Next(2) == 0 && form != "json";
            var sent = overHttp ? text.NextLines(2_000) : i % 3 == 0
                ? $"a\",LocalAddress=\"IPV4/TCP/0.0.0.0/5038\",RemoteAddress=\"IPV4/TCP/8.8.8.8/5060\",{(i % 2 == 0 ? "Challenge" : "RequestType")}=\"1\",{(i % 2 == 0 ? "Response" : "RequestParams")}=\"b"
                : text.Next(400, "\r\n");
            var (kind, tail) = (i % 4) switch
            {
                0 => ("ChallengeResponseFailed", $",Challenge=\"202562115\",Response=\"{sent}\",ExpectedResponse=\"790db6ef65b07bbdfb8dbfc44752d9ec\""),
                1 => ("RequestNotAllowed", $",RequestType=\"Action: {sent}\",RequestParams=\"Command: {sent}\""),
                2 => ("ChallengeResponseFailed", $",Challenge=\"{i}\",Response=\"{sent}\",ExpectedResponse=\"\""),
                _ => ("RequestBadFormat", $",RequestType=\"Action: {sent}\""),
            };
            var log = Forms.Write(form, Forms.Security(kind, "", "0x7f70d4003ca0", $"IPV4/TCP/{Sender}/43901", tail + ",SessionTV=\"1970-01-01T00:00:00.000+0000\"", "AMI"));

            var seen = Recorder.Read(log).Events;

            Assert.All(seen.Where(each => each.Source != Sender), each => Assert.False(each.Counts, $"case {i}: {log}"));
            read += seen.Count(each => each.Source == Sender);
        }

        Assert.True(read > 2_500, $"only {read} records were understood");
    }

    [Theory]
    [InlineData("InvalidAccountID", "")]
    [InlineData("ChallengeSent", ",Challenge=\"\"")]
    [InlineData("FailedACL", ",ACLName=\"domain_must_match\"")]
    [InlineData("InvalidPassword", ",Challenge=\"1\",ReceivedChallenge=\"1\",ReceivedHash=\"2\"")]
    public void The_user_that_chan_sip_decoded_can_t_write_lines_that_count(string kind, string tail)
    {
        var text = new AttackerText(new Random(11));
        for (var i = 0; i < 3_000; i++)
        {
            var user = text.NextLines(4_000);
            var log = Forms.Write("default", Forms.Security(kind, user, "0x7f1a3c0018b8", tail: tail, service: "SIP"))
                + Forms.Write("default", "NOTICE", "chan_sip.c", $"Call from '' ({Sender}:5060) to extension '{user}' rejected because extension not found in context 'default'.");

            var read = Recorder.Read(log);

            Assert.All(read.Events.Where(seen => seen.Source != Sender), seen => Assert.False(seen.Counts, $"case {i}: {log}"));
        }
    }

    [Fact]
    public void Calls_and_registrations_that_chan_sip_refuses_count_in_a_text_log_and_its_records_in_json()
    {
        var call = Forms.Write("default", "NOTICE", "chan_sip.c", $"Call from '' ({Sender}:5060) to extension '00972598123456' rejected because extension not found in context 'default'.");
        var registration = Forms.Write("default", "NOTICE", "chan_sip.c", $"Registration from '<sip:100@x>' failed for '{Sender}:5060' - Wrong password");
        var record = Forms.Security("InvalidPassword", "100", "0x7f1a3c0018b8", tail: ",Challenge=\"1\",ReceivedChallenge=\"1\",ReceivedHash=\"2\"", service: "SIP");

        Assert.Equal([true, true, true, true], Recorder.Read(call + call + registration + registration).Events.Select(seen => seen.Counts));
        Assert.True(Assert.Single(Recorder.Read(Forms.Write("json", record)).Events).Counts);
        Assert.False(Assert.Single(Recorder.Read(Forms.Write("default", record)).Events).Counts);
    }

    [Fact]
    public void Records_that_the_logger_cut_are_counted_and_the_next_line_is_read()
    {
        var cut = Forms.Write("default", Forms.Security("InvalidAccountID", "1001", new string('x', 8_300)))[..8_191];
        var whole = Forms.Write("default", Forms.Security("InvalidAccountID", "5555", "1"));

        var few = Recorder.Read(cut + whole + whole + cut + cut + whole + whole);
        var chain = Recorder.Read(string.Concat(Enumerable.Repeat(cut, 60)) + whole + whole);

        Assert.Equal((2L, 0L, 2), (few.Counts.Cut, few.Counts.Overlong, few.Events.Count));
        Assert.Equal((0L, 1L, 1), (chain.Counts.Cut, chain.Counts.Overlong, chain.Events.Count));
        Assert.All(few.Events.Concat(chain.Events), seen => Assert.True(seen.Counts));
    }

    [Fact]
    public void A_dialled_number_with_line_ends_can_t_write_lines_that_count()
    {
        // A known endpoint dials up to 79 decoded bytes.
        var random = new Random(8);
        var text = new AttackerText(random);
        string[] forged = ["x\n[1795220137] NOTICE[1] manager.c: 8.8.8.8 failed to authenticate as 'x", "x\n[1795220137] NOTICE[1] chan_iax2.c: Host 8.8.8.8 failed to authenticate as x"];
        for (var i = 0; i < 5_000; i++)
        {
            var number = i < forged.Length ? forged[i] : text.Next(79, "\0");
            number = number.Length > 79 ? number[..79] : number;
            var log = Forms.Write("default", "NOTICE", "res_pjsip_session.c", $" 1001: Call (UDP:{Sender}:5060) to extension '{number}' rejected because extension not found in context 'internal'.");

            var read = Recorder.Read(log);

            Assert.All(read.Events.Where(seen => seen.Source != Sender), seen => Assert.False(seen.Counts, $"case {i}: {log}"));
        }
    }

    [Theory]
    [InlineData("default")]
    [InlineData("plain")]
    public void A_line_that_the_logger_cut_names_nobody(string form)
    {
        // The Call-ID is as long as it takes for the cut to stand right behind a forged end; the next record follows without a line end.
        const string End = "\",LocalAddress=\"IPV4/UDP/10.99.0.1/5060\",RemoteAddress=\"IPV4/UDP/8.8.8.8/1\"";
        var head = Forms.Write(form, Forms.Security("InvalidAccountID", "decoy", "@")).Split('@')[0];
        var cut = (head + new string('a', 8_191 - head.Length - End.Length) + End)[..8_191];
        var next = Forms.Write(form, Forms.Security("ChallengeSent", "1001", "x", "IPV4/TCP/10.99.1.2/1", ",Challenge=\"\""));
        var failed = Forms.Write(form, Forms.Security("InvalidAccountID", "1001", "x", "IPV4/TCP/10.99.1.2/1"));
        var after = Forms.Write(form, Forms.Security("InvalidAccountID", "5555", "1"));

        var atTheEnd = Recorder.Read(cut);
        var beforeAnother = Recorder.Read(cut + next + after);
        var beforeAFailure = Recorder.Read(cut + cut + failed + after);

        Assert.Empty(atTheEnd.Events);
        Assert.Single(atTheEnd.Misses);
        foreach (var read in new[] { beforeAnother, beforeAFailure })
        {
            Assert.Equal((Sender, true), Assert.Single(read.Events.Select(seen => (seen.Source, seen.Counts))));
            Assert.Single(read.Misses);
        }
    }

    [Theory]
    [InlineData(1_024)]
    [InlineData(2_048)]
    [InlineData(4_096)]
    [InlineData(8_192)]
    public void A_line_that_syslog_cut_names_nobody(int length)
    {
        const string End = "\",LocalAddress=\"IPV4/UDP/10.99.0.1/5060\",RemoteAddress=\"IPV4/UDP/8.8.8.8/1\"";
        foreach (var prefix in new[] { "Nov 20 23:58:34 pbx asterisk[812]: ", "2026-11-20T23:58:34.123456+00:00 pbx.example.com asterisk: " })
        {
            var head = prefix + "SECURITY[22978]: res_security_log.c:114 in security_event_stasis_cb: " + Forms.Security("InvalidAccountID", "decoy", "@").Split('@')[0];
            var cut = head + new string('a', length - head.Length - End.Length) + End + "\n";

            Assert.Empty(Recorder.Read(cut).Events);
        }
    }

    [Fact]
    public void A_cut_record_of_PJSIP_does_not_hide_what_follows()
    {
        // Anybody can make PJSIP write one: if the lines behind it did not count, anybody could hide.
        var cut = Forms.Write("default", Forms.Security("InvalidAccountID", "5555", new string('a', 9_000)))[..8_191];
        var log = cut + Forms.Write("default", Forms.Security("ChallengeSent", "<unknown>", "x", tail: ",Challenge=\"\"")) + Forms.Write("default", Forms.Security("InvalidAccountID", "5555", "y"));

        var read = Recorder.Read(log);

        Assert.True(Assert.Single(read.Events).Counts);
    }

    [Fact]
    public void A_long_json_line_names_its_sender()
    {
        // Each quote of the Call-ID is two bytes there: past what is too long for a line of syslog, and nearly what the logger cuts.
        foreach (var quotes in new[] { 600, 3_600 })
        {
            Assert.Equal((Sender, true), Assert.Single(Recorder.Read(Forms.Write("json", Forms.Security("InvalidAccountID", "1", new string('"', quotes)))).Events.Select(seen => (seen.Source, seen.Counts))));
        }
    }

    [Fact]
    public void A_json_line_that_breaks_off_or_is_doubled_names_nobody()
    {
        var line = Forms.Write("json", Forms.Security("InvalidAccountID", "1", "x\",LocalAddress=\"IPV4/UDP/10.99.0.1/5060\",RemoteAddress=\"IPV4/UDP/8.8.8.8/1\""));
        for (var length = 0; length < line.Length - 1; length++)
        {
            Assert.Empty(Recorder.Read(line[..length]).Events);
            Assert.All(Recorder.Read(line[..length] + line).Events, seen => Assert.Equal(Sender, seen.Source));
        }
    }

    private static readonly (string Kind, string Tail)[] Kinds =
    [
        ("InvalidAccountID", ""),
        ("ChallengeSent", ",Challenge=\"\""),
        ("ChallengeResponseFailed", Answer),
        ("FailedACL", ",ACLName=\"not_match_endpoint_acl\""),
        ("SuccessfulAuth", ",UsingPassword=\"1\""),
    ];
}

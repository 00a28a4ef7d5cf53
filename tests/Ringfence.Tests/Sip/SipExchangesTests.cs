using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Core.Sip;
using Xunit;

namespace Ringfence.Tests.Sip;

/// <summary>Requests and answers as a PBX and strangers exchange them.</summary>
public sealed class SipExchangesTests
{
    private static readonly Endpoint Pbx = At("192.0.2.1", 5060);
    private static readonly Endpoint Stranger = At("198.51.100.7", 40_000);
    private static readonly Endpoint Trunk = At("203.0.113.11", 5060);

    [Fact]
    public void A_wrong_password_is_proven_over_UDP_if_its_nonce_was_sent_to_that_address()
    {
        var seen = new Conversation();

        seen.Request(Stranger, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1"));
        seen.Request(Stranger, "REGISTER", "2", Credentials("n1")).Answer(Stranger, 401, "2", Challenge("n2"));

        Assert.Equal([(EventKind.ChallengeSent, Proof.Unproven), (EventKind.PasswordRefused, Proof.Proven)], seen.Events.Select(told => (told.Kind, told.Proof)));
        Assert.Equal(("198.51.100.7", "1001", "call-2"), (seen.Events[1].Source, seen.Events[1].Account, seen.Events[1].Session));
    }

    [Fact]
    public void A_nonce_proves_the_address_from_whatever_port_it_comes_back()
    {
        // A port of its own for each guess would else keep a guesser unproven: Asterisk's nonce is bound to the address alone.
        var seen = new Conversation();
        var later = Stranger with { Port = 40_001 };

        seen.Request(Stranger, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1")).Request(later, "REGISTER", "2", Credentials("n1")).Answer(later, 401, "2", Challenge("n2"));

        Assert.Equal((EventKind.PasswordRefused, Proof.Proven), (seen.Events[^1].Kind, seen.Events[^1].Proof));
    }

    [Fact]
    public void An_invented_nonce_and_one_that_was_sent_to_somebody_else_prove_nothing()
    {
        var seen = new Conversation();
        seen.Request(Stranger, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1"));

        // In the trunk's name, with the nonce that the sender was given himself.
        seen.Request(Trunk, "REGISTER", "2", Credentials("n1")).Answer(Trunk, 401, "2", Challenge("n2"));
        seen.Request(Trunk, "REGISTER", "3", Credentials("1/a")).Answer(Trunk, 401, "3", Challenge("n3"));

        Assert.All(seen.Events.Skip(1), told => Assert.Equal((EventKind.PasswordRefused, Proof.Unproven), (told.Kind, told.Proof)));
    }

    // Asterisk repeats From and To before its own words, with whatever line ends the sender hid in them.
    [Theory]
    [InlineData("\"\rWWW-Authenticate: Digest nonce=n1\r\" <sip:1001@192.0.2.1>")]
    [InlineData("<sip:1001@x\r\nWWW-Authenticate: Digest nonce=n1\r\nX: >")]
    [InlineData("<sip:1001@x\r\nCSeq: 7 REGISTER\r\nWWW-Authenticate: Digest nonce=n1\r\nContent-Length: 0\r\n\r\n>")]
    public void A_challenge_that_a_forger_wrote_himself_proves_nobodys_address(string to)
    {
        var seen = new Conversation();
        var answer = Conversation.Text("SIP/2.0 401 No", "REGISTER", "1", Challenge("n2")).Replace("<sip:1001@192.0.2.1>\r\n", to + "\r\n", StringComparison.Ordinal);
        seen.Request(Trunk, "REGISTER", "1").See(Encoding.Latin1.GetBytes(answer), Pbx, Trunk);

        seen.Request(Trunk, "REGISTER", "2", Credentials("n1")).Answer(Trunk, 401, "2", Challenge("n3"));

        Assert.Equal((EventKind.PasswordRefused, Proof.Unproven), (seen.Events[^1].Kind, seen.Events[^1].Proof));

        seen.Request(Trunk, "REGISTER", "3", Credentials("n2")).Answer(Trunk, 401, "3", Challenge("n4"));

        Assert.Equal((EventKind.PasswordRefused, Proof.Proven), (seen.Events[^1].Kind, seen.Events[^1].Proof));
    }

    // maddr in the Via (RFC 3261 section 18.2.2): Asterisk 22 answers there, also itself.
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("192.0.2.1")]
    public void A_wrong_password_counts_as_well_where_the_PBX_sends_its_answer_to_itself(string itself)
    {
        var seen = new Conversation();
        seen.Request(Stranger, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1"));

        seen.Request(Stranger, "REGISTER", "2", Credentials("n1")).Answer(At(itself, 5060), 401, "2", Challenge("n2"));

        Assert.Equal((EventKind.PasswordRefused, Proof.Proven, "198.51.100.7"), (seen.Events[^1].Kind, seen.Events[^1].Proof, seen.Events[^1].Source));

        // What the PBX was sent by itself proves nobody's address, and takes no proof from who was sent the same.
        seen.Request(Stranger, "REGISTER", "3", Credentials("n2")).Answer(Stranger, 401, "3", Challenge("n3"));
        seen.Request(Stranger, "REGISTER", "4", Credentials("n1")).Answer(At(itself, 5060), 401, "4", Challenge("n1"));
        seen.Request(Stranger, "REGISTER", "5", Credentials("n1")).Answer(Stranger, 401, "5", Challenge("n3"));

        Assert.Equal([Proof.Unproven, Proof.Proven, Proof.Proven], seen.Events.TakeLast(3).Select(told => told.Proof));
        Assert.Equal(0, seen.Exchanges.Unasked);
    }

    [Fact]
    public void What_the_PBX_and_a_program_beside_it_say_to_each_other_is_no_refusal_that_nobody_asked_for()
    {
        var seen = new Conversation();

        seen.Request(Pbx, "REGISTER", "1", to: Pbx).Answer(Pbx, 401, "1", Challenge("n1"));

        Assert.Empty(seen.Events);
        Assert.Equal(0, seen.Exchanges.Unasked);

        // Of a stranger, then, whose request is not understood.
        seen.Answer(Pbx, 401, "2", Challenge("n2"));
        Assert.Equal(1, seen.Exchanges.Unasked);
    }

    [Theory]
    [InlineData(";maddr=nobody.invalid", true)]
    [InlineData(";MADDR = 127.0.0.1", true)]
    [InlineData(";maddr=203.0.113.99;x=1", true)]
    [InlineData(";maddr=198.51.100.7", false)]
    [InlineData(";x=\";maddr=203.0.113.99\"", false)]
    [InlineData(", SIP/2.0/UDP 10.0.0.2;maddr=203.0.113.99", false)]
    [InlineData("", false)]
    public void Who_wants_his_answers_elsewhere_is_no_phone_and_it_proves_nothing(string written, bool isTold)
    {
        var seen = new Conversation();
        seen.Request(Stranger, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1"));
        var request = Conversation.Text("REGISTER sip:192.0.2.1 SIP/2.0", "REGISTER", "2", Credentials("n1")).Replace(";rport", written + ";rport", StringComparison.Ordinal);

        seen.See(Encoding.Latin1.GetBytes(request), Stranger, Pbx).See(Encoding.Latin1.GetBytes(request), Stranger, Pbx);

        Assert.Equal(isTold ? [(EventKind.ScannerSeen, Proof.Unproven)] : [], seen.Events.Skip(1).Select(told => (told.Kind, told.Proof)));
    }

    [Fact]
    public void A_decoy_in_the_same_transaction_does_not_take_the_proof_of_the_guess_before_it()
    {
        var seen = new Conversation();
        seen.Request(Stranger, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1"));

        seen.Request(Stranger, "REGISTER", "2", Credentials("n1")).Request(Stranger, "REGISTER", "2", Credentials("1/a")).Answer(Stranger, 401, "2", Challenge("n2"));

        Assert.Equal((EventKind.PasswordRefused, Proof.Proven), (seen.Events[^1].Kind, seen.Events[^1].Proof));
    }

    [Fact]
    public void A_stale_that_the_guesser_wrote_himself_hides_no_wrong_password()
    {
        var seen = new Conversation();
        var answer = Conversation.Text("SIP/2.0 401 No", "REGISTER", "1", Challenge("n2")).Replace("To: ", "To: \"\rWWW-Authenticate: Digest stale=true\r\" ", StringComparison.Ordinal);

        seen.Request(Stranger, "REGISTER", "1", Credentials("n1")).See(Encoding.Latin1.GetBytes(answer), Pbx, Stranger);

        Assert.Equal(EventKind.PasswordRefused, seen.Events[^1].Kind);
    }

    [Theory]
    [InlineData("n1\0any", "x")]
    [InlineData("n1", "\r")]
    [InlineData("n1", "\rCall-ID: 2\r\r")]
    [InlineData("n1", "\\\r\",y=\"")]
    [InlineData("n1", "\" , X = \"\" ,y = \"")]
    public void A_nonce_that_the_PBX_reads_proves_whatever_stands_before_it_and_behind_its_NUL(string nonce, string decoy)
    {
        var seen = new Conversation();
        seen.Request(Stranger, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1"));

        seen.Request(Stranger, "REGISTER", "2", Credentials(nonce, $"username=\"1001\", x=\"{decoy}\"")).Answer(Stranger, 401, "2", Challenge("n2"));

        Assert.Equal((EventKind.PasswordRefused, Proof.Proven), (seen.Events[^1].Kind, seen.Events[^1].Proof));
    }

    [Fact]
    public void Line_ends_in_a_host_are_told_when_they_are_asked_for_their_answer_can_be_hidden_by_them()
    {
        var seen = new Conversation();
        var hidden = "Via: SIP/2.0/UDP x\r\n\r\n;branch=z9hG4bK-1\r\n";
        var answer = Conversation.Text("SIP/2.0 401 No", "REGISTER", "1", Challenge("n1")).Replace("Via: SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bK-1\r\n", hidden, StringComparison.Ordinal);
        seen.Request(Stranger, "REGISTER", "1").See(Encoding.Latin1.GetBytes(answer), Pbx, Stranger);

        Assert.Equal((1, 1), (seen.Exchanges.Refusals, seen.Exchanges.Unasked));

        var guess = Conversation.Text("REGISTER sip:192.0.2.1 SIP/2.0", "REGISTER", "2", Credentials("n1")).Replace("10.0.0.1:5060", "[x\r\n\r\n]", StringComparison.Ordinal);
        seen.See(Encoding.Latin1.GetBytes(guess), Stranger, Pbx);

        Assert.Equal((EventKind.Injection, Proof.Proven, "1001"), (seen.Events[^1].Kind, seen.Events[^1].Proof, seen.Events[^1].Account));
    }

    [Fact]
    public void A_nonce_that_a_forger_had_sent_to_himself_too_proves_nothing()
    {
        // Asterisk's nonce is the same for all that asks in one address's name within a second: once with maddr, so that the answer comes to the
        // forger, once without, so that the trunk is sent it; then he writes it into a guess in the trunk's name.
        var seen = new Conversation();
        seen.Request(Trunk, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1"));
        seen.Request(Trunk, "REGISTER", "2").Answer(Trunk, 401, "2", Challenge("n1"));

        seen.Request(Trunk, "REGISTER", "3", Credentials("n1")).Answer(Trunk, 401, "3", Challenge("n2"));

        Assert.Equal((EventKind.PasswordRefused, Proof.Unproven), (seen.Events[^1].Kind, seen.Events[^1].Proof));

        // The other way round, and with a request of his own that the answer seems to belong to.
        seen.Request(Trunk, "REGISTER", "4").Answer(Trunk, 401, "4", Challenge("n3"));
        seen.Request(Stranger, "REGISTER", "5").Request(Trunk, "REGISTER", "5").Answer(Stranger, 401, "5", Challenge("n3"));
        seen.Request(Trunk, "REGISTER", "6", Credentials("n3")).Answer(Trunk, 401, "6", Challenge("n4"));

        Assert.Equal((EventKind.PasswordRefused, Proof.Unproven), (seen.Events[^1].Kind, seen.Events[^1].Proof));
    }

    [Theory]
    [InlineData("192.0.2.77")]
    [InlineData("198.51.100.7")]
    public void Whoever_hides_whose_request_an_answer_belongs_to_has_still_been_sent_its_nonce(string other)
    {
        // A request in a third one's name with the same call and branch: nobody can say whose the answer is, that comes to the forger by maddr.
        var seen = new Conversation();
        seen.Request(At(other, 5060), "REGISTER", "1").Request(Trunk, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1"));
        seen.Request(Trunk, "REGISTER", "2").Answer(Trunk, 401, "2", Challenge("n1"));

        seen.Request(Trunk, "REGISTER", "3", Credentials("n1")).Answer(Trunk, 401, "3", Challenge("n2"));

        Assert.Equal((EventKind.PasswordRefused, Proof.Unproven), (seen.Events[^1].Kind, seen.Events[^1].Proof));
    }

    [Fact]
    public void Where_answers_may_have_been_missed_no_nonce_proves_anything()
    {
        var seen = new Conversation();
        seen.Request(Trunk, "REGISTER", "1").Answer(Trunk, 401, "1", Challenge("n1"));
        seen.Exchanges.SeesAnswers = false;
        seen.Request(Trunk, "REGISTER", "2").Answer(Trunk, 401, "2", Challenge("n2"));
        seen.Exchanges.SeesAnswers = true;

        seen.Request(Trunk, "REGISTER", "3", Credentials("n1")).Answer(Trunk, 401, "3", Challenge("n3"));
        seen.Request(Trunk, "REGISTER", "4", Credentials("n2")).Answer(Trunk, 401, "4", Challenge("n4"));
        seen.Request(Trunk, "REGISTER", "5", Credentials("n4")).Answer(Trunk, 401, "5", Challenge("n5"));

        Assert.Equal([Proof.Unproven, Proof.Unproven, Proof.Proven], seen.Events.Where(told => told.Kind == EventKind.PasswordRefused).Select(told => told.Proof));
    }

    [Fact]
    public void A_nonce_proves_once_the_source_that_sees_all_has_told_it_too_unless_it_went_to_two_addresses()
    {
        var seen = new Conversation();
        seen.Exchanges.SeesAnswers = false;
        seen.Request(Stranger, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1"));
        seen.Request(Trunk, "REGISTER", "2").Answer(Trunk, 401, "2", Challenge("n2")).Request(Stranger, "REGISTER", "3").Answer(Stranger, 401, "3", Challenge("n2"));
        seen.Exchanges.SeesAnswers = true;
        seen.Request(Stranger, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1"));
        seen.Request(Trunk, "REGISTER", "2").Answer(Trunk, 401, "2", Challenge("n2"));

        seen.Request(Stranger, "REGISTER", "4", Credentials("n1")).Answer(Stranger, 401, "4", Challenge("n4"));
        seen.Request(Trunk, "REGISTER", "5", Credentials("n2")).Answer(Trunk, 401, "5", Challenge("n5"));

        Assert.Equal([Proof.Proven, Proof.Unproven], seen.Events.Where(told => told.Kind == EventKind.PasswordRefused).Select(told => told.Proof));
    }

    [Fact]
    public void A_nonce_of_long_ago_proves_nothing_because_the_address_may_be_anothers_now()
    {
        var seen = new Conversation();
        seen.Request(Stranger, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1")).After(SentNonces.Lasting + TimeSpan.FromSeconds(1));

        seen.Request(Stranger, "REGISTER", "2", Credentials("n1")).Answer(Stranger, 401, "2", Challenge("n2"));

        Assert.Equal((EventKind.PasswordRefused, Proof.Unproven), (seen.Events[^1].Kind, seen.Events[^1].Proof));
    }

    [Fact]
    public void Each_of_two_challenges_in_an_answer_proves_and_is_answered_by_a_login()
    {
        var seen = new Conversation();
        seen.Request(Stranger, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1") + Challenge("n2"));

        seen.Request(Stranger, "REGISTER", "2", Credentials("n2")).Answer(Stranger, 200, "2");

        Assert.Equal((EventKind.LoginSucceeded, Proof.Proven), (seen.Events[^1].Kind, seen.Events[^1].Proof));
    }

    [Fact]
    public void Thousands_of_nonces_beside_a_long_name_cost_no_more_than_their_bytes()
    {
        // 64 KiB: the name was hashed for each of the nonces, a third of a second for one datagram.
        var seen = new Conversation();
        var name = new string('a', 30_000);
        var long1 = $"Authorization: Digest {string.Join(",", Enumerable.Range(0, 3_000).Select(i => $"nonce=x{i}"))}\r\n";

        seen.Request(Stranger, "REGISTER", "1", user: name).Answer(Stranger, 401, "1", Challenge("x2999"), user: name);
        seen.Request(Stranger, "REGISTER", "2", long1, user: name).Answer(Stranger, 401, "2", Challenge("n2"), user: name);

        Assert.Equal((EventKind.PasswordRefused, Proof.Proven), (seen.Events[^1].Kind, seen.Events[^1].Proof));
    }

    [Fact]
    public void What_a_PBX_can_send_in_a_second_does_not_push_out_that_a_nonce_is_shared()
    {
        var seed = new Random(20_261_121);
        var sent = new SentNonces();
        var forged = Enumerable.Range(0, 1_000).Select(_ => (ulong)seed.NextInt64() << 1).ToList();
        forged.ForEach(nonce => sent.Add(nonce, Stranger.Address, isSure: true, 0));

        for (var i = 0; i < 8_000; i++)
        {
            sent.Add((ulong)seed.NextInt64() << 1, Stranger.Address, isSure: true, 0);
        }

        forged.ForEach(nonce => sent.Add(nonce, Trunk.Address, isSure: true, 0));
        Assert.DoesNotContain(forged, nonce => sent.IsOnlyOf(nonce, Trunk.Address, 0));
    }

    [Fact]
    public void The_clock_of_a_capture_may_jump_by_any_time()
    {
        var sent = new SentNonces();
        sent.Add(2, Stranger.Address, isSure: true, 0);

        Assert.False(sent.IsOnlyOf(2, Stranger.Address, (1L << 31) * TimeSpan.TicksPerSecond));
        Assert.False(sent.IsOnlyOf(2, Stranger.Address, uint.MaxValue * TimeSpan.TicksPerSecond));
    }

    [Fact]
    public void A_call_names_the_number_that_is_dialled_whatever_To_says()
    {
        var seen = new Conversation();

        seen.Call(Stranger, "900972598123456", "1").Answer(Stranger, 404, "1", method: "INVITE");

        Assert.Equal("900972598123456", Assert.Single(seen.Events).Detail);
    }

    [Fact]
    public void A_nonce_that_is_too_old_is_no_wrong_password()
    {
        var seen = new Conversation();
        seen.Request(Stranger, "REGISTER", "1", Credentials("old")).Answer(Stranger, 401, "1", "WWW-Authenticate: Digest realm=\"asterisk\",nonce=\"n1\",stale=true\r\n");

        Assert.Equal([EventKind.NonceStale, EventKind.ChallengeSent], seen.Events.Select(told => told.Kind));
    }

    [Fact]
    public void The_one_who_asked_is_told_and_not_the_one_to_whom_he_had_the_answer_sent()
    {
        var seen = new Conversation();
        seen.Request(Stranger, "REGISTER", "1", Credentials("x")).Answer(Trunk, 401, "1", Challenge("n1"));
        seen.Request(Trunk, "REGISTER", "2", Credentials("n1"));

        Assert.Equal("198.51.100.7", Assert.Single(seen.Events).Source);
    }

    [Fact]
    public void Of_a_request_that_came_from_two_places_each_answer_tells_of_whom_it_goes_to()
    {
        var seen = new Conversation();
        seen.Answer(Stranger, 401, "0", Challenge("n0"));
        seen.Request(Stranger, "REGISTER", "0").Answer(Stranger, 401, "0", Challenge("n0"));

        // His guess, and a copy of it in the trunk's name that should hide it.
        seen.Request(Stranger, "REGISTER", "1", Credentials("n0")).Request(Trunk, "REGISTER", "1", Credentials("n0"));
        seen.Answer(Stranger, 401, "1", Challenge("n1")).Answer(Trunk, 401, "1", Challenge("n2"));

        Assert.Equal([("198.51.100.7", Proof.Proven), ("203.0.113.11", Proof.Unproven)], seen.Events.Skip(1).Select(told => (told.Source, told.Proof)));
    }

    [Fact]
    public void Of_a_request_that_came_from_two_places_an_answer_to_a_third_tells_of_nobody()
    {
        var seen = new Conversation();

        seen.Request(Stranger, "REGISTER", "1", Credentials("x")).Request(Trunk, "REGISTER", "1", Credentials("x")).Answer(Stranger with { Address = Address.Parse("192.0.2.9")!.Value }, 401, "1", Challenge("n1"));

        Assert.Empty(seen.Events);
        Assert.Equal(1, seen.Exchanges.Unasked);
    }

    [Fact]
    public void A_request_that_is_sent_again_is_one_attempt_and_another_password_in_its_clothes_is_another()
    {
        var seen = new Conversation();
        for (var i = 0; i < 7; i++)
        {
            seen.Request(Stranger, "REGISTER", "1", Credentials("x")).Answer(Stranger, 401, "1", Challenge("n1"));
        }

        Assert.Single(seen.Events);
        seen.Request(Stranger, "REGISTER", "1", Credentials("y")).Answer(Stranger, 401, "1", Challenge("n1"));
        Assert.Equal(2, seen.Events.Count);
    }

    [Fact]
    public void A_hundred_passwords_within_one_transaction_are_a_hundred_attempts_though_their_answers_come_after_all_of_them()
    {
        var seen = new Conversation();
        for (var i = 0; i < 100; i++)
        {
            seen.Request(Stranger, "REGISTER", "1", Credentials($"x{i}"));
        }

        for (var i = 0; i < 100; i++)
        {
            seen.Answer(Stranger, 401, "1", Challenge("n1"));
        }

        Assert.Equal(100, seen.Events.Count(told => told.Kind == EventKind.PasswordRefused));
    }

    [Fact]
    public void A_request_that_is_sent_again_before_its_answer_is_one_attempt_and_each_of_its_answers_is_of_that()
    {
        var seen = new Conversation();

        seen.Request(Stranger, "REGISTER", "1", Credentials("x")).Request(Stranger, "REGISTER", "1", Credentials("x")).Request(Stranger, "REGISTER", "1", Credentials("x"));
        seen.Answer(Stranger, 401, "1", Challenge("n1")).Answer(Stranger, 401, "1", Challenge("n1")).Answer(Stranger, 401, "1", Challenge("n1"));

        Assert.Single(seen.Events);
    }

    // identify_by=auth_username: the account stands in the credentials, and From may be anybody's.
    [Theory]
    [InlineData("username=\"1001\"", "username=\"nobody\"")]
    [InlineData("username=\"nobody\"", "username=\"1001\", username=\"nobody\"")]
    [InlineData("username=\"a\", username = \"1001\"", "username=\"a\", username = \"nobody\"")]
    [InlineData("username = \"1001\"", "username = \"nobody\"")]
    [InlineData("Username*=UTF-8''1001", "Username*=UTF-8''nobody")]
    internal void A_guest_who_has_himself_challenged_with_an_accounts_credentials_has_not_logged_in(string asked, string answered)
    {
        var seen = new Conversation();
        seen.Request(Stranger, "INVITE", "1", Credentials("old", asked), user: "guest").Answer(Stranger, 401, "1", Challenge("n1"), method: "INVITE", user: "guest");

        seen.Request(Stranger, "INVITE", "2", Credentials("n1", answered), user: "guest").Answer(Stranger, 200, "2", method: "INVITE", user: "guest");

        Assert.DoesNotContain(seen.Events, told => told.Kind == EventKind.LoginSucceeded);
    }

    [Theory]
    [InlineData("")]
    [InlineData("username=\"1001\"")]
    [InlineData("username=1001")]
    [InlineData("username=\"1001\", username=\"1002\"")]
    internal void A_phone_that_answers_what_it_was_asked_for_has_logged_in_also_where_it_sent_old_credentials_before(string before)
    {
        var seen = new Conversation();
        var answer = before.Length == 0 ? "username=\"1001\"" : before;
        seen.Request(Stranger, "REGISTER", "1", before.Length == 0 ? "" : Credentials("old", before)).Answer(Stranger, 401, "1", Challenge("n1"));

        seen.Request(Stranger, "REGISTER", "2", Credentials("n1", answer)).Answer(Stranger, 200, "2");

        Assert.Contains(seen.Events, told => told.Kind == EventKind.LoginSucceeded);
    }

    [Fact]
    public void A_copy_of_a_guess_without_its_password_does_not_make_it_a_first_contact()
    {
        var seen = new Conversation();
        seen.Request(Stranger, "REGISTER", "1", Credentials("x")).Request(Stranger, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1"));

        Assert.Equal(EventKind.PasswordRefused, Assert.Single(seen.Events).Kind);
    }

    [Fact]
    public void A_request_with_a_byte_that_is_no_UTF8_in_its_Call_ID_is_seen_like_any_other()
    {
        var seen = new Conversation();
        for (var i = 0; i < 20; i++)
        {
            seen.Request(Stranger, "REGISTER", $"a)\xff{i}", Credentials("x")).Answer(Stranger, 401, $"a)\xff{i}", Challenge("n"));
        }

        Assert.Equal(20, seen.Events.Count(told => told.Kind == EventKind.PasswordRefused));
    }

    [Fact]
    public void What_the_PBX_asks_of_others_and_what_it_answers_to_its_own_is_no_offence()
    {
        var seen = new Conversation();
        seen.Request(Pbx, "REGISTER", "1", Credentials("x")).Answer(Pbx, 401, "1", Challenge("n1"), from: Trunk);
        seen.Request(Pbx, "OPTIONS", "2").Answer(Pbx, 404, "2", "", from: Stranger);

        Assert.Empty(seen.Events);
    }

    [Theory]
    [InlineData("REGISTER", 200, true, EventKind.LoginSucceeded)]
    [InlineData("INVITE", 200, true, EventKind.LoginSucceeded)]
    [InlineData("OPTIONS", 200, true, EventKind.None)]
    [InlineData("INVITE", 200, false, EventKind.AddressAccepted)]
    [InlineData("INVITE", 180, false, EventKind.AddressAccepted)]
    [InlineData("INVITE", 100, false, EventKind.None)]
    [InlineData("INVITE", 183, true, EventKind.None)]
    [InlineData("OPTIONS", 200, false, EventKind.None)]
    [InlineData("REGISTER", 403, false, EventKind.AclRefused)]
    [InlineData("REGISTER", 403, true, EventKind.RequestRefused)]
    [InlineData("INVITE", 404, false, EventKind.CallRefused)]
    [InlineData("REGISTER", 404, true, EventKind.RequestRefused)]
    [InlineData("INVITE", 100, true, EventKind.None)]
    [InlineData("INVITE", 486, true, EventKind.None)]
    internal void An_answer_says_what_the_request_was(string method, int status, bool hasCredentials, EventKind expected)
    {
        var seen = new Conversation();
        seen.Request(Stranger, "OPTIONS", "0").Answer(Stranger, 401, "0", Challenge("n"), method: "OPTIONS");
        seen.Request(Stranger, method, "1", hasCredentials ? Credentials("n") : "").Answer(Stranger, status, "1", method: method);

        Assert.Equal(expected, seen.Events.Skip(1).Select(told => told.Kind).SingleOrDefault());
    }

    [Theory]
    [InlineData("")]
    [InlineData("forged")]
    [InlineData("of somebody else")]
    internal void A_call_whose_credentials_answer_no_challenge_is_a_guest_and_no_login(string nonce)
    {
        // Asterisk lets a call in through an endpoint named anonymous without a look at its Authorization.
        var seen = new Conversation();
        seen.Request(Trunk, "REGISTER", "1").Answer(Trunk, 401, "1", Challenge("of somebody else"));

        seen.Request(Stranger, "INVITE", "2", Credentials(nonce)).Answer(Stranger, 200, "2", method: "INVITE");

        Assert.Equal((EventKind.AddressAccepted, Proof.Unproven), (seen.Events[^1].Kind, seen.Events[^1].Proof));
    }

    [Fact]
    public void A_guest_who_has_himself_challenged_under_an_accounts_name_has_not_logged_in()
    {
        var seen = new Conversation();
        seen.Request(Stranger, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1"));

        seen.Request(Stranger, "INVITE", "2", Credentials("n1"), user: "guest").Answer(Stranger, 180, "2", method: "INVITE", user: "guest");

        Assert.Equal(EventKind.AddressAccepted, seen.Events[^1].Kind);
    }

    [Fact]
    public void A_host_that_is_called_like_an_account_is_a_guest_and_no_login()
    {
        // From: <sip:1001> has no user: Asterisk takes the endpoint named anonymous.
        var seen = new Conversation();
        seen.Request(Stranger, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1"));
        var request = Conversation.Text("INVITE sip:192.0.2.1 SIP/2.0", "INVITE", "2", Credentials("n1")).Replace("sip:1001@192.0.2.1>;tag=1", "sip:1001>;tag=1", StringComparison.Ordinal);
        var answer = Conversation.Text("SIP/2.0 200 OK", "INVITE", "2", "").Replace("sip:1001@192.0.2.1>;tag=1", "sip:1001>;tag=1", StringComparison.Ordinal);

        seen.See(Encoding.Latin1.GetBytes(request), Stranger, Pbx).See(Encoding.Latin1.GetBytes(answer), Pbx, Stranger);

        Assert.Equal(EventKind.AddressAccepted, seen.Events[^1].Kind);
    }

    [Fact]
    public void A_gateway_that_names_no_caller_logs_in_all_the_same()
    {
        var seen = new Conversation();
        static byte[] Nameless(string text) => Encoding.Latin1.GetBytes(text.Replace("sip:1001@192.0.2.1>;tag=1", "sip:10.1.1.1>;tag=1", StringComparison.Ordinal));

        seen.See(Nameless(Conversation.Text("INVITE sip:5@192.0.2.1 SIP/2.0", "INVITE", "1", "")), Stranger, Pbx).See(Nameless(Conversation.Text("SIP/2.0 401 No", "INVITE", "1", Challenge("n1"))), Pbx, Stranger);
        seen.See(Nameless(Conversation.Text("INVITE sip:5@192.0.2.1 SIP/2.0", "INVITE", "2", Credentials("n1"))), Stranger, Pbx).See(Nameless(Conversation.Text("SIP/2.0 200 OK", "INVITE", "2", "")), Pbx, Stranger);

        Assert.Equal(EventKind.LoginSucceeded, seen.Events[^1].Kind);
    }

    [Fact]
    public void A_registration_that_answers_no_challenge_is_no_login()
    {
        var seen = new Conversation().Request(Stranger, "REGISTER", "1", Credentials("n")).Answer(Stranger, 200, "1");

        Assert.Empty(seen.Events);
    }

    [Fact]
    public void A_phone_behind_a_NAT_that_changed_its_port_since_the_challenge_has_logged_in()
    {
        var seen = new Conversation();
        var later = Stranger with { Port = 40_001 };

        seen.Request(Stranger, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1")).Request(later, "REGISTER", "2", Credentials("n1")).Answer(later, 200, "2");

        Assert.Equal((EventKind.LoginSucceeded, Proof.Proven), (seen.Events[^1].Kind, seen.Events[^1].Proof));
    }

    [Fact]
    public void Two_phones_that_a_proxy_gave_the_same_nonce_have_both_logged_in()
    {
        var seen = new Conversation();
        seen.Request(Stranger, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1")).Request(Trunk, "REGISTER", "2").Answer(Trunk, 401, "2", Challenge("n1"));

        seen.Request(Stranger, "REGISTER", "3", Credentials("n1")).Answer(Stranger, 200, "3").Request(Trunk, "REGISTER", "4", Credentials("n1")).Answer(Trunk, 200, "4");

        Assert.Equal(["198.51.100.7", "203.0.113.11"], seen.Events.Where(told => told.Kind == EventKind.LoginSucceeded).Select(told => told.Source));
    }

    [Fact]
    public void An_answer_that_neither_the_asked_nor_the_PBX_sent_says_nothing_and_its_nonce_proves_nothing()
    {
        // A neighbour sends the PBX's card answers to somebody else, and asks in his name.
        var neighbour = At("192.0.2.66", 5060);
        var seen = new Conversation();
        seen.Request(Trunk, "REGISTER", "1").Answer(Trunk, 401, "1", Challenge("n1"), from: neighbour);
        seen.Request(Trunk, "REGISTER", "2", Credentials("n1")).Answer(Trunk, 401, "2", Challenge("n2"), from: neighbour);

        Assert.Empty(seen.Events);
        Assert.Equal(2, seen.Exchanges.Misplaced);

        // The PBX's own answer still counts.
        seen.Answer(Trunk, 401, "2", Challenge("n3"));
        Assert.Equal((EventKind.PasswordRefused, Proof.Unproven), (seen.Events[^1].Kind, seen.Events[^1].Proof));
    }

    [Fact]
    public void A_PBX_with_two_addresses_may_answer_from_the_other_one_and_a_proxy_elsewhere_from_the_one_that_was_asked()
    {
        var proxy = At("192.0.2.99", 5060);
        var seen = new Conversation();

        seen.Request(Stranger, "REGISTER", "1", to: proxy).Answer(Stranger, 401, "1", Challenge("n1"), from: proxy);
        seen.Request(Stranger, "REGISTER", "2", to: proxy).Answer(Stranger, 401, "2", Challenge("n2"));

        Assert.Equal(2, seen.Events.Count(told => told.Kind == EventKind.ChallengeSent));
    }

    [Fact]
    public void A_flood_neither_grows_the_tables_nor_makes_an_answer_count_against_somebody_else()
    {
        var seen = new Conversation();
        for (var i = 0; i < 300_000; i++)
        {
            seen.Request(new Endpoint(Address.FromIPv4(0x0a000000u + (uint)i), 5060), "REGISTER", $"{i}", Credentials("x"));
        }

        for (var i = 0; i < 300_000; i++)
        {
            seen.Answer(new Endpoint(Address.FromIPv4(0x0a000000u + (uint)i), 5060), 401, $"{i}", Challenge("n"));
        }

        Assert.InRange(seen.Events.Count, 30_000, 65_536);
        Assert.Equal(300_000, seen.Events.Count + seen.Exchanges.Unasked);
        Assert.All(seen.Events, told => Assert.Equal(Address.FromIPv4(0x0a000000u + uint.Parse(told.Session[5..], System.Globalization.CultureInfo.InvariantCulture)).ToString(), told.Source));
    }

    [Fact]
    public void A_challenge_is_answered_once_and_the_PBX_says_when()
    {
        var seen = new Conversation().Request(Stranger, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1"));

        seen.Request(Stranger, "REGISTER", "1", Credentials("n1")).Request(Stranger, "REGISTER", "1", Credentials("n1"));
        Assert.Equal(0, seen.Answered);

        seen.Answer(Stranger, 401, "1", Challenge("n2")).Answer(Stranger, 401, "1", Challenge("n2"));
        Assert.Equal(1, seen.Answered);
        seen.Request(Stranger, "REGISTER", "1", Credentials("n1") + "X: y\r\n").Answer(Stranger, 401, "1", Challenge("n2"));
        Assert.Equal(1, seen.Answered);
    }

    [Theory]
    [InlineData("REGISTER", "1", "Authorization: x\r\n", 403)]
    [InlineData("REGISTER", "1", "Authorization: Digest nonce=\"invented\"\r\n", 403)]
    [InlineData("REGISTER", "1", "Authorization: Digest nonce=\"of the trunk\"\r\n", 403)]
    [InlineData("REGISTER", "1", "Authorization: Digest nonce=\"n1\"\r\n", 401)]
    [InlineData("OPTIONS", "1", "Authorization: Digest nonce=\"n1\"\r\n", 403)]
    [InlineData("REGISTER", "2", "Authorization: Digest nonce=\"n1\"\r\n", 403)]
    public void What_the_PBX_did_not_ask_or_does_not_judge_answers_no_challenge(string method, string call, string headers, int status)
    {
        var seen = new Conversation().Request(Trunk, "REGISTER", "0").Answer(Trunk, 401, "0", Challenge("of the trunk"));
        seen.Request(Stranger, "REGISTER", "1").Answer(Stranger, 401, "1", Challenge("n1"));

        seen.Request(Stranger, method, call, headers).Answer(Stranger, status, call, status == 401 ? "WWW-Authenticate: Digest nonce=\"n2\",stale=true\r\n" : "", method);

        Assert.Equal(0, seen.Answered);
    }

    [Theory]
    [InlineData("REGISTER", 200)]
    [InlineData("REGISTER", 401)]
    [InlineData("INVITE", 100)]
    [InlineData("INVITE", 180)]
    [InlineData("INVITE", 486)]
    [InlineData("OPTIONS", 200)]
    public void A_phone_that_answers_is_told_as_one_at_the_PBXs_first_word(string method, int status)
    {
        var seen = new Conversation().Request(Stranger, method, "1").Answer(Stranger, 401, "1", Challenge("n1"), method);

        seen.Request(Stranger, method, "1", Credentials("n1")).Answer(Stranger, status, "1", "", method);

        Assert.Equal(1, seen.Answered);
    }

    [Fact]
    public void Any_bytes_are_read_without_harm()
    {
        var seed = new Random(20_261_121);
        var request = Encoding.Latin1.GetBytes(Conversation.Text("REGISTER sip:192.0.2.1 SIP/2.0", "REGISTER", "1", Credentials("n1")));
        var seen = new Conversation();
        for (var i = 0; i < 50_000; i++)
        {
            var bytes = request.ToArray();
            for (var change = seed.Next(1, 8); change > 0; change--)
            {
                bytes[seed.Next(bytes.Length)] = (byte)seed.Next(256);
            }

            seen.See(bytes.AsSpan(0, seed.Next(bytes.Length + 1)), Stranger, Pbx);
        }

        Assert.True(seen.Invalid > 1_000);
        Assert.All(seen.Events, told => Assert.Equal("198.51.100.7", told.Source));
        Assert.All(seen.Events, told => Assert.True(told.Kind is EventKind.PacketMalformed or EventKind.Injection, told.Kind.ToString()));
    }

    private static Endpoint At(string address, ushort port) => new(Address.Parse(address)!.Value, port);

    private static string Credentials(string nonce, string username = "username=\"1001\"") => $"Authorization: Digest {username}, realm=\"asterisk\", nonce=\"{nonce}\", uri=\"sip:192.0.2.1\", response=\"0\"\r\n";

    private static string Challenge(string nonce) => $"WWW-Authenticate: Digest realm=\"asterisk\",nonce=\"{nonce}\",opaque=\"5\",algorithm=MD5,qop=\"auth\"\r\n";

    private sealed class Conversation : IEventSink
    {
        private long _ticks = new DateTime(2026, 11, 20, 12, 0, 0, DateTimeKind.Utc).Ticks;
        private long _number;

        public SipExchanges Exchanges { get; } = new(0x1234_5678_9abc_def0, address => address == Pbx.Address || address == At("127.0.0.1", 0).Address);

        public int Invalid { get; private set; }

        public List<(EventKind Kind, Proof Proof, string Source, string Account, string Session, string Detail)> Events { get; } = [];

        public static string Text(string start, string method, string call, string headers, string user = "1001") =>
            $"{start}\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bK-{call}\r\nf: \"a\" <sip:{user}@192.0.2.1>;tag=1\r\nTo: <sip:1001@192.0.2.1>\r\n"
            + $"CALL-ID : call-{call}\r\nCSeq: 7 {method}\r\n{headers}Content-Length: 0\r\n\r\n";

        public Conversation Request(Endpoint from, string method, string call, string headers = "", string user = "1001", Endpoint? to = null) =>
            See(Encoding.Latin1.GetBytes(Text($"{method} sip:192.0.2.1 SIP/2.0", method, call, headers, user)), from, to ?? (from == Pbx ? Trunk : Pbx));

        public Conversation Call(Endpoint from, string number, string call) =>
            See(Encoding.Latin1.GetBytes(Text($"INVITE sip:{number}@192.0.2.1 SIP/2.0", "INVITE", call, "")), from, Pbx);

        public Conversation Answer(Endpoint to, int status, string call, string headers = "", string method = "REGISTER", Endpoint? from = null, string user = "1001") =>
            See(Encoding.Latin1.GetBytes(Text($"SIP/2.0 {status} Whatever", method, call, headers, user)), from ?? Pbx, to);

        public Conversation After(TimeSpan time)
        {
            _ticks += time.Ticks;
            return this;
        }

        public Conversation See(ReadOnlySpan<byte> message, Endpoint from, Endpoint to)
        {
            var self = this;
            _ticks += TimeSpan.TicksPerMicrosecond * 10;
            Invalid += Exchanges.See(message, from, to, Transport.Udp, _ticks, ++_number, ref self) ? 0 : 1;
            return this;
        }

        /// <summary>Requests with credentials.</summary>
        public int Answered { get; private set; }

        void IEventSink.See(in PbxEvent seen)
        {
            if (seen.Kind == EventKind.ChallengeAnswered)
            {
                Answered++;
                return;
            }

            Events.Add((seen.Kind, seen.Proof, seen.Source.ToString(), Encoding.Latin1.GetString(seen.Account), Encoding.Latin1.GetString(seen.Session), Encoding.Latin1.GetString(seen.Detail)));
        }

        void IEventSink.Unmatched(ReadOnlySpan<byte> line, long lineNumber)
        {
        }
    }
}

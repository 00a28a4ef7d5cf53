using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Tests.Corpus;
using Ringfence.Tests.Parsing;
using Xunit;
using static Ringfence.Tests.Detection.Attempts;

namespace Ringfence.Tests.Detection;

public sealed class DetectorTests
{
    [Fact]
    public void Challenges_that_anybody_could_have_drawn_lend_no_weight_to_one_that_is_proven()
    {
        // A forger asks 59 times in the name of an office; then a softphone there asks for the first time that day, over TCP.
        var forged = string.Concat(Enumerable.Range(0, 59).Select(i => $"sip 2026-11-20 12:0{i / 10}:0{i % 10}.000 UDP 192.0.2.7:5060 REGISTER 1001 401\n"));
        var trial = new Trial().Read(forged + "sip 2026-11-20 12:06:00.000 TCP 192.0.2.7:5060 REGISTER 1005 401\n").Tend();

        Assert.DoesNotContain(trial.Bans, ban => !ban.Throttles);

        // Sixty over TCP are somebody's own.
        var own = forged.Replace("UDP", "TCP", StringComparison.Ordinal) + "sip 2026-11-20 12:06:00.000 TCP 192.0.2.7:5060 REGISTER 1005 401\n";
        Assert.Equal("RF2008", Assert.Single(new Trial().Read(own).Tend().Bans).Rule);
    }

    [Fact]
    public void Five_wrong_passwords_in_ten_minutes_are_an_attack_and_four_are_not()
    {
        Assert.Empty(new Trial().Read(Many(4, i => WrongPassword(i))).Decisions);
        var ban = Assert.Single(new Trial().Read(Many(5, i => WrongPassword(i))).Bans);

        Assert.Equal("RF2001", ban.Rule);
        Assert.Equal(Time(4), ban.Time);
        Assert.Equal("5 wrong passwords in 4 s", ban.Reason);
        Assert.Equal([1L, 2L, 3L, 4L, 5L], ban.Evidence.Select(evidence => evidence.Line));
    }

    [Fact]
    public void Refusals_of_different_kinds_are_not_added_up() => Assert.Empty(new Trial().Read(
        Many(4, i => WrongPassword(i)) + Many(3, i => UnknownAccount(10 + i)) + Many(4, i => Acl(20 + i)) + Many(4, i => UnknownAnswer(30 + i))).Decisions);

    [Fact]
    public void A_phone_that_is_asked_for_its_password_again_and_again_is_no_attacker() =>
        Assert.Empty(new Trial().Read(Many(1_000, i => Challenge(i * 0.1))).Decisions);

    [Fact]
    public void A_stale_nonce_is_no_attack() =>
        Assert.Empty(new Trial().Read([.. Enumerable.Repeat(CorpusFiles.Read("62-stale-nonce-right-password", "security")!, 20).SelectMany(bytes => bytes)]).Decisions);

    [Fact]
    public void A_phone_with_too_many_contacts_is_no_attacker() =>
        Assert.Empty(new Trial().Read(Many(50, i => Acl(i, "registrar_attempt_exceeds_maximum_configured_contacts"))).Decisions);

    [Fact]
    public void A_trunk_known_by_its_address_is_neither_an_attacker_nor_a_login()
    {
        // Anybody can forge a trunk's address over UDP: it must not wash an attacker's history.
        Assert.Empty(new Trial().Read(Many(50, i => AcceptedByAddress(i))).Decisions);
        Assert.Single(new Trial().Read(Many(4, i => WrongPassword(i)) + AcceptedByAddress(5) + WrongPassword(6)).Bans);
    }

    [Fact]
    public void A_known_account_that_misdials_three_times_is_no_attacker()
    {
        Assert.Empty(new Trial().Read(CorpusFiles.Read("44-auth-no-such-exten", "messages")!).Decisions);
        Assert.Empty(new Trial().Read(Many(20, i => Call(i, "00972598123456", "1001"))).Decisions);
    }

    [Fact]
    public void A_stranger_who_dials_abroad_twice_is_an_attacker()
    {
        var ban = Assert.Single(new Trial().Read(Call(0, "7777777") + Call(1, "00972598123456") + Call(2, "011972598123456")).Bans);

        Assert.Equal(("RF2007", Time(2)), (ban.Rule, ban.Time));
    }

    [Fact]
    public void A_login_in_between_wipes_out_what_was_before()
    {
        Assert.Empty(new Trial().Read(Many(4, i => WrongPassword(i)) + Login(5) + Many(4, i => WrongPassword(6 + i))).Decisions);
        Assert.Single(new Trial().Read(Many(4, i => WrongPassword(i)) + Login(5) + Many(5, i => WrongPassword(200 + i))).Bans);
        Assert.Single(new Trial().Read(Many(4, i => WrongPassword(i)) + Login(5, "198.51.100.8") + WrongPassword(6)).Bans);
    }

    [Fact]
    public void Guesses_that_logins_of_another_account_hide_are_told_once_a_day_and_ban_nobody()
    {
        var round = (int at) => Many(3, i => WrongPassword(at + i)) + Login(at + 3, account: "1010");
        var trial = new Trial().Read(Many(30, i => round(4 * i)));

        var alert = Assert.IsType<Alert>(Assert.Single(trial.Decisions));
        Assert.Equal("RF2019", alert.Rule);
        Assert.Equal("12 refusals of accounts, and logins of another one between them, in 16 s", alert.Reason);
        Assert.Equal(10, alert.Evidence.Count);

        trial.Read(Many(6, i => round(90_000 + (4 * i))));
        Assert.Equal(2, trial.Decisions.Count);
    }

    [Fact]
    public void An_office_where_one_phone_of_ten_has_an_old_password_is_told_of_and_never_banned()
    {
        // Every half minute the one that is refused, and in its turn one of the nine.
        var office = new Trial().Read(Many(2_000, i => WrongPassword(30 * i, account: "2053") + Login((30 * i) + 10, account: $"{2060 + (i % 9)}")));

        Assert.NotEmpty(office.Decisions);
        Assert.All(office.Decisions, decision => Assert.IsType<Alert>(decision));
        Assert.Single(office.Decisions);
    }

    [Fact]
    public void Whose_own_login_follows_his_mistakes_is_not_told_of() => Assert.Empty(
        new Trial().Read(Many(20, i => Many(2, j => WrongPassword((5 * i) + j)) + Login((5 * i) + 2, account: "1010") + Login((5 * i) + 3))).Decisions);

    [Fact]
    public void Numbers_of_others_are_counted_across_the_logins_that_asking_for_them_takes()
    {
        var asks = (int i) => $"sip {Time(i):yyyy-MM-dd HH:mm:ss.fff} UDP {Stranger}:5060 REGISTER 1005 404 auth to={2000 + i}\n";
        var trial = new Trial();
        for (var i = 0; i < 4; i++)
        {
            trial.Read(Login(i - 0.001, account: "1005")).Read(asks(i)).Read(Login(i + 0.001, account: "1005"));
        }

        // The login spares its address for a while; that it is no owner's is told.
        var spare = Assert.IsType<Spare>(Assert.Single(trial.Decisions));
        Assert.Equal(("RF2018", "4 numbers of others asked for with the password of 1005 in 3 s"), (spare.Rule, spare.Reason));
    }

    [Fact]
    public void Sixty_OPTIONS_in_a_minute_whose_challenge_nobody_answers_are_an_attack_and_a_sign_of_life_every_two_seconds_is_none()
    {
        var asks = (double second) => $"sip {Time(second):yyyy-MM-dd HH:mm:ss.fff} UDP {Stranger}:5060 OPTIONS 1002 401\n";

        Assert.Empty(new Trial().Read(Many(2_000, i => asks(2 * i))).Decisions);
        var ban = Assert.Single(new Trial().Read(Many(60, i => asks(0.2 * i))).Bans);

        Assert.Equal(("RF2008", "60 OPTIONS without an answer to the challenge in 11 s"), (ban.Rule, ban.Reason));
        Assert.NotEmpty(ban.Evidence);
    }

    [Fact]
    public void Who_has_just_logged_in_is_spared_for_a_minute_and_a_half()
    {
        var spare = Assert.IsType<Spare>(Assert.Single(new Trial().Read(Login(0) + Many(5, i => WrongPassword(1 + i))).Decisions));
        Assert.Contains("logged in", spare.Trust, StringComparison.Ordinal);

        Assert.Single(new Trial().Read(Login(0) + Many(5, i => WrongPassword(91 + i))).Bans);
    }

    [Fact]
    public void Evidence_that_may_be_forged_neither_accuses_nor_acquits()
    {
        const string Talk = "[2026-11-20 12:00:00.000] VERBOSE[1] x.c: hello\n";

        Assert.Empty(new Trial().Read(Talk + Many(100, i => WrongPassword(i))).Decisions);
        // Four in a log that is trusted, a forgeable login in one that is not, and the fifth.
        Assert.Single(new Trial().Read(Many(4, i => WrongPassword(i))).Read(Talk + Login(5), "full").Read(WrongPassword(6)).Bans);
    }

    [Fact]
    public void An_attempt_that_two_logs_tell_is_one_attempt()
    {
        var security = CorpusFiles.Read("27-svcrack", "security")!;
        var messages = CorpusFiles.Read("27-svcrack", "messages")!;
        var alone = Assert.Single(new Trial().Read(security).Bans);

        var together = new Trial();
        foreach (var (log, line) in ByTime(("security", security), ("messages", messages)))
        {
            together.Read(line, log);
        }

        var ban = Assert.Single(together.Bans);
        Assert.Equal((alone.Subject, alone.Rule), (ban.Subject, ban.Rule));
        Assert.StartsWith("5 wrong passwords", ban.Reason, StringComparison.Ordinal);
        // The fifth attempt in either telling.
        Assert.InRange((ban.Time - alone.Time).Duration(), TimeSpan.Zero, TimeSpan.FromMilliseconds(50));
        Assert.Equal(5, ban.Evidence.Count);
    }

    [Fact]
    public void Four_attempts_that_two_logs_tell_are_four()
    {
        var trial = new Trial();
        for (var i = 0; i < 4; i++)
        {
            trial.Read(WrongPassword(i)).Read(Notice(i, "Failed to authenticate", $"{i}", account: "1001"), "messages");
        }

        Assert.Empty(trial.Decisions);
        trial.Read(Notice(4, "Failed to authenticate", "4", account: "1001"), "messages");
        Assert.Single(trial.Bans);
    }

    [Fact]
    public void Both_records_of_a_login_to_an_unknown_account_are_one_attempt_and_requests_alone_are_as_many()
    {
        static string Login(int i) => InSession(UnknownAccount(i), i) + InSession(UnknownAccount(i + 0.1), i) + InSession(UnknownAnswer(i + 0.2), i);
        static string InSession(string record, int i) => string.Join("SessionID=\"", record.Split("SessionID=\"").Select((part, at) => at == 0 ? part : $"call-{i}{part[part.IndexOf('"', StringComparison.Ordinal)..]}"));

        Assert.Empty(new Trial().Read(Many(4, Login)).Decisions);
        Assert.Equal("RF2002", Assert.Single(new Trial().Read(Many(5, Login)).Bans).Rule);
        Assert.Equal("RF2002", Assert.Single(new Trial().Read(Many(5, i => InSession(UnknownAccount(i), i))).Bans).Rule);
    }

    [Theory]
    [InlineData("00972598123456", 5, "RF2007")]
    [InlineData("100", 60, "RF2008")]
    public void Calls_whose_challenge_is_never_answered_are_attempts(string number, int needed, string rule)
    {
        static string Call(int i, string number, string rest = "") => $"sip 2026-11-20 12:{i / 60:00}:{i % 60:00}.000 UDP 198.51.100.7:5060 INVITE 1001 401 to={number}{rest}\n";

        Assert.Empty(new Trial().Read(Many(needed - 1, i => Call(i, number))).Decisions);
        Assert.Equal(rule, Assert.Single(new Trial().Read(Many(needed, i => Call(i, number))).Bans).Rule);
    }

    [Fact]
    public void Calls_whose_challenge_is_answered_are_none_whatever_became_of_them()
    {
        var trial = new Trial();
        for (var i = 0; i < 100; i++)
        {
            // The same Call-ID, busy at the far end: no 200, and no login to be seen.
            trial.Read($"sip 2026-11-20 12:{i / 60:00}:{i % 60:00}.000 UDP 198.51.100.7:5060 INVITE 1001 401 to=00972598123456\nsip 2026-11-20 12:{i / 60:00}:{i % 60:00}.100 UDP 198.51.100.7:5060 INVITE 1001 486 auth to=00972598123456 again\n");
        }

        Assert.Empty(trial.Decisions);
    }

    [Theory]
    [InlineData("INVITE 1001 401 to=00972598123456", "REGISTER 1001 0 auth again", "RF2007")]
    [InlineData("INVITE 1001 401 to=00972598123456", "INVITE 1001 0 auth again to=00972598123456", "RF2007")]
    [InlineData("REGISTER 1001 401", "REGISTER 1001 0 auth again", "RF2008")]
    public void An_answer_that_the_PBX_never_read_answers_no_challenge(string asked, string answered, string rule)
    {
        var trial = new Trial();
        for (var i = 0; i < 60; i++)
        {
            trial.Read($"sip 2026-11-20 12:00:{i:00}.000 UDP 198.51.100.7:5060 {asked}\nsip 2026-11-20 12:00:{i:00}.100 UDP 198.51.100.7:5060 {answered}\n");
        }

        Assert.Equal(rule, Assert.Single(trial.Bans).Rule);
    }

    [Fact]
    public void A_scanner_in_a_hurry_does_not_push_its_own_challenges_out()
    {
        var trial = new Trial();
        for (var i = 0; i < 40; i++)
        {
            trial.Read($"sip 2026-11-20 12:00:{i:00}.000 UDP 198.51.100.7:5060 REGISTER {100 + i} 401\n");
        }

        Assert.Equal("RF2008", Assert.Single(trial.Read("sip 2026-11-20 12:00:45.000 UDP 198.51.100.7:5060 REGISTER 150 401\n").Bans).Rule);
    }

    [Fact]
    public void All_three_notices_of_one_login_are_one_attempt()
    {
        string Register(int i) => Notice(i, "No matching endpoint found", $"call-{i}") + Notice(i + 0.1, "No matching endpoint found", $"call-{i}") + Notice(i + 0.2, "Failed to authenticate", $"call-{i}");

        var trial = new Trial(new DetectionSettings { Refusals = 5 }).Read(Many(4, Register), "notice");

        // Each a request without credentials and one with: a user who mistypes his account has as many tries as one who mistypes his password.
        Assert.Empty(trial.Decisions);
        Assert.Equal("RF2002", Assert.Single(trial.Read(Register(4), "notice").Bans).Rule);
    }

    [Fact]
    public void A_wrong_answer_for_an_account_that_is_not_there_is_no_guessed_password()
    {
        var onlyPasswords = new DetectionSettings { DisabledRules = ["RF2002", "RF2003"] };

        Assert.Empty(new Trial(onlyPasswords).Read(Many(50, i => Notice(i, "No matching endpoint found", $"{i}") + Notice(i + 0.2, "Failed to authenticate", $"{i}")), "notice").Decisions);
        Assert.Empty(new Trial(onlyPasswords).Read(Many(50, i => UnknownAccount(i) + UnknownAnswer(i + 0.2))).Decisions);
    }

    [Fact]
    public void Notices_of_a_known_account_s_wrong_passwords_are_counted() =>
        Assert.Equal("RF2001", Assert.Single(new Trial().Read(Many(5, i => Notice(i, "Failed to authenticate", $"{i}", account: "1001")), "notice").Bans).Rule);

    [Fact]
    public void One_unknown_name_hides_no_wrong_passwords_behind_its_Call_ID()
    {
        var first = Notice(0, "No matching endpoint found", "same", account: "nobody");

        Assert.Equal("5 wrong passwords in 4 s", Assert.Single(new Trial().Read(first + Many(5, i => Notice(i, "Failed to authenticate", "same", account: "1001")), "notice").Bans).Reason);

        // The name that he wrote in From is not the one that he answers for: one refusal hides one answer.
        first = Notice(0, "No matching endpoint found", "same", account: "1001");
        Assert.Empty(new Trial().Read(first + Many(5, i => Notice(i, "Failed to authenticate", "same", account: "1001")), "notice").Decisions);
        Assert.Single(new Trial().Read(first + Many(6, i => Notice(i, "Failed to authenticate", "same", account: "1001")), "notice").Bans);
    }

    [Fact]
    public void A_wrong_answer_for_no_account_is_no_guessed_password_whatever_rules_are_off()
    {
        var onlyPasswords = new DetectionSettings { DisabledRules = ["RF2002", "RF2003", "RF2006"] };

        Assert.Empty(new Trial(onlyPasswords).Read(Many(50, i => Notice(i, "No matching endpoint found", $"{i}") + Notice(i + 0.2, "Failed to authenticate", $"{i}")), "notice").Decisions);
    }

    [Fact]
    public void A_clock_that_ran_ahead_does_not_hide_whoever_was_judged_then()
    {
        const int TenDays = 10 * 86_400;
        var log = Many(5, i => WrongPassword(TenDays + i)) + Many(5, i => WrongPassword(i)) + Many(5, i => WrongPassword(4_000 + i));

        // Not while that ban lasts, and again when it is over by the true clock.
        Assert.Equal([Time(TenDays + 4), Time(4_004)], new Trial().Read(log).Bans.Select(ban => ban.Time));
    }

    [Fact]
    public void What_is_known_to_have_been_judged_ahead_of_time_is_looked_at_when_its_true_time_is_over()
    {
        const int Hour = 3_600;
        var trial = new Trial().Read(Many(5, i => WrongPassword((30 * Hour) + i)));
        var ahead = Assert.Single(trial.Bans);
        var corrected = ahead with { Until = Time(Hour) };
        trial.Ledger.Restore(corrected);
        trial.Detector.CorrectQuiet(ahead.Subject, Time(Hour));

        // Still ahead, and then right: within the ban by either clock.
        Assert.Single(trial.Read(Many(5, i => WrongPassword((30 * Hour) + 5 + i)) + Many(5, i => WrongPassword(i))).Bans);
        Assert.Equal(Time((2 * Hour) + 4), trial.Read(Many(5, i => WrongPassword((2 * Hour) + i))).Bans[^1].Time);
    }

    [Fact]
    public void A_translated_IPv4_address_is_an_attacker_by_itself()
    {
        Assert.Equal("64:ff9b::c633:6407", Assert.Single(new Trial().Read(Many(5, i => WrongPassword(i, "64:ff9b::c633:6407"))).Bans).Subject.ToString());
        Assert.Empty(new Trial().Read(Many(200, i => WrongPassword(i, $"64:ff9b::c633:64{i:x2}"))).Bans);
    }

    [Theory]
    [InlineData(0, 599, true)]
    [InlineData(0, 600, true)]
    [InlineData(0, 601, false)]
    [InlineData(601, 0, false)]
    [InlineData(600, 0, true)]
    [InlineData(3_600, 0, false)]
    public void The_window_is_ten_minutes_in_both_directions_of_the_clock(int first, int last, bool fires)
    {
        var log = Many(4, _ => WrongPassword(first)) + WrongPassword(last);

        Assert.Equal(fires ? 1 : 0, new Trial().Read(log).Decisions.Count);
    }

    [Fact]
    public void A_slow_attacker_below_the_limit_is_never_caught_and_one_at_the_limit_always()
    {
        Assert.Empty(new Trial().Read(Many(100, i => WrongPassword(i * 151))).Decisions);
        Assert.NotEmpty(new Trial().Read(Many(100, i => WrongPassword(i * 149))).Decisions);
    }

    [Fact]
    public void A_clock_that_jumps_back_and_forth_makes_no_attacker_of_an_hourly_mistake() =>
        Assert.Empty(new Trial().Read(Many(40, i => WrongPassword((i % 2 == 0 ? i : 40 - i) * 3_600))).Decisions);

    [Fact]
    public void Hosts_of_one_IPv6_64_are_one_attacker()
    {
        var ban = Assert.Single(new Trial().Read(Many(5, i => WrongPassword(i, $"2001:db8:a:b::{i + 1}"))).Bans);
        var others = new Trial().Read(Many(50, i => WrongPassword(i, $"2001:db8:a:{i + 1}::1")));

        Assert.Equal("2001:db8:a:b::/64", ban.Subject.ToString());
        Assert.Empty(others.Bans);
    }

    [Fact]
    public void Neighbours_in_IPv4_are_not_one_attacker() => Assert.Empty(new Trial().Read(Many(200, i => WrongPassword(i, $"198.51.100.{i + 1}"))).Bans);

    [Fact]
    public void Four_names_are_a_scan_and_the_same_name_four_times_is_not()
    {
        Assert.Equal("RF2003", Assert.Single(new Trial().Read(Many(4, i => UnknownAccount(i, account: $"{100 + i}"))).Bans).Rule);
        Assert.Empty(new Trial().Read(Many(4, i => UnknownAccount(i))).Decisions);
    }

    [Fact]
    public void A_decoy_is_the_whole_name_and_every_byte_of_it()
    {
        var settings = new DetectionSettings { Decoys = ["admin"] };

        Assert.Equal("RF2006", Assert.Single(new Trial(settings).Read(UnknownAccount(0, account: "admin", transport: "TCP")).Bans).Rule);
        Assert.Empty(new Trial(settings).Read(UnknownAccount(0, account: "Admin") + UnknownAccount(1, account: "admin2") + UnknownAccount(2, account: "")).Decisions);
    }

    [Fact]
    public void One_packet_that_anybody_may_have_forged_bans_nobody()
    {
        var settings = new DetectionSettings { Decoys = ["admin"] };

        Assert.Empty(new Trial(settings).Read(Many(4, i => UnknownAccount(i, account: "admin"))).Decisions);
        Assert.Equal("RF2006", Assert.Single(new Trial(settings).Read(Many(5, i => UnknownAccount(i, account: "admin"))).Bans).Rule);
        Assert.Empty(new Trial().Read(Many(4, i => UnknownAccount(i, account: "x\r\ny"))).Decisions);
        Assert.Single(new Trial().Read(Many(5, i => UnknownAccount(i, account: "x\r\ny"))).Bans);
    }

    [Fact]
    public void A_crowd_that_a_forger_makes_himself_does_not_ban_the_next_one_with_its_User_Agent()
    {
        // Thirty accounts from ten addresses, over UDP; then one packet in the name of somebody else.
        var crowd = string.Concat(Enumerable.Range(0, 30).Select(i => $"sip 2026-11-20 12:{i:00}:00.000 UDP 203.{i % 10}.113.9:5060 REGISTER {100 + i} 401 agent=Yealink\n"));

        var trial = new Trial().Read(crowd + "sip 2026-11-20 13:00:00.000 UDP 192.0.2.7:5060 REGISTER 500 401 agent=Yealink\nsip 2026-11-20 13:01:00.000 UDP 192.0.2.7:5060 REGISTER 501 401 agent=Yealink\n");

        Assert.Empty(trial.Decisions);
    }

    [Fact]
    public void What_proves_no_address_neither_bans_by_policy_nor_holds_up_a_ban_on_what_does()
    {
        Assert.IsType<Ban>(Assert.Single(Alerting().Read(Many(5, i => WrongPassword(i, transport: "TCP"))).Decisions));
        Assert.IsType<Alert>(Assert.Single(Alerting().Read(WrongPassword(0) + Many(4, i => WrongPassword(1 + i, transport: "TCP"))).Decisions));

        // One datagram among the tries, and a flood of them in his name: the fifth try over TCP bans him all the same.
        var mixing = Alerting().Read(WrongPassword(0) + Many(5, i => WrongPassword(1 + i, transport: "TCP")));
        Assert.Equal([Time(4), Time(5)], mixing.Decisions.Select(decision => decision.Time));
        Assert.Equal("5 wrong passwords in 4 s", Assert.Single(mixing.Bans).Reason);
        Assert.All(mixing.Bans[0].Evidence, piece => Assert.Equal(Proof.Proven, piece.Proof));
        var covered = Alerting().Read(Many(100, i => WrongPassword(i)) + Many(5, i => WrongPassword(100 + i, transport: "TCP")));
        Assert.Equal(Time(104), Assert.Single(covered.Bans).Time);

        // The same attempt among the notices, which name no transport, is the first to reach the limit.
        var twice = Alerting();
        for (var i = 0; i < 5; i++)
        {
            twice.Read(Notice(i, "Failed to authenticate", $"{i}@lab", account: "1001"), "notice").Read(WrongPassword(i, transport: "TCP"));
        }

        Assert.Equal(Time(4), Assert.Single(twice.Bans).Time);

        static Trial Alerting() => new(bans: new BanSettings { Unproven = UnprovenPolicy.Alert, RandomPart = 0 });
    }

    [Fact]
    public void A_flood_of_forged_addresses_neither_fills_the_memory_nor_hides_who_comes_back()
    {
        const int Flood = 1_000_000;
        var settings = new DetectionSettings { MaxAddresses = 65_536 };
        var detector = new Detector(settings, withEvidence: false);
        var caught = 0;
        for (var i = 0; i < Flood; i++)
        {
            // 10,000 a second; the attacker comes every three seconds.
            var ticks = Time(i / 10_000.0).UtcTicks;
            Assert.True(detector.See(Refused(Address.FromIPv4(0x0a000000u + (uint)i), ticks), 0, mayThrottle: false) is null or { Rule: "RF2022" });
            if (i % 30_000 == 0 && detector.See(Refused(Address.Parse(Stranger)!.Value, ticks), 0, mayThrottle: false) is not null)
            {
                caught = caught == 0 ? i : caught;
            }
        }

        Assert.Equal(4 * 30_000, caught);
        Assert.Equal(65_536, detector.Watched);
        Assert.Equal(Flood + 1 - 65_536, detector.Evicted);
    }

    [Fact]
    public void Evidence_is_the_newest_ten_oldest_first_and_safe_to_show()
    {
        var trial = new Trial(new DetectionSettings { Refusals = 12 }).Read(Many(12, i => WrongPassword(i, account: "a\x1b[31m\x01\"")));

        var evidence = Assert.Single(trial.Bans).Evidence;
        Assert.Equal(10, evidence.Count);
        Assert.Equal(Enumerable.Range(2, 10).Select(i => Time(i)), evidence.Select(piece => piece.Time));
        Assert.All(evidence, piece => Assert.DoesNotContain(piece.Text, char.IsControl));
        Assert.All(evidence, piece => Assert.Equal("security", piece.Log));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1001")]
    public void Evidence_shows_the_account_that_was_asked_for(string account)
    {
        var trial = new Trial().Read(Many(5, i => WrongPassword(i, account: account)));

        Assert.All(Assert.Single(trial.Bans).Evidence, piece => Assert.Equal(account, piece.Account));
    }

    [Fact]
    public void A_ban_that_the_operator_lifts_is_forgotten()
    {
        var trial = new Trial().Read(Many(5, i => WrongPassword(i, transport: "TCP")));
        var subject = Assert.Single(trial.Bans).Subject;

        trial.Ledger.Lift(subject);
        trial.Detector.Forget(subject);

        Assert.Single(trial.Read(Many(4, i => WrongPassword(10 + i, transport: "TCP"))).Bans);
        var again = trial.Read(WrongPassword(14, transport: "TCP")).Bans;
        Assert.Equal([1, 1], again.Select(ban => ban.Ordinal));
    }

    private static PbxEvent Refused(Address source, long ticks) =>
        new() { Kind = EventKind.PasswordRefused, Source = source, TimeTicks = ticks, Proof = Proof.Unproven, Account = "1001"u8, Line = 1 };

    // Lines of both logs in the order in which they were written.
    private static IEnumerable<(string Log, string Line)> ByTime(params (string Log, byte[] Bytes)[] logs) =>
        from log in logs
        from line in Encoding.Latin1.GetString(log.Bytes).Split('\n').Select((text, index) => (Text: text + "\n", Index: index))
        where line.Text.Length > 25 && Recorder.Read(line.Text).Events.Count == 1
        orderby line.Text[1..24], line.Index
        select (log.Log, line.Text);
}

using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Tests.Corpus;
using Ringfence.Tests.Detection;
using Xunit;
using static Ringfence.Tests.Detection.Attempts;

namespace Ringfence.Tests.Decisions;

/// <summary>From a log to decisions.</summary>
public sealed class DeciderTests
{
    [Fact]
    public void A_trusted_address_is_spared_and_told_once_a_window()
    {
        var trial = new Trial(trust: subject => subject.ToString() == Stranger ? "trunk provider in pjsip.conf:251" : null);

        trial.Read(Many(400, i => WrongPassword(i)));

        // At 4 s and, ten minutes of quiet later, not before 604 s.
        var spare = Assert.Single(trial.Decisions.OfType<Spare>());
        Assert.Equal(("trunk provider in pjsip.conf:251", "RF2001", Time(4)), (spare.Trust, spare.Rule, spare.Time));
        Assert.Equal(2, trial.Read(Many(400, i => WrongPassword(400 + i))).Decisions.OfType<Spare>().Count());
        Assert.Equal(["RF2023"], trial.Decisions.Where(decision => decision is not Spare).Select(decision => decision.Rule));
        Assert.Null(trial.Ledger.BannedUntil(spare.Subject, Time(5)));
    }

    [Fact]
    public void Beyond_the_bound_a_short_ban_takes_the_place_of_its_like_and_a_proven_one_of_any()
    {
        var settings = Trial.Exact with { MaxBans = 2 };
        var ledger = new BanLedger(settings, 0);
        var decider = new Decider(settings, new DetectionSettings(), ledger);
        decider.Decide(Against("192.0.2.1", 0, Proof.Proven));
        decider.Decide(Against("192.0.2.2", 1, Proof.Unproven));

        var forThird = decider.Decide(Against("192.0.2.3", 2, Proof.Unproven));
        var forFourth = decider.Decide(Against("192.0.2.4", 3, Proof.Proven));
        var refused = decider.Decide(Against("192.0.2.5", 4, Proof.Unproven));
        var forSixth = decider.Decide(Against("192.0.2.6", 5, Proof.Proven));
        var later = decider.Decide(Against("192.0.2.7", 3_605, Proof.Unproven));

        Assert.Equal(["192.0.2.2", "192.0.2.3", "192.0.2.1"], new[] { forThird, forFourth, forSixth }.Select(verdict => verdict.Displaced?.Subject.ToString()));
        Assert.All(new[] { forThird, forFourth, forSixth, later }, verdict => Assert.IsType<Ban>(verdict.Decision));
        Assert.StartsWith("too many bans: 2", Assert.IsType<Alert>(refused.Decision).Reason, StringComparison.Ordinal);
        Assert.Null(refused.Displaced);
        Assert.Null(later.Displaced);
        Assert.Equal(1, decider.Refused);
        Assert.Null(ledger.BannedUntil(forSixth.Displaced!.Subject, Time(5)));
    }

    [Fact]
    public void Room_is_made_also_after_the_clock_was_set_back_and_the_first_to_be_free_was_forgotten()
    {
        var settings = Trial.Exact with { MaxBans = 10, Memory = TimeSpan.FromHours(1), RepeatWindow = TimeSpan.FromHours(1) };
        var decider = new Decider(settings, new DetectionSettings(), new BanLedger(settings, 0));

        for (var i = 0; i < 200; i++)
        {
            var second = i % 20 < 10 ? i * 4_000 : i;
            Assert.NotNull(decider.Decide(Against($"192.0.2.{i}", second, i % 3 == 0 ? Proof.Unproven : Proof.Proven)).Decision);
        }
    }

    [Fact]
    public void What_forged_packets_can_have_banned_is_banned_for_the_first_bans_length_each_time_and_is_no_repeat_offender()
    {
        var random = new BanSettings();
        var forged = new Trial(bans: random).Read(Many(600, i => WrongPassword(i * 100)));
        var asProven = new Trial(bans: Trial.Exact with { Unproven = UnprovenPolicy.Ban }).Read(Many(600, i => WrongPassword(i * 100)));

        Assert.All(forged.Bans, ban => Assert.Equal((0, "RF2001"), (ban.Ordinal, ban.Rule)));
        Assert.All(forged.Bans, ban => Assert.InRange(ban.Until!.Value - ban.Time, random.FirstBan, random.FirstBan * (1 + random.RandomPart)));
        Assert.Equal(forged.Bans.Count, forged.Bans.Select(ban => ban.Until - ban.Time).Distinct().Count());
        Assert.Equal([1, 2, 3], asProven.Bans.Select(ban => ban.Ordinal).Take(3));
    }

    [Fact]
    public void A_login_spares_its_address_for_a_minute_and_a_half_and_not_for_a_window()
    {
        var trial = new Trial().Read(Login(0) + Many(300, i => WrongPassword(1 + i, account: "1002")));

        Assert.Equal("logged in with the right password a moment ago", Assert.IsType<Spare>(trial.Decisions[0]).Trust);
        Assert.InRange((Assert.Single(trial.Bans).Time - Time(0)).TotalSeconds, 90, 96);
    }

    [Fact]
    public void Bans_by_hand_and_lifted_ones_take_no_room_and_what_is_over_is_not_remembered_without_bound()
    {
        var settings = Trial.Exact with { MaxBans = 10 };
        var ledger = new BanLedger(settings, 0);
        for (var i = 0; i < 1_000; i++)
        {
            ledger.Add(new Ban(0, Time(i * 4_000), Address.FromIPv4((uint)(0x0a000000 + i)).Subject, "RF2001", "x", Time((i * 4_000) + 3_600), 1));
        }

        Assert.InRange(ledger.Count, 1, 21);
        for (var i = 0; i < 20; i++)
        {
            ledger.Add(new Ban(0, Time(4_000_000), Address.FromIPv4((uint)(0x0b000000 + i)).Subject, i < 10 ? "operator" : "RF2001", "x", null, 1));
            Assert.Equal(i == 19, ledger.IsFullAt(Time(4_000_000)));
        }

        ledger.Lift(Address.FromIPv4(0x0b000000 + 19).Subject);
        Assert.False(ledger.IsFullAt(Time(4_000_000)));
    }

    private static Suspicion Against(string address, int second, Proof proof) =>
        new("RF2001", Time(second), Address.Parse(address)!.Value, proof, 5, "5 wrong passwords", []);

    [Fact]
    public void A_banned_address_is_not_banned_again_while_the_ban_lasts()
    {
        var trial = new Trial().Read(Many(1_000, i => WrongPassword(i, transport: "TCP")));

        var ban = Assert.Single(trial.Bans);
        Assert.Equal(Time(4).AddHours(1), ban.Until);
        Assert.Equal(1, ban.Ordinal);
    }

    [Fact]
    public void Who_goes_on_after_his_ban_is_banned_for_longer()
    {
        var trial = new Trial(bans: Trial.Exact with { RepeatBans = 100 }).Read(Many(5_000, i => WrongPassword(i * 10, transport: "TCP")));

        Assert.Equal([1, 2, 3, 4], trial.Bans.Select(ban => ban.Ordinal));
        Assert.Equal([1.0, 2.0, 4.0, 8.0], trial.Bans.Select(ban => (ban.Until!.Value - ban.Time).TotalHours));
    }

    [Fact]
    public void Nobody_is_banned_before_the_end_of_his_ban_or_for_what_he_did_in_it()
    {
        var bans = new Trial(bans: Trial.Exact with { RepeatBans = 100 }).Read(Many(5_000, i => WrongPassword(i * 10, transport: "TCP"))).Bans;

        foreach (var (earlier, later) in bans.Zip(bans.Skip(1)))
        {
            Assert.True(later.Time >= earlier.Until);
            Assert.All(later.Evidence, evidence => Assert.True(evidence.Time >= earlier.Until));
        }
    }

    [Fact]
    public void A_repeat_offender_is_banned_for_a_week_by_a_rule_of_its_own()
    {
        var settings = Trial.Exact with { RepeatBans = 3, FirstBan = TimeSpan.FromMinutes(1), Growth = 0 };

        var trial = new Trial(bans: settings).Read(Many(60, i => WrongPassword(i * 10, transport: "TCP")));
        var off = new Trial(new DetectionSettings { DisabledRules = ["RF2005"] }, settings).Read(Many(60, i => WrongPassword(i * 10, transport: "TCP")));

        Assert.Equal(["RF2001", "RF2001", "RF2005"], trial.Bans.Select(ban => ban.Rule));
        Assert.Equal(TimeSpan.FromDays(7), trial.Bans[2].Until - trial.Bans[2].Time);
        Assert.Contains("5 wrong passwords", trial.Bans[2].Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(off.Bans, ban => ban.Rule == "RF2005");
        Assert.All(off.Bans, ban => Assert.Equal(TimeSpan.FromMinutes(1), ban.Until - ban.Time));
    }

    [Fact]
    public void Where_policy_says_so_UDP_alone_bans_nobody()
    {
        var alert = Trial.Exact with { Unproven = UnprovenPolicy.Alert };

        var udp = new Trial(bans: alert).Read(Many(99, i => WrongPassword(i)));
        var tls = new Trial(bans: alert).Read(Many(100, i => WrongPassword(i, transport: "TLS")));

        Assert.IsType<Alert>(Assert.Single(udp.Decisions));
        Assert.IsType<Ban>(Assert.Single(tls.Decisions));
    }

    [Fact]
    public void The_real_attacks_ban_their_attackers_and_no_phone()
    {
        foreach (var kind in new[] { "security", "plain", "json" })
        {
            var bans = new Trial().Read(CorpusFiles.ReadAll(kind)).Bans;

            Assert.NotEmpty(bans);
            Assert.All(bans, ban => Assert.DoesNotContain("10.99.1.", ban.Subject.ToString(), StringComparison.Ordinal));
            Assert.All(bans, ban => Assert.DoesNotContain("192.0.2.", ban.Subject.ToString(), StringComparison.Ordinal));
            Assert.Contains(bans, ban => ban.Subject.ToString() == "198.51.100.7");
        }
    }

    [Fact]
    public void The_same_log_gives_the_same_decisions()
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            var log = new LogGenerator { Lines = 20_000, Seed = seed }.Write();

            var first = new Trial(bans: new BanSettings()).Read(log).Decisions;
            var second = new Trial(bans: new BanSettings()).Read(log).Decisions;

            Assert.NotEmpty(first);
            Assert.Equal(first.Select(Told), second.Select(Told));
            Assert.Equal(first.SelectMany(decision => decision.Evidence), second.SelectMany(decision => decision.Evidence));
        }
    }

    [Fact]
    public void Phones_that_mistype_now_and_then_are_never_banned_among_attackers()
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            var log = new LogGenerator { Lines = 20_000, Seed = seed }.Write();

            var bans = new Trial().Read(log).Bans;

            Assert.True(bans.Count > 20, $"{bans.Count} bans");
            Assert.All(bans, ban => Assert.True(LogGenerator.IsAttacker(ban.Subject.First.ToString()), ban.Subject.ToString()));
        }
    }

    [Fact]
    public void Every_ban_of_a_long_log_rests_on_enough_evidence_in_its_window()
    {
        var bans = new Trial().Read(new LogGenerator { Lines = 50_000, Attackers = 500, Span = TimeSpan.FromHours(6) }.Write()).Bans;

        // A slow scan is complete when the last of its challenges is old enough.
        foreach (var ban in bans.Where(ban => ban.Rule != "RF2008"))
        {
            Assert.Equal(ban.Time, ban.Evidence[^1].Time);
            Assert.All(ban.Evidence, evidence => Assert.InRange(ban.Time - evidence.Time, TimeSpan.Zero, ban.Rule switch { "RF2009" => TimeSpan.FromDays(1), "RF2010" => TimeSpan.FromHours(1), _ => TimeSpan.FromMinutes(10) }));
            Assert.True(ban.Evidence.Count >= (ban.Rule switch { "RF2003" => 4, "RF2009" or "RF2010" => 2, _ => 5 }) || ban.Rule == "RF2005", $"{ban.Subject}: {ban.Evidence.Count}");
        }
    }

    [Fact]
    public void The_generator_writes_the_same_bytes_each_time()
    {
        var log = new LogGenerator { Lines = 3_000 };

        Assert.Equal(log.Write(), log.Write());
        Assert.NotEqual(log.Write(), (log with { Seed = 43 }).Write());
        Assert.Equal(3_000, log.Write().Count(character => character == '\n'));
    }

    private static (Type, DateTimeOffset, Network, string, string, DateTimeOffset?) Told(Decision decision) =>
        (decision.GetType(), decision.Time, decision.Subject, decision.Rule, decision.Reason, (decision as Ban)?.Until);
}

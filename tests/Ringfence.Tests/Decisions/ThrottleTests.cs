using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Tests.Detection;
using Xunit;
using static Ringfence.Tests.Detection.Attempts;

namespace Ringfence.Tests.Decisions;

/// <summary>What becomes of an address whose attack proves no address, where messages are seen.</summary>
public sealed class ThrottleTests
{
    private const string Guess = "UDP 198.51.100.7:5060 REGISTER";

    [Fact]
    public void Who_never_proved_his_address_in_the_messages_is_throttled_and_not_banned()
    {
        var trial = new Trial().Read(Scan());

        var ban = Assert.Single(trial.Bans);
        Assert.True(ban.Throttles);
        Assert.Equal(0, ban.Ordinal);
        Assert.Equal(ban.Time.AddHours(1), ban.Until);
    }

    [Fact]
    public void What_a_log_tells_besides_the_messages_throttles_too()
    {
        var trial = new Trial();
        for (var i = 0; i < 20; i++)
        {
            trial.Read($"sip {Time(i):yyyy-MM-dd HH:mm:ss.fff} UDP {Stranger}:5060 REGISTER 900{i} 401").Read(UnknownAccount(i, account: $"900{i}"));
        }

        // At once: nothing that he sent before has proven his address.
        Assert.True(Assert.Single(trial.Bans).Throttles);
    }

    [Fact]
    public void One_attack_that_a_log_and_the_messages_tell_of_is_one_decision()
    {
        var trial = new Trial();
        for (var i = 0; i < 20; i++)
        {
            // The line first: it says nothing of TCP and proves nothing.
            trial.Read($"sip {Time(i - 1):yyyy-MM-dd HH:mm:ss.fff} TCP {Stranger}:5060 REGISTER 1001 401");
            trial.Read(Notice(i, "Failed to authenticate", $"{i}@x", account: "1001"), "notice").Read($"sip {Time(i):yyyy-MM-dd HH:mm:ss.fff} TCP {Stranger}:5060 REGISTER 1001 401 auth").Tend();
        }

        Assert.False(Assert.Single(trial.Tend().Tend().Decisions.OfType<Ban>()).Throttles);
    }

    [Fact]
    public void A_throttle_that_waits_for_the_messages_comes_to_nothing_after_a_login()
    {
        var trial = new Trial().Read($"sip {Time(0):yyyy-MM-dd HH:mm:ss.fff} UDP {Stranger}:5060 REGISTER 1001 401\nsip {Time(0):yyyy-MM-dd HH:mm:ss.fff} UDP {Stranger}:5060 REGISTER 1001 401 auth")
            .Read(Many(5, i => UnknownAccount(i, account: $"900{i}")));
        Assert.Empty(trial.Bans);

        trial.Read($"sip {Time(6):yyyy-MM-dd HH:mm:ss.fff} UDP {Stranger}:5060 REGISTER 1001 200 auth").Tend().Tend();

        Assert.Empty(trial.Bans);
    }

    [Fact]
    public void What_is_only_told_waits_for_nothing()
    {
        var trial = new Trial();
        for (var i = 0; i < 14; i++)
        {
            // Guesses at one account, whose messages prove their sender, and logins of another between them. The log is the first to have ten.
            if (i < 9 || i == 12)
            {
                trial.Read($"sip {Time(2 * i):yyyy-MM-dd HH:mm:ss.fff} TCP {Stranger}:5060 REGISTER 1001 401 auth");
            }

            trial.Read(WrongPassword(2 * i));
            if (i % 3 == 2)
            {
                trial.Read(Login((2 * i) + 1, account: "1010"));
            }

            if (i is 2 or 5)
            {
                trial.Read($"sip {Time((2 * i) + 1):yyyy-MM-dd HH:mm:ss.fff} TCP {Stranger}:5060 REGISTER 1010 200 auth");
            }
        }

        Assert.Equal("RF2019", Assert.IsType<Alert>(Assert.Single(trial.Decisions)).Rule);
    }

    [Fact]
    public void A_log_tells_of_no_proof_so_what_it_tells_alone_is_banned_for_a_short_time()
    {
        var ban = Assert.Single(new Trial().Read(Many(20, i => WrongPassword(i))).Bans);

        Assert.False(ban.Throttles);
        Assert.Equal(0, ban.Ordinal);
    }

    [Fact]
    public void Whoever_proves_himself_an_attacker_while_he_is_throttled_is_banned()
    {
        var trial = new Trial().Read(Scan()).Read(Lines(5, i => $"sip 2026-11-20 12:01:0{i}.000 {Guess} 1001 401 auth"));

        Assert.Equal([true, false], trial.Bans.Select(ban => ban.Throttles));
        Assert.Equal(1, trial.Bans[1].Ordinal);
        Assert.EndsWith("; it was throttled, and has proven its address since", trial.Bans[1].Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("proven", trial.Bans[0].Reason, StringComparison.Ordinal);
        Assert.False(trial.Ledger.Throttles(trial.Bans[1].Subject));
    }

    [Fact]
    public void A_login_ends_it_at_once_and_what_comes_after_the_login_is_looked_at_again()
    {
        var trial = new Trial().Read(Scan()).Read($"sip 2026-11-20 12:01:00.000 {Guess} 1001 200 auth");

        var freed = Assert.IsType<Unban>(trial.Decisions[^1]);
        Assert.Equal(("trust", trial.Bans[0].Subject), (freed.Rule, freed.Subject));
        Assert.Null(trial.Ledger.BannedUntil(freed.Subject, Time(60)));

        trial.Read(Scan("13:05"));

        Assert.Equal([true, true], trial.Bans.Select(ban => ban.Throttles));
    }

    [Fact]
    public void Unproven_evidence_against_who_is_throttled_hides_nothing_that_is_proven()
    {
        var ledger = new BanLedger(Trial.Exact, 0);
        var first = new Decider(Trial.Exact, new DetectionSettings(), ledger).Decide(Against("198.51.100.7"));

        var again = new Decider(Trial.Exact, new DetectionSettings(), ledger).Decide(Against("198.51.100.7"));

        Assert.Equal([Proof.Unproven, Proof.Unproven], new[] { first, again }.Select(verdict => verdict.Quiet!.Value.Judged));
    }

    [Fact]
    public void Who_logged_in_within_the_hour_is_spared_for_the_kernel_lets_him_through()
    {
        var trial = new Trial().Read($"sip 2026-11-20 11:30:00.000 {Guess} 1001 200 auth").Read(Scan());

        Assert.Empty(trial.Bans);
        Assert.Equal("logged in with the right password within the hour", Assert.IsType<Spare>(Assert.Single(trial.Decisions)).Trust);
        Assert.False(Assert.Single(trial.Read(Lines(5, i => $"sip 2026-11-20 12:01:0{i}.000 {Guess} 1001 401 auth")).Bans).Throttles);
    }

    [Fact]
    public void A_login_forgives_no_ban_of_before()
    {
        var trial = new Trial().Read(Lines(5, i => $"sip 2026-11-20 09:00:0{i}.000 {Guess} 1001 401 auth")).Read(Scan())
            .Read($"sip 2026-11-20 12:01:00.000 {Guess} 1001 200 auth");

        Assert.False(Assert.IsType<Unban>(trial.Decisions[^1]).Forgives);
        Assert.Equal(2, trial.Ledger.Next(trial.Bans[0].Subject, Time(120)).Ordinal);
    }

    [Fact]
    public void A_flood_of_forged_scanners_is_no_flood_of_decisions()
    {
        var trial = new Trial().Read(Lines(5_000, i => $"sip 2026-11-20 12:00:00.{i / 5:000} UDP 10.{i / 250}.{i % 250}.7:5060 OPTIONS 100 401 agent=friendly-scanner"));

        Assert.Equal(50, trial.Bans.Count);
    }

    [Fact]
    public void Who_had_to_make_room_is_looked_at_again()
    {
        var trial = new Trial(bans: Trial.Exact with { MaxBans = 1 }).Read(Scan()).Read(Scan("12:01", "203.0.113.7")).Read(Scan("12:02"));

        Assert.Equal(3, trial.Bans.Count);
        Assert.Equal(2, trial.Decisions.OfType<Unban>().Count());
    }

    [Fact]
    public void IAX2_can_not_be_throttled_so_it_is_banned_for_a_short_time()
    {
        var trial = new Trial();
        for (var i = 0; i < 8; i++)
        {
            trial.Read($"sip {Time(i):yyyy-MM-dd HH:mm:ss.fff} UDP 203.0.113.9:5060 REGISTER 1001 401")
                .Read($"[{Time(i):yyyy-MM-dd HH:mm:ss.fff}] NOTICE[123] chan_iax2.c: Host {Stranger} failed MD5 authentication for '1001' (abc != def)\n", "messages");
        }

        Assert.False(Assert.Single(trial.Bans).Throttles);
    }

    [Fact]
    public void What_a_log_tells_of_TLS_is_nothing_that_can_be_throttled()
    {
        var trial = new Trial().Read($"sip {Time(0):yyyy-MM-dd HH:mm:ss.fff} UDP 203.0.113.9:5060 REGISTER 1001 401")
            .Read($"sip {Time(0):yyyy-MM-dd HH:mm:ss.fff} TLS {Stranger}:5060 REGISTER 1001 401").Read(Many(8, i => WrongPassword(i, transport: "TLS")));

        Assert.All(trial.Bans, ban => Assert.False(ban.Throttles));
        Assert.NotEmpty(trial.Bans);
    }

    [Fact]
    public void A_login_ends_no_ban()
    {
        var trial = new Trial().Read(Lines(8, i => $"sip 2026-11-20 12:00:0{i}.000 {Guess} 1001 401 auth")).Read($"sip 2026-11-20 12:01:00.000 {Guess} 1001 200 auth");

        Assert.Single(trial.Bans);
        Assert.Empty(trial.Decisions.OfType<Unban>());
    }

    [Theory]
    [InlineData(UnprovenPolicy.Short, false)]
    [InlineData(UnprovenPolicy.Ban, false)]
    [InlineData(UnprovenPolicy.Throttle, true)]
    internal void The_operator_chooses(UnprovenPolicy policy, bool throttles) =>
        Assert.Equal(throttles, Assert.Single(new Trial(bans: Trial.Exact with { Unproven = policy }).Read(Scan()).Bans).Throttles);

    [Fact]
    public void Where_the_kernel_can_not_throttle_messages_that_anybody_may_have_forged_ban_nobody()
    {
        var decider = Decider(canThrottle: false);

        Assert.IsType<Alert>(decider.Decide(Against("198.51.100.7")).Decision);
        Assert.Null(decider.Decide(Against("198.51.100.8") with { ThrottleOnly = true }).Decision);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_one_packet_of_a_scanner_nothing_is_made_where_the_kernel_can_not_throttle(bool canThrottle)
    {
        var packet = new PbxEvent
        {
            Kind = EventKind.ScannerSeen,
            Origin = Origin.Sip,
            Service = Service.Pjsip,
            Proof = Proof.Unproven,
            Source = Address.Parse(Stranger)!.Value,
            TimeTicks = Time(0).UtcTicks,
            Session = "one"u8,
        };

        Assert.Equal(canThrottle, new Detector(new DetectionSettings()).See(packet, 0, mayThrottle: true, canThrottle) is { MayThrottle: true, ThrottleOnly: true });
    }

    [Theory]
    [InlineData(false, Proof.Unproven)]
    [InlineData(true, Proof.Proven)]
    internal void Where_it_can_not_what_a_log_alone_tells_bans_as_before_and_so_does_what_is_proven(bool isShown, Proof proof)
    {
        var ban = Assert.IsType<Ban>(Decider(canThrottle: false).Decide(Against("198.51.100.7") with { MayThrottle = isShown, Proof = proof }).Decision);

        Assert.Equal((false, isShown ? 1 : 0), (ban.Throttles, ban.Ordinal));
    }

    [Fact]
    public void Of_an_IPv4_address_behind_a_translator_people_are_told_alone()
    {
        var decider = Decider(canThrottle: true);

        Assert.True(Assert.IsType<Ban>(decider.Decide(Against("2001:db8::7")).Decision).Throttles);
        Assert.IsType<Alert>(decider.Decide(Against("64:ff9b::c633:6407")).Decision);
    }

    private static Decider Decider(bool canThrottle) =>
        new(Trial.Exact, new DetectionSettings(), new BanLedger(Trial.Exact, 0)) { CanThrottle = canThrottle };

    private static Suspicion Against(string address) =>
        new("RF2002", Time(0), Address.Parse(address)!.Value, Proof.Unproven, 4, "4 unknown accounts", []) { MayThrottle = true };

    // Calls that never answer the challenge.
    private static string Scan(string at = "12:00", string source = Stranger) =>
        Lines(5, i => $"sip 2026-11-20 {at}:0{i}.000 UDP {source}:5060 INVITE 1001 401 to=0097259123456{i}");

    private static string Lines(int count, Func<int, string> line) => string.Join('\n', Enumerable.Range(0, count).Select(line));
}

using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Xunit;
using static Ringfence.Tests.Detection.Attempts;

namespace Ringfence.Tests.Detection;

public sealed class RetellingTests
{
    [Fact]
    public void An_attempt_that_a_second_log_of_the_same_channel_tells_is_one_attempt()
    {
        var text = Many(3, i => WrongPassword(i));

        Assert.Empty(new Trial().Read(text, "full").Read(text, "security").Read(text, "third").Decisions);
    }

    [Fact]
    public void An_attempt_that_the_manager_interface_and_a_log_tell_is_one_attempt_whichever_is_first()
    {
        string Log(int from, int count) => Many(count, i => WrongPassword(from + i));
        string Ami(int from, int count) => Many(count, i => WrongPasswordOnAmi(from + i));

        var logFirst = new Trial().Read(Log(0, 4)).ReadAmi(Ami(0, 4));
        var amiFirst = new Trial().ReadAmi(Ami(0, 4)).Read(Log(0, 4));
        var inTurn = new Trial().ReadAmi(Ami(0, 2)).Read(Log(0, 2)).ReadAmi(Ami(2, 2)).Read(Log(2, 2));

        Assert.All([logFirst, amiFirst, inTurn], trial => Assert.Empty(trial.Decisions));
        Assert.All([logFirst, amiFirst, inTurn], trial => Assert.Equal("5 wrong passwords in 4 s", Assert.Single(trial.ReadAmi(Ami(4, 1)).Bans).Reason));
    }

    [Fact]
    public void An_injection_that_both_tell_is_one_ban_and_hides_no_retelling()
    {
        var log = Many(4, i => UnknownAccount(i, account: "x\r\ny", transport: "TCP"));

        var trial = new Trial(new Core.Configuration.DetectionSettings { DisabledRules = ["RF2020"] }).Read(log).Read(log, "full");

        Assert.Empty(trial.Decisions);
        Assert.Equal("RF2020", Assert.Single(new Trial().Read(log).Read(log, "full").Bans).Rule);
    }

    [Fact]
    public void A_log_that_is_written_anew_tells_nothing_new()
    {
        var text = Many(3, i => WrongPassword(i));
        var trial = new Trial().Read(text).Rewrite().Read(text).Rewrite().Read(text + WrongPassword(3));

        Assert.Empty(trial.Decisions);
        Assert.Equal("5 wrong passwords in 4 s", Assert.Single(trial.Read(WrongPassword(4)).Bans).Reason);
    }

    [Fact]
    public void Alike_messages_of_one_frame_are_as_many_attempts()
    {
        // Pipelined guesses whose answers leave together: the card joins the segments, and all have the frame's number and time.
        var detector = new Detector(new DetectionSettings());
        var wire = detector.AddLog("wire eth0");
        Suspicion? suspicion = null;
        for (var guess = 0; guess < 5; guess++)
        {
            Assert.Null(suspicion);
            suspicion = detector.See(
                new PbxEvent
                {
                    Kind = EventKind.PasswordRefused,
                    Origin = Origin.Sip,
                    Service = Service.Pjsip,
                    Transport = Transport.Tcp,
                    Proof = Proof.Proven,
                    Source = Address.Parse("198.51.100.7")!.Value,
                    Port = 40_000,
                    TimeTicks = Time(0).UtcTicks,
                    Account = "1001"u8,
                    Session = "one"u8,
                    Line = 7,
                },
                wire,
                mayThrottle: false);
        }

        Assert.NotNull(suspicion);
    }

    [Fact]
    public void Alike_records_of_one_telling_are_as_many_attempts()
    {
        // A tool that keeps its Call-ID sends several in one millisecond; with dates of whole seconds, any phone does.
        Assert.Single(new Trial().Read(Many(5, _ => WrongPassword(0))).Bans);
        Assert.Single(new Trial().Read(Many(5, _ => Notice(0, "Failed to authenticate", "same", account: "1001")), "notice").Bans);
        Assert.Empty(new Trial().Read(Many(4, _ => WrongPassword(0)), "full").Read(Many(4, _ => WrongPassword(0))).Decisions);
        Assert.Single(new Trial().Read(Many(4, _ => WrongPassword(0)), "full").Read(Many(5, _ => WrongPassword(0))).Bans);
    }

    [Fact]
    public void Another_session_port_or_account_is_another_attempt()
    {
        string Try(string session, string account) => Notice(0, "Failed to authenticate", session, account: account);

        Assert.Single(new Trial().Read(Many(3, i => Try($"{i}", "1001")), "full").Read(Many(2, i => Try($"{i + 3}", "1001")), "notice").Bans);
        Assert.Single(new Trial().Read(Many(3, i => Try("same", $"{i}")), "full").Read(Many(2, i => Try("same", $"{i + 3}")), "notice").Bans);
        Assert.Single(new Trial().Read(Many(3, _ => WrongPassword(0)), "full").Read(Many(2, _ => WrongPassword(0).Replace("7/5060", "7/5061", StringComparison.Ordinal))).Bans);
    }

    [Fact]
    public void What_a_second_log_tells_of_the_time_before_a_login_does_not_count()
    {
        var text = Many(3, i => WrongPassword(i)) + Login(3) + Many(3, i => WrongPassword(200 + i));

        Assert.Empty(new Trial().Read(text, "full").Read(text).Decisions);
        Assert.Single(new Trial().Read(text, "full").Read(text).Read(Many(2, i => WrongPassword(204 + i))).Bans);
    }

    [Fact]
    public void A_ban_that_the_operator_lifted_does_not_come_back_with_a_log_that_is_written_anew()
    {
        var text = Many(5, i => WrongPassword(i));
        var trial = new Trial().Read(text);
        trial.Ledger.Lift(trial.Bans[0].Subject);
        trial.Detector.Forget(trial.Bans[0].Subject);

        Assert.Single(trial.Rewrite().Read(text).Bans);
    }

    [Theory]
    [InlineData("two logs, one after the other")]
    [InlineData("two logs, line by line")]
    [InlineData("two logs, by turns of any length")]
    [InlineData("one log, written anew")]
    public void Any_log_that_is_told_twice_gives_the_decisions_of_one(string how)
    {
        var random = new Random(7);
        var banned = 0;
        for (var round = 0; round < 300; round++)
        {
            var lines = AnyLog(random);
            var once = new Trial();
            var twice = new Trial();
            lines.ForEach(line => once.Read(line));

            var (first, second) = (0, 0);
            while (first < lines.Count || second < lines.Count)
            {
                var lead = how switch
                {
                    "two logs, line by line" => 1,
                    "two logs, by turns of any length" => random.Next(lines.Count + 1),
                    _ => lines.Count,
                };
                for (var end = Math.Min(first + lead, lines.Count); first < end; first++)
                {
                    twice.Read(lines[first]);
                }

                if (how == "one log, written anew")
                {
                    twice.Rewrite();
                }

                for (; second < first; second++)
                {
                    twice.Read(lines[second], how == "one log, written anew" ? "security" : "full");
                }
            }

            Assert.Equal(once.Decisions.Select(Shown), twice.Decisions.Select(Shown));
            banned += once.Bans.Count;
        }

        Assert.True(banned > 100, $"{banned} bans prove little");
    }

    private static string Shown(Decision decision) => $"{decision.Time:O} {decision.Subject} {decision.Rule} {decision.Reason} {(decision as Ban)?.Until:O} {decision.GetType().Name}";

    // A few phones and strangers over some hours; now and then several records of one moment. No more of an address than it is remembered by (30).
    private static List<string> AnyLog(Random random)
    {
        var second = 0;
        var lines = new List<string>();
        for (var i = random.Next(5, 80); i > 0; i--)
        {
            second += random.Next(6) switch { 0 or 1 or 2 => 0, 3 => random.Next(5), 4 => random.Next(300), _ => random.Next(1_500) };
            var source = $"198.51.100.{random.Next(1, 4)}";
            var account = $"{random.Next(100, 103)}";
            var session = $"{random.Next(3)}";
            lines.Add(random.Next(9) switch
            {
                0 or 1 or 2 => WrongPassword(second, source, account),
                3 => UnknownAccount(second, source, account),
                4 => Notice(second, "No matching endpoint found", session, source, account),
                5 => Notice(second, "Failed to authenticate", session, source, account),
                6 => Acl(second, source: source),
                7 => Call(second, "00972598123456", source: source),
                _ => Login(second++ + 0.5, source, account),
            });
        }

        return lines;
    }
}

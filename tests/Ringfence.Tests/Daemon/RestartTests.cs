using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Api;
using Ringfence.Commands;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Daemon;
using Ringfence.Journal;
using Ringfence.Output;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Daemon;

/// <summary>What a guard takes up from the journal of the one before it.</summary>
public sealed class RestartTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Network Attacker = Network.Parse("203.0.113.5")!.Value;
    private static readonly Network Around = Network.Parse("203.0.113.0/24")!.Value;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rf-restart-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Bans_that_were_only_observed_do_not_become_real_when_the_next_guard_enforces()
    {
        await using (var observing = await StartAsync("observe"))
        {
            await observing.BanByRuleAsync(Attacker);
            await observing.BanByRuleAsync(Around);
        }

        await using var enforcing = await StartAsync("nftables");

        Assert.Empty(enforcing.Firewall.Begun);
        Assert.Empty(enforcing.Pipeline.Bans.At(Noon));
        Assert.Equal(1, enforcing.NextOrdinal(Attacker));
    }

    [Fact]
    public async Task A_ban_by_hand_under_an_observing_guard_says_that_it_will_not_hold_under_the_next_and_it_does_not()
    {
        await using (var observing = await StartAsync("observe"))
        {
            var byHand = new OperatorTrust(Path.Combine(_directory.FullName, "trust.json"), observing.Time, NullLogger<OperatorTrust>.Instance);
            var keeper = new TrustKeeper(
                RingfenceConfig.Default, observing.Pipeline, byHand, new DnsNames([], observing.Time, NullLogger<DnsNames>.Instance), new AsteriskCli("asterisk", _directory.FullName, observing.Time), observing.Time, NullLogger<TrustKeeper>.Instance);
            var desk = new Desk(observing.Pipeline, observing.Memory, observing.Firewall, byHand, keeper, () => [], () => [], observing.Time);

            var change = await desk.BanAsync(new BanRequest(Attacker, TimeSpan.FromDays(7), "by hand", Force: false, DryRun: false), Stop);

            Assert.StartsWith("203.0.113.5 would be banned for 7 d. Ringfence only observes: nothing is blocked, nor will this ban hold when the guard begins to ban", change.Message, StringComparison.Ordinal);
        }

        await using var enforcing = await StartAsync("nftables");

        Assert.Empty(enforcing.Firewall.Begun);
    }

    [Fact]
    public async Task Bans_that_were_observed_are_shown_and_grow_while_the_next_guard_observes_too()
    {
        await using (var observing = await StartAsync("observe"))
        {
            await observing.BanByRuleAsync(Attacker);
        }

        await using var next = await StartAsync("observe");

        Assert.Equal([(Attacker, OutcomeKind.Observed)], next.Pipeline.Bans.At(Noon).Select(entry => (entry.Ban.Subject, entry.Outcome!.Value)));
        Assert.Equal(2, next.NextOrdinal(Attacker));
    }

    [Fact]
    public async Task The_latest_decisions_are_known_after_a_restart()
    {
        await using (var first = await StartAsync("nftables"))
        {
            await first.BanByRuleAsync(Around);
            await first.BanByRuleAsync(Attacker);
        }

        await using var next = await StartAsync("nftables");

        Assert.Equal([("ban", Around), ("ban", Attacker)], next.Pipeline.Latest.Select(decision => (decision.Action, decision.Subject)));
    }

    [Theory]
    [InlineData("203.0.113.5", 1, true)]
    [InlineData("203.0.113.0/24", 1, true)]
    [InlineData("203.0.113.6", 2, true)]
    [InlineData("203.0.113.5", 2, false)]
    public async Task What_the_operator_lifted_counts_against_nobody_after_a_restart(string lifted, int expected, bool byOperator)
    {
        var first = await StartAsync("nftables");
        await first.BanByRuleAsync(Attacker);
        var subject = Network.Parse(lifted)!.Value;
        if (byOperator)
        {
            await first.Pipeline.ActAsync([first.Pipeline.Amendments.Lift(subject, Noon, Operator.Rule, "lifted by hand")], Stop);
        }
        else
        {
            await first.Pipeline.ActAsync([new Unban(0, Noon, subject, "RF2001", "made room")], Stop);
        }

        await first.DisposeAsync();
        await using var next = await StartAsync("nftables", Noon.AddHours(2));

        Assert.Equal(expected, next.NextOrdinal(Attacker));
    }

    [Fact]
    public async Task A_journal_that_could_not_be_opened_at_the_start_is_taken_up_when_it_can_be()
    {
        await using (var first = await StartAsync("nftables"))
        {
            await first.BanByRuleAsync(Attacker);
        }

        File.Move(JournalPath, $"{JournalPath}.away");
        Directory.CreateDirectory(JournalPath);
        await using var guard = await StartAsync("nftables");
        await guard.BanByRuleAsync(Around);
        await guard.Pipeline.TendAsync(Stop);
        var problem = guard.Memory.Status.Problem;
        Assert.Empty(guard.Firewall.Begun);

        Directory.Delete(JournalPath);
        File.Move($"{JournalPath}.away", JournalPath);
        guard.Time.Advance(TimeSpan.FromSeconds(1));
        await guard.Pipeline.TendAsync(Stop);

        Assert.Contains("wait in memory", problem, StringComparison.Ordinal);
        Assert.Null(guard.Memory.Status.Problem);
        Assert.Equal([Around, Attacker], guard.Firewall.Applied.Select(ban => ban.Subject));
        Assert.Equal([Attacker, Around], guard.Memory.ActiveBans(Noon).Select(ban => ban.Subject));
        Assert.Equal([Around, Attacker], guard.Pipeline.Bans.At(Noon).Select(entry => entry.Ban.Subject).Order());
        Assert.Equal((2, 2), (guard.NextOrdinal(Attacker), guard.NextOrdinal(Around)));
    }

    [Fact]
    public async Task An_end_of_a_ban_that_the_kernel_refused_is_carried_out_at_the_next_start_once()
    {
        await using (var first = await StartAsync("nftables"))
        {
            await first.BanByRuleAsync(Attacker);
            await first.BanByRuleAsync(Around);
            first.Firewall.Refuses = true;
            await first.Pipeline.ActAsync([first.Pipeline.Amendments.Lift(Attacker, Noon, Operator.Rule, "lifted by hand")], Stop);
            await first.Pipeline.ActAsync([first.Pipeline.Amendments.Lift(Around, Noon, Operator.Rule, "lifted by hand")], Stop);
            first.Firewall.Refuses = false;
            await first.BanByRuleAsync(Around);
        }

        await using (var second = await StartAsync("nftables"))
        {
            Assert.Equal([Attacker], second.Firewall.Freed);
            Assert.Equal([OutcomeKind.Failed, OutcomeKind.Enforced], second.Memory.About(Attacker).Single(about => about.Decision is Unban unban && unban.Subject == Attacker).Outcomes.Select(outcome => outcome.Kind));
        }

        await using var third = await StartAsync("nftables");
        Assert.Empty(third.Firewall.Freed);
    }

    [Fact]
    public async Task A_ban_that_the_kernel_took_at_a_later_try_is_enforced_from_then_on()
    {
        await using var guard = await StartAsync("nftables");
        guard.Firewall.Refuses = true;
        await guard.BanByRuleAsync(Attacker);
        var before = guard.Pipeline.Bans.At(Noon).Single().Outcome;

        guard.Firewall.Mended.Add(new Outcome(1, Noon.AddSeconds(5), OutcomeKind.Enforced, "at a later try"));
        await guard.Pipeline.TendAsync(Stop);
        await guard.Pipeline.TendAsync(Stop);

        Assert.Equal((OutcomeKind.Failed, OutcomeKind.Enforced), (before, guard.Pipeline.Bans.At(Noon).Single().Outcome));
        Assert.Equal([OutcomeKind.Failed, OutcomeKind.Enforced], guard.Memory.About(Attacker).Single().Outcomes.Select(outcome => outcome.Kind));
    }

    [Theory]
    [InlineData("none", 5, true)]
    [InlineData("during", 5, false)]
    [InlineData("before", 5, true)]
    [InlineData("after", 5, true)]
    [InlineData("during", 0, false)]
    [InlineData("none", 0, false)]
    public async Task A_right_password_among_a_banned_guessers_guesses_frees_him_after_a_restart_no_more_than_before(string told, int minutes, bool falls)
    {
        await using (var first = await StartAsync("nftables"))
        {
            await first.BanByRuleAsync(Attacker);
            if (told != "none")
            {
                await first.Pipeline.ActAsync([new Alert(0, Noon.AddMilliseconds(told switch { "during" => 40, "before" => -40, _ => 3_600_000 }), Attacker, "RF2014", Late)], Stop);
            }
        }

        await using var next = await StartAsync("nftables", Noon.AddMinutes(minutes));
        await next.Pipeline.TrustAsync(new TrustList([new TrustEntry(Attacker, "registered contact of 1001", TrustSource.Contact)]), Stop);

        Assert.Equal(falls, next.Pipeline.Bans.Of(Attacker, next.Time.Now) is null);
    }

    [Theory]
    [InlineData(30, false, true)]
    [InlineData(30, true, false)]
    [InlineData(61, false, false)]
    public async Task Nor_does_his_registration_make_him_trusted_but_behind_an_address_whose_ban_is_over_everybody_counts(int minutes, bool isLifted, bool isLate)
    {
        await using (var first = await StartAsync("nftables"))
        {
            await first.BanByRuleAsync(Attacker);
            await first.Pipeline.ActAsync([new Alert(0, Noon.AddMilliseconds(40), Attacker, "RF2014", Late)], Stop);
            if (isLifted)
            {
                await first.Pipeline.ActAsync([first.Pipeline.Amendments.Lift(Attacker, Noon, Operator.Rule, "lifted by hand")], Stop);
            }
        }

        await using var next = await StartAsync("nftables", Noon.AddMinutes(minutes));

        Assert.Equal(isLate, next.Pipeline.Late.Has(Attacker, next.Time.Now));
    }

    [Fact]
    public async Task What_the_guard_tells_of_a_login_among_guesses_is_what_the_next_one_finds()
    {
        await using (var first = await StartAsync("nftables", Noon.AddMilliseconds(50)))
        {
            await first.ReadAsync(string.Concat(Enumerable.Range(0, 5).Select(i => Record("ChallengeResponseFailed", Attacker, Noon.AddMilliseconds(i), ",Challenge=\"1/2\",Response=\"3\",ExpectedResponse=\"\"")))
                + Login(Attacker, Noon.AddMilliseconds(40)));
            Assert.Equal(["ban", "alert"], first.Pipeline.Latest.Select(decision => decision.Action));
        }

        await using var next = await StartAsync("nftables", Noon.AddMinutes(5));

        Assert.True(next.Pipeline.Late.Has(Attacker, next.Time.Now));
    }

    [Theory]
    [InlineData("account 1001: its password was found: after many wrong ones the PBX said of one, from 203.0.113.5, that only its nonce is too old")]
    [InlineData("account the right password of account 1: logged in from a network that it is not known from")]
    public async Task No_other_alert_of_a_stolen_password_is_taken_for_a_login_among_guesses(string words)
    {
        await using (var first = await StartAsync("nftables"))
        {
            await first.BanByRuleAsync(Attacker);
            await first.Pipeline.ActAsync([new Alert(0, Noon.AddMilliseconds(40), Attacker, "RF2014", words)], Stop);
        }

        await using var next = await StartAsync("nftables", Noon.AddMinutes(5));

        Assert.False(next.Pipeline.Late.Has(Attacker, next.Time.Now));
    }

    [Theory]
    [InlineData(-300_000, false)]
    [InlineData(-40, false)]
    [InlineData(20, true)]
    [InlineData(5_000, true)]
    public async Task Phones_that_logged_in_from_there_before_the_ban_keep_their_logins_when_the_next_guard_reads_them_again(int milliseconds, bool isLate)
    {
        await using (var first = await StartAsync("nftables"))
        {
            await first.BanByRuleAsync(Attacker);
            await first.Pipeline.ActAsync([new Alert(0, Noon.AddSeconds(5), Attacker, "RF2014", Late)], Stop);
        }

        await using var next = await StartAsync("nftables", Noon.AddMinutes(5));
        await next.ReadAsync("", before: Login(Attacker, Noon.AddMilliseconds(milliseconds)));

        Assert.Equal((isLate, Attacker.First), (next.Pipeline.Sessions.IsLate("1001", "call-1"), next.Pipeline.Sessions.Find("1001", "call-1")));
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(5_000, true)]
    [InlineData(900, false)]
    public async Task What_the_PBX_had_of_a_banned_guesser_is_known_for_that_when_only_the_next_guard_reads_it(int milliseconds, bool isLate)
    {
        await using (var first = await StartAsync("nftables"))
        {
            // The guard was a second behind: others behind the same address logged in meanwhile.
            var ban = first.Memory.Append([new Ban(0, Noon, Attacker, "RF2001", "5 wrong passwords", Noon + TimeSpan.FromHours(3), 1)]).Single();
            first.Memory.Append([new Outcome(ban.Id, Noon.AddSeconds(1), OutcomeKind.Enforced, "")]);
        }

        await using var next = await StartAsync("nftables", Noon.AddHours(2));
        await next.ReadAsync(Login(Attacker, Noon.AddMilliseconds(milliseconds)));

        Assert.Equal(isLate, next.Pipeline.Sessions.IsLate("1001", "call-1"));
    }

    private static string Late => $"{AccountAlarms.LateWords}1001 was among the guesses of {Attacker}";

    private static string Login(Network from, DateTimeOffset at) => Record("SuccessfulAuth", from, at, ",UsingPassword=\"1\"");

    private static string Record(string name, Network from, DateTimeOffset at, string end) => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"[{at:yyyy-MM-dd HH:mm:ss}] SECURITY[1234] res_security_log.c: SecurityEvent=\"{name}\",EventTV=\"{at:yyyy-MM-dd'T'HH:mm:ss.fff}+0000\",Severity=\"Informational\",Service=\"PJSIP\",EventVersion=\"1\",AccountID=\"1001\",SessionID=\"call-1\",LocalAddress=\"IPV4/TCP/10.0.0.1/5060\",RemoteAddress=\"IPV4/TCP/{from.First}/5060\"{end}\n");

    private string JournalPath => Path.Combine(_directory.FullName, "ringfence.db");

    private async Task<Run> StartAsync(string mode, DateTimeOffset? now = null)
    {
        var run = new Run(_directory.FullName, mode, now ?? Noon);
        await run.Pipeline.RestoreAsync(TrustList.Empty, Stop);
        return run;
    }

    private sealed class Run : IAsyncDisposable
    {
        private readonly System.Threading.Channels.Channel<SourceBatch> _batches = SourceBatch.NewChannel();

        public ManualTime Time { get; }

        public Run(string directory, string mode, DateTimeOffset now)
        {
            Time = new ManualTime(now);
            Memory = SqliteJournal.Open(Path.Combine(directory, "ringfence.db"), Time, NullLogger.Instance);
            Firewall = new FakeFirewall(mode);
            Pipeline = new Pipeline(
                RingfenceConfig.Default, TimeZoneInfo.Utc, managerOverHttp: false, ledgerKey: 0, _batches.Reader, Memory, Firewall,
                new Announcer(new Screen(Surroundings.OfProcess())), Time, NullLogger<Pipeline>.Instance);
        }

        public SqliteJournal Memory { get; }

        public FakeFirewall Firewall { get; }

        public Pipeline Pipeline { get; }

        public async Task BanByRuleAsync(Network subject) =>
            await Pipeline.ActAsync([new Ban(0, Noon, subject, "RF2001", "5 wrong passwords", Noon + TimeSpan.FromHours(1), 1)], Stop);

        /// <summary>Lets it read this of a log, to the end.</summary>
        /// <param name="before">What the guard before it had read.</param>
        public async Task ReadAsync(string lines, string before = "")
        {
            var bytes = System.Buffers.ArrayPool<byte>.Shared.Rent(lines.Length + 1);
            var length = System.Text.Encoding.ASCII.GetBytes(lines, bytes);
            await _batches.Writer.WriteAsync(
                new RawBatch("/var/log/asterisk/security", new LogIdentity(1, 2, 0), before.Length, bytes, length) { StartsFile = true, Before = System.Text.Encoding.ASCII.GetBytes(before), RecollectedBefore = before.Length },
                Stop);
            _batches.Writer.Complete();
            await Pipeline.RunAsync(Stop);
        }

        public int NextOrdinal(Network subject) => Pipeline.Amendments.BanByHand(subject, Time.Now, TimeSpan.FromHours(1), "").Ordinal;

        public async ValueTask DisposeAsync()
        {
            Pipeline.Dispose();
            await Memory.DisposeAsync();
        }
    }
}

using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Journal;
using Ringfence.Sqlite;
using Xunit;

namespace Ringfence.Tests.Journal;

/// <summary>The journal against a list: whatever is appended, purged, restarted or locked away, both give the same answers.</summary>
public sealed class JournalModelTests : JournalFixture
{
    private static readonly string[] Subjects =
    [
        "192.0.2.1", "192.0.2.2", "192.0.2.0/24", "192.0.0.0/16", "0.0.0.0/0", "203.0.113.9", "2001:db8::/64", "2001:db8:0:1::/64", "2001:db8::/32", "::/0",
    ];

    private readonly List<Remembered> _all = [];

    private protected override JournalLimits Limits => new() { LockWait = TimeSpan.Zero, Unwritten = 1000, PurgeStep = 1000 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Any_sequence_gives_what_a_plain_list_gives(int seed)
    {
        var random = new Random(seed);
        for (var step = 0; step < 400; step++)
        {
            await StepAsync(random);

            AssertSame(random);
        }
    }

    private async Task StepAsync(Random random)
    {
        switch (random.Next(20))
        {
            case < 13:
                Append([.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Any(random))]);
                break;
            case 13:
                Observe(random);
                break;
            case < 15:
                Purge(Time.Now - TimeSpan.FromMinutes(random.Next(0, 200)));
                break;
            case < 17:
                Time.Advance(TimeSpan.FromMinutes(random.Next(1, 40)));
                break;
            case 17:
                await ReopenAsync();
                break;
            default:
                LockedOut(random);
                break;
        }
    }

    private void Observe(Random random)
    {
        var outcomes = _all.TakeLast(random.Next(1, 4)).Select(remembered => new Outcome(remembered.Decision.Id, Time.Now, OutcomeKind.Observed, "")).ToList();
        Journal.Append(outcomes);
        foreach (var outcome in outcomes)
        {
            _all.Single(remembered => remembered.Decision.Id == outcome.DecisionId).IsObserved = true;
        }
    }

    // The file is locked by somebody else for some appends; what is asked meanwhile is answered from both places.
    private void LockedOut(Random random)
    {
        using (var other = Database.Open(Path, readOnly: false))
        {
            other.Execute("BEGIN IMMEDIATE");
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                Append([Any(random), Any(random)]);
                Observe(random);
                AssertSame(random);
            }
        }

        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(Journal.Status.Problem);
    }

    // Event time runs a little back and forth, as it does between several logs.
    private Decision Any(Random random)
    {
        var subject = Net(Subjects[random.Next(Subjects.Length)]);
        var time = Time.Now.AddSeconds(random.Next(-60, 60));
        return random.Next(10) switch
        {
            < 6 => new Ban(0, time, subject, "RF2001", "", time.AddMinutes(random.Next(0, 240)), random.Next(1, 9)),
            6 => new Ban(0, time, subject, "operator", "", null, 0),
            7 => new Alert(0, time, subject, "RF2003", ""),
            8 => new Unban(0, time, subject, "operator", ""),
            _ => new Unban(0, time, subject, "RF2001", "made room"),
        };
    }

    private void Append(Decision[] decisions)
    {
        foreach (var decision in Journal.Append(decisions))
        {
            if (decision.Replaces
                && _all.LastOrDefault(earlier => earlier.Decision.Replaces && earlier.Decision.Subject == decision.Subject) is { Decision.Kind: DecisionKind.Ban } replaced)
            {
                replaced.Ends = decision.Time < replaced.Ends ? decision.Time : replaced.Ends;
            }

            foreach (var earlier in decision is Unban { Forgives: true } ? _all.Where(earlier => decision.Subject.Contains(earlier.Decision.Subject)) : [])
            {
                earlier.IsLifted = true;
            }

            var ends = decision is Ban ban ? ban.Until ?? DateTimeOffset.MaxValue : decision.Time;
            _all.Add(new Remembered(decision) { Ends = ends });
        }
    }

    private void Purge(DateTimeOffset before)
    {
        var expected = 0;
        foreach (var remembered in _all.Where(remembered => !remembered.IsForgotten && remembered.Ends < before))
        {
            remembered.IsForgotten = true;
            expected++;
        }

        Assert.Equal(expected, Journal.Purge(before));
    }

    private void AssertSame(Random random)
    {
        var now = Time.Now.AddMinutes(random.Next(0, 100));
        var withObserved = random.Next(2) == 0;
        var shown = _all.Where(remembered => remembered.Decision.Replaces)
            .GroupBy(remembered => remembered.Decision.Subject).Select(group => group.Last())
            .Where(remembered => remembered.Decision is Ban ban && (ban.Until is not { } until || until > now)).OrderBy(remembered => remembered.Decision.Id).ToList();
        var active = shown.Where(remembered => !remembered.IsObserved).Select(remembered => (Ban)remembered.Decision).ToList();
        Assert.Equal(withObserved ? shown.Select(remembered => (Ban)remembered.Decision) : active, Journal.ActiveBans(now, withObserved));
        Assert.Equal(active.Select(ban => new ActiveBan(ban.Subject, ban.Until)).ToHashSet(), [.. Journal.InForce(now)]);

        var network = Net(Subjects[random.Next(Subjects.Length)]);
        var about = _all.Where(remembered => !remembered.IsForgotten).Select(remembered => remembered.Decision)
            .Where(decision => Overlap(decision.Subject, network));
        Assert.Equal(about.Select(decision => decision.Id), Journal.About(network).Select(found => found.Decision.Id));

        var since = Time.Now.AddMinutes(-random.Next(0, 200));
        var bans = _all.Where(remembered => !remembered.IsForgotten && !remembered.IsLifted && (withObserved || !remembered.IsObserved)).Select(remembered => remembered.Decision)
            .OfType<Ban>().Where(ban => ban.Time >= since).OrderBy(ban => ban.Time).ThenBy(ban => ban.Id);
        Assert.Equal(bans, Journal.BansSince(since, withObserved));
    }

    private static bool Overlap(Network a, Network b) => a.Contains(b) || b.Contains(a);

    private sealed class Remembered(Decision decision)
    {
        public Decision Decision { get; } = decision;

        public required DateTimeOffset Ends { get; set; }

        public bool IsForgotten { get; set; }

        public bool IsObserved { get; set; }

        public bool IsLifted { get; set; }
    }
}

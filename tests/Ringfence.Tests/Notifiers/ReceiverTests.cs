using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Notices;
using Ringfence.Notifiers;
using Ringfence.Sqlite;
using Ringfence.Tests.Notices;
using Xunit;
using NoticeBox = Ringfence.Notifiers.Notices;

namespace Ringfence.Tests.Notifiers;

/// <summary>From a posted decision to what a receiver was sent, with a real queue on disk.</summary>
public sealed class ReceiverTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-notices-").FullName;
    private readonly ManualTime _time = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_receiver_that_is_down_does_not_hold_up_another_and_gets_all_of_it_in_order_when_it_is_back()
    {
        var down = new Script(Answer.TryAgain("down"));
        var up = new Script(Answer.Taken("ok"));
        await using var rig = Start(down, up);

        Post(rig.Box, 1, 3);
        await up.SeenAsync(3);
        await down.SeenAsync(1);
        await RetryAsync(TimeSpan.FromSeconds(5));
        await down.SeenAsync(2);
        down.Says = Answer.Taken("back");
        await RetryAsync(TimeSpan.FromSeconds(10));
        await down.SeenAsync(5);

        Assert.Equal(["ban-1", "ban-2", "ban-3"], up.Seen.Select(message => message.Id));
        Assert.Equal(["ban-1", "ban-1", "ban-1", "ban-2", "ban-3"], down.Seen.Select(message => message.Id));
    }

    [Fact]
    public async Task A_receiver_that_refuses_all_for_a_while_gets_all_of_it_afterwards_and_status_says_what_is_wrong()
    {
        var hook = new Script(Answer.TryAgain("x: HTTP 401; check token, secret and url"));
        await using var rig = Start(hook);

        Post(rig.Box, 1, 3);
        await hook.SeenAsync(1);
        await UntilAsync(() => rig.Box.Status[0] is { Waiting: 3, Problem: "x: HTTP 401; check token, secret and url", FailingSince: not null });
        hook.Says = Answer.Taken("ok");
        await RetryAsync(TimeSpan.FromSeconds(5));
        await hook.SeenAsync(4);

        await UntilAsync(() => rig.Box.Status[0] is { Waiting: 0, Refused: 0, Problem: null, FailingSince: null });
        Assert.Equal(["ban-1", "ban-1", "ban-2", "ban-3"], hook.Seen.Select(message => message.Id));
    }

    [Fact]
    public async Task One_that_is_refused_is_a_note_a_second_in_a_row_a_problem_and_one_that_is_taken_its_end()
    {
        var hook = new Script(Answer.Refused("x: HTTP 422"));
        await using var rig = Start(hook);

        Post(rig.Box, 1, 1);
        await UntilAsync(() => rig.Box.Status[0] is { Refused: 1, Problem: null, FailingSince: null, Note: "1 refused for good: x: HTTP 422" });
        Post(rig.Box, 2, 1);
        await UntilAsync(() => rig.Box.Status[0] is { Refused: 2, Problem: "the last 2 were refused for good and dropped: x: HTTP 422", FailingSince: not null });
        hook.Says = Answer.Taken("ok");
        Post(rig.Box, 3, 1);

        await UntilAsync(() => rig.Box.Status[0] is { Refused: 2, Problem: null, FailingSince: null, LastSuccess: not null });
    }

    [Fact]
    public async Task Of_two_who_get_mail_one_who_is_greylisted_or_unknown_holds_up_nobody_is_told_in_status_and_gets_each_once()
    {
        var scripts = new Dictionary<string, Script> { ["a@example.com"] = new(Answer.Taken("ok")), ["b@example.com"] = new(Answer.TryAgain("RCPT TO:<b@example.com>: 450 greylisted")) };
        var settings = new NotifySettings
        {
            Notifiers = [new NotifierSettings { Name = "mail", Kind = NotifierKind.Mail, Server = new ServerAddress("127.0.0.1", 25), To = ["a@example.com", "b@example.com"] }],
        };
        var box = new NoticeBox(settings, Path.Combine(_directory, "notices.db"), _time, NullLogger.Instance, (notifier, _) => scripts[Assert.Single(notifier.To)]);
        box.CatchUp(new KnowingJournal([]));
        await using var rig = new Rig(box);

        Post(box, 1, 3);
        await scripts["a@example.com"].SeenAsync(3);
        await UntilAsync(() => box.Status[0] is { Waiting: 3, LastSuccess: not null, Problem: "RCPT TO:<b@example.com>: 450 greylisted" });
        scripts["b@example.com"].Says = Answer.Taken("ok");
        await RetryAsync(TimeSpan.FromSeconds(5));
        await scripts["b@example.com"].SeenAsync(4);

        await UntilAsync(() => box.Status[0] is { Waiting: 0, Problem: null, FailingSince: null });
        Assert.Equal(["ban-1", "ban-2", "ban-3"], scripts["a@example.com"].Seen.Select(message => message.Id));
        Assert.Equal(["ban-1", "ban-1", "ban-2", "ban-3"], scripts["b@example.com"].Seen.Select(message => message.Id));
    }

    [Fact]
    public async Task One_whose_own_text_is_refused_again_and_again_does_not_hold_up_the_others_for_days()
    {
        var hook = new Script(Answer.Taken("ok")) { Poison = ("ban-1", Answer.TryAgain("x: HTTP 403")) };
        await using var rig = Start(hook);

        Post(rig.Box, 1, 3);
        for (var failure = 1; failure <= 10; failure++)
        {
            await hook.SeenAsync(failure);
            await RetryAsync(NoticeRetry.Delay.After(failure));
        }

        await hook.SeenAsync(14);
        await UntilAsync(() => rig.Box.Status[0] is { Waiting: 0, Refused: 1, Problem: null, FailingSince: null, Note: "1 refused for good: x: HTTP 403" });
        Assert.Equal([.. Enumerable.Repeat("ban-1", 11), "ban-2", "ban-1", "ban-3"], hook.Seen.Select(message => message.Id));
    }

    [Fact]
    public async Task A_disk_that_takes_no_position_ends_the_part_and_what_was_told_is_not_told_again_when_it_is_started_again()
    {
        var hook = new Script(Answer.Taken("ok"));
        using var box = NewBox(hook);
        box.CatchUp(new KnowingJournal([]));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var writing = box.RunAsync(stop.Token);
        Post(box, 1, 1);
        await UntilAsync(() => box.Status[0].Waiting == 1);

        // A full disk fails where this trigger does: at the position, behind the sending.
        Execute("CREATE TRIGGER full BEFORE UPDATE ON receivers BEGIN SELECT RAISE(ABORT, 'full'); END");
        for (var start = 0; start < 3; start++)
        {
            await Assert.ThrowsAsync<SqliteException>(() => box.Receivers[0].RunAsync(stop.Token).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Stop));
        }

        Execute("DROP TRIGGER full");
        var running = box.Receivers[0].RunAsync(stop.Token);
        Post(box, 2, 1);
        await hook.SeenAsync(2);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);

        Assert.Equal(["ban-1", "ban-2"], hook.Seen.Select(message => message.Id));
    }

    [Fact]
    public async Task What_the_journal_knows_is_told_unless_it_is_older_than_the_queues_patience_or_came_after_the_start()
    {
        using (var before = NewBox(new Script(Answer.Taken("ok"))))
        {
            before.CatchUp(new KnowingJournal([NoticeTextTests.BanOf(id: 1)]));
            using var ended = new CancellationTokenSource();
            var running = before.RunAsync(ended.Token);
            Post(before, 2, 1);
            await UntilAsync(() => before.Status[0].Waiting == 1);
            await ended.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        }

        var now = _time.GetUtcNow();
        Decision[] known = [.. new[] { 5, 4, 3 }.Select(id => NoticeTextTests.BanOf(id: id) with { Time = now - TimeSpan.FromDays(id == 3 ? 5 : 1) })];
        var hook = new Script(Answer.Taken("ok"));
        await using var rig = Start(new KnowingJournal(known), hook);
        Post(rig.Box, 6, 1);
        await hook.SeenAsync(4);

        Assert.Equal(["ban-2", "ban-4", "ban-5", "ban-6"], hook.Seen.Select(message => message.Id));
        Assert.Equal(1, rig.Box.Status[0].Lost);
    }

    [Fact]
    public void Where_nobody_is_told_any_more_the_queue_goes_and_whoever_is_told_later_begins_anew()
    {
        using (var before = NewBox(new Script(Answer.Taken("ok"))))
        {
            before.CatchUp(new KnowingJournal([NoticeTextTests.BanOf(id: 1)]));
            Assert.Single(before.Status);
        }

        NoticeQueue.Open(Path.Combine(_directory, "notices.db"), ["n0"], _time.GetUtcNow()).Dispose();
        using var nobody = new NoticeBox(new NotifySettings(), Path.Combine(_directory, "notices.db"), _time, NullLogger.Instance);
        nobody.CatchUp(new KnowingJournal([]));

        Assert.Empty(Directory.GetFiles(_directory));
    }

    [Fact]
    public async Task What_is_refused_for_good_is_dropped_and_told_in_status_and_the_next_is_sent()
    {
        var hook = new Script(Answer.Refused("x: HTTP 422"));
        await using var rig = Start(hook);

        Post(rig.Box, 1, 2);
        await hook.SeenAsync(2);

        await UntilAsync(() => rig.Box.Status[0] is { Refused: 2, Waiting: 0, Problem: "the last 2 were refused for good and dropped: x: HTTP 422", Note: "2 refused for good: x: HTTP 422" });
    }

    [Fact]
    public async Task After_a_death_what_was_posted_comes_once_what_was_in_the_air_again_and_what_the_journal_alone_knows_too()
    {
        var first = new Script(Answer.TryAgain("down"));
        await using (var before = Start(first))
        {
            Post(before.Box, 1, 2);
            await first.SeenAsync(1);
        }

        var journal = new KnowingJournal([NoticeTextTests.BanOf(id: 3), NoticeTextTests.BanOf(id: 2), NoticeTextTests.BanOf(id: 1)]);
        var second = new Script(Answer.Taken("ok"));
        await using var after = Start(journal, second);
        await second.SeenAsync(3);

        Assert.Equal(["ban-1", "ban-2", "ban-3"], second.Seen.Select(message => message.Id));
    }

    [Fact]
    public async Task Ten_thousand_bans_become_ten_mails_and_one_digest_that_counts_them_and_an_alarm_does_not_wait_for_it()
    {
        var mail = new Script(Answer.Taken("ok"));
        await using var rig = Start(mail);

        for (var batch = 0; batch < 10; batch++)
        {
            Post(rig.Box, 1 + (1_000 * batch), 1_000);
        }

        await UntilAsync(() => mail.Seen.Count == 10 && rig.Box.Status[0].Waiting == 9_990);
        rig.Box.Post(NoticeFrom.AlarmBegins("firewall", "gone", _time.GetUtcNow()));
        await mail.SeenAsync(11);
        for (var minute = 0; minute < 15; minute++)
        {
            await RetryAsync(TimeSpan.FromMinutes(1), least: TimeSpan.FromSeconds(50));
        }

        await mail.SeenAsync(12);
        Assert.Equal("alarm", mail.Seen.ElementAt(10).Kind);
        Assert.Equal((9_990, 9_990), (mail.Seen.ElementAt(11).Digest!.Count, mail.Seen.ElementAt(11).Digest!.Rules[0].Count));
        await UntilAsync(() => rig.Box.Status[0].Waiting == 0);
    }

    [Fact]
    public void A_full_queue_drops_the_oldest_and_counts_them_for_who_had_them_not()
    {
        using var queue = NoticeQueue.Open(Path.Combine(_directory, "q.db"), ["a", "b"], _time.GetUtcNow(), most: 100);
        var all = new NoticeFilter(Core.Rules.Severity.Info, [NoticeKind.Ban]);

        queue.Append([.. Enumerable.Range(1, 60).Select(Notice)], _time.GetUtcNow(), 60);
        queue.Advance("a", urgent: false, queue.For("a", urgent: false, all).Ids[^1], default);
        queue.Append([.. Enumerable.Range(61, 60).Select(Notice)], _time.GetUtcNow(), 120);

        Assert.Equal((0, 20), (queue.LostFor(["a"]), queue.LostFor(["b"])));
        Assert.Equal((60, 100), (queue.CountFor(["a"], all), queue.CountFor(["b"], all)));
        Assert.Equal("ban-21", queue.Read(queue.For("b", urgent: false, all).Ids[0])!.Id);
    }

    [Fact]
    public void A_damaged_queue_is_kept_aside_and_a_new_one_begins()
    {
        var path = Path.Combine(_directory, "q.db");
        File.WriteAllBytes(path, [.. Enumerable.Repeat((byte)'x', 5_000)]);

        using var queue = NoticeQueue.Open(path, ["a"], _time.GetUtcNow());

        Assert.Equal(0, queue.Count);
        Assert.Single(Directory.GetFiles(_directory, "q.db.corrupt-*"));
    }

    [Fact]
    public async Task While_the_queue_can_not_be_opened_the_guard_runs_and_its_part_says_why_and_tells_all_when_it_can_be()
    {
        var path = Path.Combine(_directory, "notices.db");
        Directory.CreateDirectory(path);
        var hook = new Script(Answer.Taken("ok"));
        using (var box = NewBox(hook))
        {
            box.CatchUp(new KnowingJournal([]));
            Post(box, 1, 2);

            var refused = await Assert.ThrowsAsync<IOException>(() => box.RunAsync(Stop));
            Assert.Contains("notices.db: it is a directory: expected a regular file", refused.Message, StringComparison.Ordinal);
            Assert.Null(box.Status[0].Problem);

            Directory.Delete(path);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            var running = Task.WhenAll(box.RunAsync(stop.Token), box.Receivers[0].RunAsync(stop.Token));
            await hook.SeenAsync(2);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        }

        Assert.Equal(["ban-1", "ban-2"], hook.Seen.Select(message => message.Id));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[null]")]
    [InlineData("{\"id\":\"x\"")]
    [InlineData("{\"id\":null,\"time\":\"2026-07-01T12:00:00Z\",\"kind\":1,\"severity\":1,\"headline\":\"x\"}")]
    [InlineData("{\"id\":\"x\",\"time\":\"2026-07-01T12:00:00Z\",\"kind\":1,\"severity\":1,\"headline\":\"x\",\"lines\":[null]}")]
    [InlineData("{\"id\":\"x\",\"time\":\"2026-07-01T12:00:00Z\",\"kind\":99,\"severity\":1,\"headline\":\"x\"}")]
    public void A_damaged_notice_is_none_and_those_behind_it_do_not_wait_for_it(string damaged)
    {
        Assert.Null(NoticeJson.Read(damaged));
    }

    [Fact]
    public void Where_nobody_is_told_there_is_no_file()
    {
        using var box = new NoticeBox(new NotifySettings(), Path.Combine(_directory, "none.db"), _time, NullLogger.Instance);

        Post(box, 1, 5);
        box.CatchUp(new KnowingJournal([]));

        Assert.Empty(Directory.GetFiles(_directory));
    }

    private static Notice Notice(int id) => NoticeTextTests.NoticeOf(NoticeTextTests.BanOf(id: id));

    private static void Post(NoticeBox box, int first, int count)
    {
        var bans = Enumerable.Range(first, count).Select(id => (Decision)NoticeTextTests.BanOf(id: id)).ToList();
        box.Post(bans, [.. bans.Select(ban => new Outcome(ban.Id, ban.Time, OutcomeKind.Enforced, ""))]);
    }

    private void Execute(string sql)
    {
        using var database = Database.Open(Path.Combine(_directory, "notices.db"), readOnly: false);
        database.WaitForLocks(TimeSpan.FromSeconds(5));
        database.Execute(sql);
    }

    private async Task RetryAsync(TimeSpan delay, TimeSpan? least = null)
    {
        TimeSpan timer;
        do
        {
            timer = await _time.NextTimerAsync();
        }
        while (timer > delay || timer < (least ?? delay));

        _time.Advance(delay);
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!holds())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private Rig Start(params Script[] scripts) => Start(null, scripts);

    private Rig Start(KnowingJournal? journal, params Script[] scripts)
    {
        var box = NewBox(scripts);
        box.CatchUp(journal ?? new KnowingJournal([]));
        return new Rig(box);
    }

    private NoticeBox NewBox(params Script[] scripts)
    {
        var settings = new NotifySettings { Notifiers = [.. scripts.Select((_, i) => new NotifierSettings { Name = $"n{i}", Kind = NotifierKind.Webhook })] };
        return new NoticeBox(settings, Path.Combine(_directory, "notices.db"), _time, NullLogger.Instance, (notifier, _) => scripts[int.Parse(notifier.Name[1..], null)]);
    }

    private sealed class Rig : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        private readonly Task _running;

        public Rig(NoticeBox box)
        {
            Box = box;
            _running = Task.WhenAll([box.RunAsync(_end.Token), .. box.Receivers.Select(receiver => receiver.RunAsync(_end.Token))]);
        }

        public NoticeBox Box { get; }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _running.ContinueWith(_ => { }, TaskScheduler.Default).EndAsync();
            Box.Dispose();
            _end.Dispose();
        }
    }

    private sealed class Script(Answer says) : INotifier
    {
        private readonly Channel<bool> _sent = Channel.CreateUnbounded<bool>();
        private int _waited;

        public Answer Says { get; set; } = says;

        /// <summary>What it says to one alone.</summary>
        public (string Id, Answer Says)? Poison { get; init; }

        public ConcurrentQueue<NoticeMessage> Seen { get; } = [];

        public Task<Answer> SendAsync(NoticeMessage message, CancellationToken stop)
        {
            Seen.Enqueue(message);
            _sent.Writer.TryWrite(true);
            return Task.FromResult(Poison is { } poison && poison.Id == message.Id ? poison.Says : Says);
        }

        public async Task SeenAsync(int count)
        {
            for (; _waited < count; _waited++)
            {
                await _sent.Reader.ReadAsync(Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Stop);
            }
        }
    }
}

using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Notices;
using Ringfence.Notifiers;
using Ringfence.Tests.Daemon;
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
    public async Task What_is_refused_for_good_is_dropped_and_told_in_status_and_the_next_is_sent()
    {
        var hook = new Script(Answer.Refused("x: HTTP 404"));
        await using var rig = Start(hook);

        Post(rig.Box, 1, 2);
        await hook.SeenAsync(2);

        await UntilAsync(() => rig.Box.Status[0] is { Refused: 2, Waiting: 0, Problem: null, Note: "2 refused for good: x: HTTP 404" });
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

        Assert.Equal((0, 20), (queue.LostFor("a"), queue.LostFor("b")));
        Assert.Equal((60, 100), (queue.CountFor("a", all), queue.CountFor("b", all)));
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

        public ConcurrentQueue<NoticeMessage> Seen { get; } = [];

        public Task<Answer> SendAsync(NoticeMessage message, CancellationToken stop)
        {
            Seen.Enqueue(message);
            _sent.Writer.TryWrite(true);
            return Task.FromResult(Says);
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

using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Notices;
using Ringfence.Daemon;
using Ringfence.Notifiers;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Daemon;

/// <summary>From what a desk says of itself to what people hear, through a real queue.</summary>
public sealed class AlarmWatchTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-alarms-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task What_fails_for_a_minute_is_an_alarm_and_its_end_is_told()
    {
        await using var rig = new Rig(_directory, "a");
        rig.Tail = rig.Tail with { State = TailState.Missing, Problem = "there is no such file" };
        rig.Parts = [new PartReport("names", "waiting", rig.Time.GetUtcNow(), 3, null, "no resolver")];

        await rig.LookForAsync(TimeSpan.FromSeconds(70));
        rig.Tail = rig.Tail with { State = TailState.Reading, Problem = null };
        rig.Parts = [];
        await rig.LookForAsync(TimeSpan.FromSeconds(70));

        Assert.Equal(
            [
                "ALARM part names: no resolver",
                "ALARM source /var/log/asterisk/security: BLIND: there is no such file",
                "alarm over: part names, after 1 min 20 s: no resolver",
                "alarm over: source /var/log/asterisk/security, after 1 min 20 s: BLIND: there is no such file",
            ],
            [await rig.HearAsync("a"), await rig.HearAsync("a"), await rig.HearAsync("a"), await rig.HearAsync("a")]);
    }

    [Fact]
    public async Task A_clock_set_back_a_day_makes_no_alarm_wait_a_day()
    {
        await using var rig = new Rig(_directory, "a");
        rig.Parts = [new PartReport("names", "waiting", rig.Time.GetUtcNow(), 3, null, "no resolver")];
        await rig.LookForAsync(TimeSpan.FromSeconds(20));

        rig.Time.SetClock(TimeSpan.FromDays(-1));
        await rig.LookForAsync(TimeSpan.FromSeconds(60));

        Assert.Equal("ALARM part names: no resolver", await rig.HearAsync("a"));
    }

    [Fact]
    public async Task A_receiver_that_takes_nothing_for_an_hour_is_told_to_the_others()
    {
        await using var rig = new Rig(_directory, "dead", "well");
        rig.Answers["dead"] = Answer.TryAgain("mail.example.com:25: Connection refused");
        rig.Box.Post(NoticeFrom.Test(rig.Time.GetUtcNow()));
        await rig.HearAsync("dead");
        await rig.HearAsync("well");

        await rig.LookForAsync(TimeSpan.FromMinutes(58));
        Assert.Equal(0, rig.Heard("well"));
        await rig.LookForAsync(TimeSpan.FromMinutes(4));
        var begin = await rig.HearAsync("well");
        rig.Answers["dead"] = Answer.Taken("ok");
        await rig.LookForAsync(TimeSpan.FromMinutes(20));
        var end = await rig.HearAsync("well");

        Assert.Matches("^ALARM receiver dead: it has taken nothing for 1 h 1 min( [0-9]+ s)?, and 1 notices wait for it: mail.example.com:25: Connection refused$", begin);
        Assert.StartsWith("alarm over: receiver dead, after ", end, StringComparison.Ordinal);
    }

    private sealed class Rig : IAsyncDisposable
    {
        private readonly PipelineRig _pipeline = new();
        private readonly TrustKeeper _keeper;
        private readonly AlarmWatch _watch;
        private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        private readonly Dictionary<string, Channel<string>> _heard;
        private readonly Task _running;

        public Rig(string directory, params string[] receivers)
        {
            var config = new RingfenceConfig { AsteriskDirectory = directory, Trust = new TrustSettings { Contacts = false, SshPeers = false } };
            var byHand = new OperatorTrust(Path.Combine(directory, "trust.json"), Time, NullLogger<OperatorTrust>.Instance);
            _keeper = new TrustKeeper(
                config, _pipeline.Pipeline, byHand, new DnsNames([], Time, NullLogger<DnsNames>.Instance), new AsteriskCli("asterisk", directory, Time), Time, NullLogger<TrustKeeper>.Instance);
            _heard = receivers.ToDictionary(name => name, _ => Channel.CreateUnbounded<string>());
            Answers = receivers.ToDictionary(name => name, _ => Answer.Taken("ok"));
            var settings = new NotifySettings { Notifiers = [.. receivers.Select(name => new NotifierSettings { Name = name, Kind = NotifierKind.Webhook })] };
            Box = new Ringfence.Notifiers.Notices(settings, Path.Combine(directory, "notices.db"), Time, NullLogger.Instance, (notifier, _) => new Ear(this, notifier.Name));
            Tail = new TailStatus(PipelineRig.Log, TailState.Reading, null, Time.GetUtcNow(), 0, 0, 0, 0, Time.GetUtcNow());
            var desk = new Desk(_pipeline.Pipeline, _pipeline.Recorded, _pipeline.Recorded, byHand, _keeper, () => [Tail], () => Parts, Time) { Notices = Box };
            _watch = new AlarmWatch(desk, Box, Time);
            _running = Task.WhenAll([Box.RunAsync(_end.Token), .. Box.Receivers.Select(receiver => receiver.RunAsync(_end.Token))]);
        }

        public ManualTime Time => _pipeline.Time;

        public Ringfence.Notifiers.Notices Box { get; }

        public TailStatus Tail { get; set; }

        public IReadOnlyList<PartReport> Parts { get; set; } = [];

        public Dictionary<string, Answer> Answers { get; }

        /// <summary>Looks each 10 s, as the guard does.</summary>
        public async Task LookForAsync(TimeSpan length)
        {
            for (var end = Time.GetUtcNow() + length; Time.GetUtcNow() <= end;)
            {
                await _watch.LookAsync(Stop);
                Time.Advance(TimeSpan.FromSeconds(10));
            }
        }

        /// <returns>The next that this receiver was sent and took, or refused: "headline: reason".</returns>
        public async Task<string> HearAsync(string name) => await _heard[name].Reader.ReadAsync(Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Stop);

        public int Heard(string name) => _heard[name].Reader.Count;

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _running.ContinueWith(_ => { }, TaskScheduler.Default).EndAsync();
            Box.Dispose();
            _keeper.Dispose();
            _pipeline.Dispose();
            _end.Dispose();
        }

        private sealed class Ear(Rig rig, string name) : INotifier
        {
            public Task<Answer> SendAsync(NoticeMessage message, CancellationToken stop)
            {
                rig._heard[name].Writer.TryWrite($"{message.Notice!.Headline}: {message.Notice.Reason}");
                return Task.FromResult(rig.Answers[name]);
            }
        }
    }
}

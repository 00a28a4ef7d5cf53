using System.Diagnostics;
using System.Globalization;
using Ringfence.Core.Events;
using Ringfence.Enforcement;
using Ringfence.Journal;
using Ringfence.Sqlite;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Journal;

/// <summary>The real program, from log lines to the kernel, killed at any moment.</summary>
public sealed class KilledGuardTests : IDisposable
{
    private const int Attackers = 1_000;
    private const int Ahead = 90;

    private readonly string _directory = Directory.CreateTempSubdirectory("rf-killed-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Log => Path.Combine(_directory, "security_json");

    private string JournalPath => Path.Combine(_directory, "ringfence.db");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_guard_that_is_killed_in_the_middle_of_a_thousand_bans_loses_none_doubles_none_and_ends_none_early(int seed)
    {
        Requires.Root();
        Requires.Tool("nft");
        using var pbx = Netns.Create("rf-journal-kill");
        File.WriteAllText(Log, "");
        File.WriteAllLines(Path.Combine(_directory, "ringfence.conf"),
        [
            "[general]", $"log = {Log}", $"asterisk_dir = {_directory}", $"socket = {_directory}/ringfence.sock", "timezone = UTC",
            "[detect]", "disable = RF2011", "[trust]", "contacts = no", "ssh = no", "[journal]", $"path = {JournalPath}",
        ]);
        var random = new Random(seed);
        var killAt = random.Next(20, 900);

        // Killed as soon as that many are decided; the lines go on coming while nobody reads.
        using (var first = Start(pbx))
        {
            await ReadyAsync(first);
            var writing = WriteAsync(killAt, first);
            await UntilAsync(() => Task.FromResult(Decided() >= killAt));
            first.Kill();
            await first.WaitForExitAsync(Stop);
            await writing;
            Assert.InRange(Decided(), killAt, Attackers - 1);
        }

        using var second = Start(pbx);
        try
        {
            await ReadyAsync(second);
            await UntilAsync(() => Task.FromResult(Kernel(pbx, TimeProvider.System.GetUtcNow()).Count >= Attackers));
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Stop);
        }
        finally
        {
            second.Kill();
            await second.WaitForExitAsync(Stop);
        }

        // The kernel counts down while it is read.
        var before = TimeProvider.System.GetUtcNow();
        var kernel = Kernel(pbx, before);
        var width = (TimeProvider.System.GetUtcNow() - before).TotalSeconds;
        await using var journal = ReadOnlyJournal.Open(JournalPath)!;
        var bans = journal.BansSince(DateTimeOffset.MinValue);
        Assert.Equal(Attackers, kernel.Count);
        Assert.Equal(Attackers, bans.Count);
        Assert.Equal(Attackers, bans.Select(ban => ban.Subject).Distinct().Count());
        Assert.All(bans, ban => Assert.InRange(kernel[ban.Subject] - (ban.Until!.Value - before).TotalSeconds, -2.1 - width, 2.1 + width));
    }

    private Process Start(Netns pbx) => Running.Start([.. pbx.Prefix, RingfenceProgram.Path, "guard", "--config", Path.Combine(_directory, "ringfence.conf"), "--enforce"]);

    // It saves where it begins to read at once; until then it would begin at the end of what is written.
    private async Task ReadyAsync(Process guard) => await UntilAsync(async () =>
    {
        Assert.False(guard.HasExited, "the guard ended");
        var status = await ToolRun.OfAsync(
            [RingfenceProgram.Path, "status", "--json", "--config", Path.Combine(_directory, "ringfence.conf")], TimeSpan.FromSeconds(20), Stop);
        return status.ExitCode == 0 && status.Output.Contains("\"alive\":true", StringComparison.Ordinal);
    });

    // Few at a time, so that the guard has many batches to be killed in; and never so far ahead of where it is killed that it could have decided all before
    // the signal comes, however busy the machine is.
    private async Task WriteAsync(int killAt, Process guard)
    {
        foreach (var few in Enumerable.Range(0, Attackers).Chunk(10))
        {
            if (few[^1] >= killAt + Ahead)
            {
                await guard.WaitForExitAsync(Stop);
            }

            await File.AppendAllTextAsync(Log, string.Concat(few.SelectMany(number => Enumerable.Repeat(number, 5)).Select(Line)), Stop);
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Stop);
        }
    }

    private static string Line(int number)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return string.Create(CultureInfo.InvariantCulture,
            $"[{now:yyyy-MM-dd HH:mm:ss}] SECURITY[1234] res_security_log.c: SecurityEvent=\"InvalidPassword\",EventTV=\"{now:yyyy-MM-dd'T'HH:mm:ss.fff}+0000\",Severity=\"Error\",Service=\"PJSIP\",EventVersion=\"2\",AccountID=\"1001\",SessionID=\"s{Guid.NewGuid():N}\",LocalAddress=\"IPV4/TCP/10.0.0.1/5060\",RemoteAddress=\"IPV4/TCP/198.18.{number >> 8}.{number & 255}/5060\",Challenge=\"1751371080/0123456789abcdef\",ReceivedChallenge=\"1751371080/0123456789abcdef\",ReceivedHash=\"{number:x32}\"\n");
    }

    private long Decided()
    {
        using var database = Database.Open(JournalPath, readOnly: true);
        return database.Scalar("SELECT count(*) FROM decisions");
    }

    // Subject and seconds left.
    private static Dictionary<Network, double> Kernel(Netns pbx, DateTimeOffset now)
    {
        return pbx.Run(() =>
        {
            using var kernel = new KernelTable(NetlinkSocket.Open());
            return StandingBans.Read(kernel, now).ToDictionary(ban => ban.Subject, ban => (ban.Until!.Value - now).TotalSeconds);
        });
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var clock = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), "not within a minute");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Stop);
        }
    }
}

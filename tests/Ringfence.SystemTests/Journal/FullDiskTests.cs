using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Journal;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.SystemTests.Journal;

/// <summary>The journal on a real file system of one megabyte that fills up, and on one that turns read-only.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly string _disk = Directory.CreateTempSubdirectory($"rf-journal-{Environment.ProcessId}-").FullName;
    private bool _mounted;

    private string Journal => Path.Combine(_disk, "ringfence.db");

    public void Dispose()
    {
        if (_mounted)
        {
            Run("umount", _disk);
        }

        Directory.Delete(_disk, recursive: true);
    }

    [Fact]
    public async Task A_full_disk_stops_no_decision_and_loses_none()
    {
        Mount("size=1m");
        var journal = Open();
        var filler = Path.Combine(_disk, "filler");
        Fill(filler);
        var numbers = new List<long>();
        while (journal.Status.Unwritten < 200)
        {
            numbers.Add(journal.Append([Ban(numbers.Count)], [new ReadPosition("/log", 1, 2, numbers.Count, 3, 4)])[0].Id);
        }

        var told = journal.Status.Problem;
        var active = journal.ActiveBans(TimeProvider.System.GetUtcNow()).Select(ban => ban.Id).ToArray();
        File.Delete(filler);
        await HealedAsync(journal);
        await journal.DisposeAsync();

        Assert.Contains("the disk is full", told, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, numbers.Count).Select(n => (long)n), numbers);
        Assert.Equal(numbers, active);
        await using var again = Open();
        Assert.Equal(numbers, again.ActiveBans(TimeProvider.System.GetUtcNow()).Select(ban => ban.Id));
        Assert.Equal(numbers.Count - 1, again.Positions().Single().Offset);
    }

    [Fact]
    public async Task A_start_on_a_full_disk_waits_in_memory_and_keeps_what_was_there()
    {
        Mount("size=1m");
        await using (var first = Open())
        {
            first.Append([Ban(0), Ban(1)]);
        }

        var filler = Path.Combine(_disk, "filler");
        Fill(filler);
        await using var journal = Open();

        var number = journal.Append([Ban(2)])[0].Id;
        var told = journal.Status.Problem;
        File.Delete(filler);
        await HealedAsync(journal);

        Assert.NotNull(told);
        Assert.Equal([1, 2, number], journal.ActiveBans(TimeProvider.System.GetUtcNow()).Select(ban => ban.Id));
        Assert.Equal(number + 1, journal.Append([Ban(3)])[0].Id);
    }

    [Fact]
    public async Task A_read_only_disk_stops_no_decision_and_is_written_when_it_is_writable_again()
    {
        Mount("size=1m");
        await using (var first = Open())
        {
            first.Append([Ban(0)]);
        }

        Run("mount", "-o", "remount,ro", _disk);
        await using var journal = Open();

        var number = journal.Append([Ban(1)])[0].Id;
        var told = journal.Status.Problem;
        Run("mount", "-o", "remount,rw", _disk);
        await HealedAsync(journal);

        Assert.NotNull(told);
        Assert.Equal([1, number], journal.ActiveBans(TimeProvider.System.GetUtcNow()).Select(ban => ban.Id));
    }

    private static Ban Ban(int number)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new Ban(0, now, new Network(Address.FromIPv4((uint)number), 32), "RF2001", new string('x', 400), now.AddHours(1), 1);
    }

    // The journal tries again every second by itself; nothing tells the test when, so it asks.
    private static async Task HealedAsync(SqliteJournal journal)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (journal.Status.Problem is not null)
        {
            await ticks.WaitForNextTickAsync(patience.Token);
        }
    }

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // That was the aim.
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: exit {process.ExitCode}");
    }

    private SqliteJournal Open() => SqliteJournal.Open(Journal, TimeProvider.System, NullLogger.Instance);

    private void Mount(string options)
    {
        Requires.Root();
        using (var probe = Process.Start("mount", ["-t", "tmpfs", "-o", options, "tmpfs", _disk]))
        {
            probe.WaitForExit();
            _mounted = probe.ExitCode == 0;
        }

        if (!_mounted)
        {
            Requires.Missing("needs to mount a tmpfs (CAP_SYS_ADMIN)");
        }
    }
}

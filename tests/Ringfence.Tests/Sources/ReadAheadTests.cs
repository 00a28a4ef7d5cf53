using System.IO.Compression;
using Ringfence.Sources;
using Ringfence.Tests.Corpus;
using Ringfence.Tests.Parsing;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class ReadAheadTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-sources-ahead-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void The_events_of_several_logs_and_captures_are_the_same_ahead_as_one_by_one()
    {
        string[] paths = [Write("security", Many("security")), Write("messages", Many("messages")), .. Directory.GetFiles(CorpusFiles.Packets, "*.pcap").Take(3)];
        var direct = new Recorder();
        using (var logs = Open(paths))
        {
            logs.Run(ref direct, _ => { });
        }

        var ahead = ReadAll(paths, withRecords: true);

        Assert.True(direct.Events.Count > 10_000);
        Assert.Equal(direct.Events, ahead.Events);
        Assert.Equal(direct.Injections, ahead.Injections);
        Assert.Equal(direct.Answers, ahead.Answers);
        Assert.Equal(direct.Events.Select(seen => seen with { Record = string.Empty }), ReadAll(paths, withRecords: false).Events);
    }

    [Fact]
    public void Each_batch_says_whose_it_is_and_how_far_the_reading_is()
    {
        string[] paths = [Write("a", Many("security")), Write("b", Many("messages"))];
        using var logs = Open(paths);

        var batches = ReadAhead.Of(logs, withRecords: false, TestContext.Current.CancellationToken).Select(batch => (batch.Log, batch.DoneBytes)).ToList();

        Assert.Equal([0, 1], batches.Select(batch => batch.Log).Distinct().Order());
        Assert.Equal(batches.Select(batch => batch.DoneBytes).Order(), batches.Select(batch => batch.DoneBytes));
        Assert.True(batches[^1].DoneBytes > 0);
    }

    [Fact]
    public void Of_an_archive_that_ends_early_what_stands_before_is_told_and_then_the_damage()
    {
        var packed = Pack(Many("security"));
        var path = Write("security.gz", packed[..(packed.Length / 2)]);
        using var logs = Open([path]);
        var recorder = new Recorder();

        Assert.Throws<LogFileException>(() =>
        {
            foreach (var batch in ReadAhead.Of(logs, withRecords: false, TestContext.Current.CancellationToken))
            {
                batch.Tell(ref recorder);
            }
        });

        Assert.NotEmpty(recorder.Events);
    }

    [Fact]
    public void Who_asks_no_further_can_close_the_files_at_once()
    {
        using var logs = Open([Write("security", Many("security"))]);

        foreach (var batch in ReadAhead.Of(logs, withRecords: true, TestContext.Current.CancellationToken))
        {
            Assert.Equal(0, batch.Log);
            break;
        }

        // A reader that still runs would move on.
        var position = logs.DoneBytes;
        Thread.Yield();
        Assert.Equal(position, logs.DoneBytes);
    }

    [Fact]
    public void Who_stops_gets_no_more()
    {
        using var logs = Open([Write("security", Many("security"))]);
        using var stop = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var batch in ReadAhead.Of(logs, withRecords: false, stop.Token))
            {
                stop.Cancel();
            }
        });
    }

    private static LogReplay Open(IReadOnlyList<string> paths) => new(paths, TimeZoneInfo.Utc, new CaptureReading(CaptureReading.DefaultPorts, []));

    private static Recorder ReadAll(string[] paths, bool withRecords)
    {
        var recorder = new Recorder();
        using var logs = Open(paths);
        foreach (var batch in ReadAhead.Of(logs, withRecords, TestContext.Current.CancellationToken))
        {
            batch.Tell(ref recorder);
        }

        return recorder;
    }

    // Some blocks of them.
    private static byte[] Many(string kind)
    {
        var once = CorpusFiles.ReadAll(kind);
        return [.. Enumerable.Repeat(once, 1 + (2_000_000 / once.Length)).SelectMany(bytes => bytes)];
    }

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}

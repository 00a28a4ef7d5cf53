using System.IO.Compression;
using Ringfence.Core.Calls;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Calls;

/// <summary>A CSV file of CDRs is followed while it is written: each record once, whatever rotates the file.</summary>
public sealed class CdrTailTests : IAsyncDisposable
{
    private static readonly DateTimeOffset From = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string _directory = Directory.CreateTempSubdirectory("rf-cdrs-").FullName;
    private readonly List<CallRecord> _taken = [];
    private readonly CdrTail _tail;

    public CdrTailTests() => _tail = new CdrTail(File, TimeZoneInfo.Utc, mapping: null);

    private string File => Path.Combine(_directory, "Master.csv");

    private string[] Ids => [.. _taken.Select(static call => call.Id)];

    public async ValueTask DisposeAsync()
    {
        await _tail.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task What_is_there_is_read_with_what_was_rotated_and_then_what_is_written()
    {
        await using (var gzip = new GZipStream(System.IO.File.Create(File + ".1.gz"), CompressionLevel.Fastest))
        {
            await gzip.WriteAsync(System.Text.Encoding.UTF8.GetBytes(Csv("1")), Stop);
        }

        Write(Csv("2"));
        await ReadAsync();
        Assert.Equal(["1", "2"], Ids);
        await ReadAsync();
        Write(Csv("3") + Csv("4"));
        await ReadAsync();

        Assert.Equal(["1", "2", "3", "4"], Ids);
    }

    [Fact]
    public async Task A_record_that_is_half_written_waits_for_its_rest_also_in_the_middle_of_a_callers_line_end()
    {
        var whole = Csv("2", caller: "two\nlines\n\"\",");
        Write(Csv("1"));
        for (var at = 0; at < whole.Length; at++)
        {
            Write(whole[at..(at + 1)]);
            await ReadAsync();
            Assert.Equal(at == whole.Length - 1 ? ["1", "2"] : ["1"], Ids);
        }

        Assert.Equal(0, _tail.Unread);
    }

    [Fact]
    public async Task Over_a_rotation_nothing_is_lost_or_told_twice_also_what_its_writer_still_writes_to_the_old_file()
    {
        Write(Csv("1"));
        await ReadAsync();
        Write(Csv("2") + Csv("half")[..40]);
        System.IO.File.Move(File, File + ".1");
        await ReadAsync();
        System.IO.File.AppendAllText(File + ".1", Csv("half")[40..]);
        Write(Csv("3"));
        await ReadAsync();
        System.IO.File.AppendAllText(File + ".1", Csv("4"));
        await ReadAsync();
        await ReadAsync();
        Write(Csv("5"));
        await ReadAsync();

        Assert.Equal(["1", "2", "half", "4", "3", "5"], Ids);
        Assert.Equal(0, _tail.Unread);
    }

    [Fact]
    public async Task What_is_rotated_while_what_was_rotated_before_is_read_is_read_once_too()
    {
        await System.IO.File.WriteAllTextAsync(File + ".2", Csv("1"), Stop);
        await System.IO.File.WriteAllTextAsync(File + ".1", Csv("2"), Stop);
        Write(Csv("3"));

        // Written within one tick of the kernel's clock they would be as old as one another.
        System.IO.File.SetLastWriteTimeUtc(File + ".2", System.IO.File.GetLastWriteTimeUtc(File).AddSeconds(-2));
        System.IO.File.SetLastWriteTimeUtc(File + ".1", System.IO.File.GetLastWriteTimeUtc(File).AddSeconds(-1));
        await _tail.ReadNewAsync(From, call =>
        {
            _taken.Add(call);
            if (call.Id == "1")
            {
                System.IO.File.Move(File + ".2", File + ".3");
                System.IO.File.Move(File + ".1", File + ".2");
                System.IO.File.Move(File, File + ".1");
                Write(Csv("4"));
            }
        }, Stop);
        await ReadAsync();
        await ReadAsync();

        Assert.Equal(["1", "2", "3", "4"], Ids);
    }

    [Fact]
    public async Task A_file_that_is_made_empty_is_read_from_its_beginning()
    {
        Write(Csv("1") + Csv("2"));
        await ReadAsync();
        using (var file = new FileStream(File, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(0);
        }

        Write(Csv("3"));
        await ReadAsync();
        Write(Csv("4"));
        await ReadAsync();

        Assert.Equal(["1", "2", "3", "4"], Ids);
    }

    [Fact]
    public async Task A_broken_record_is_counted_with_its_line_and_those_behind_it_are_read()
    {
        Write(Csv("1"));
        await ReadAsync();
        Write("\"not\",\"a record\"\n" + Csv("2"));
        await ReadAsync();

        Assert.Equal(["1", "2"], Ids);
        Assert.Equal((1, "line 2: 2 columns, expected 16 or more"), (_tail.Unread, _tail.FirstMistake));
    }

    [Fact]
    public async Task A_file_that_is_not_there_yet_is_told_of_and_read_when_it_is()
    {
        var missing = await Assert.ThrowsAsync<LogFileException>(ReadAsync);
        Assert.Equal($"{File}: there is no such file", missing.Message);
        Write(Csv("1"));
        await ReadAsync();

        Assert.Equal(["1"], Ids);
    }

    [Fact]
    public async Task Channel_events_of_a_call_that_began_in_the_file_before_make_one_call()
    {
        const string Mapping = "${eventtype},${eventtime},${CHANNEL(channame)},${CHANNEL(exten)},${CALLERID(num)},${CHANNEL(uniqueid)},${CHANNEL(appname)},${CHANNEL(appdata)},${CHANNEL(context)},${CHANNEL(peer)},${CHANNEL(peeraccount)}";
        Assert.True(CallFileReader.IsMapping(Mapping));
        await using var tail = new CdrTail(File, TimeZoneInfo.Utc, Mapping);
        Write(Cel("CHAN_START", "10:00:00", "") + Cel("ANSWER", "10:00:05", "Dial"));
        await tail.ReadNewAsync(From, _taken.Add, Stop);
        System.IO.File.Move(File, File + ".1");
        Write(Cel("CHAN_END", "10:01:05", "Dial"));
        await tail.ReadNewAsync(From, _taken.Add, Stop);
        await tail.ReadNewAsync(From, _taken.Add, Stop);

        Assert.Equal((65, 60), (Assert.Single(_taken).Seconds, _taken[0].Billed));

        static string Cel(string name, string time, string application) => $"{name},2026-11-21 {time},PJSIP/201-0000001a,0023276123456,201,1.1,{application},PJSIP/0023276123456@trunk,from-internal,PJSIP/trunk-0000001b,\n";
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private Task ReadAsync() => _tail.ReadNewAsync(From, _taken.Add, Stop);

    private void Write(string text) => System.IO.File.AppendAllText(File, text);

    private static string Csv(string id, string caller = "201") =>
        $"\"\",\"201\",\"0023276123456\",\"from-internal\",\"{caller.Replace("\"", "\"\"", StringComparison.Ordinal)}\",\"PJSIP/201-0000001a\",\"PJSIP/trunk-0000001b\",\"Dial\",\"PJSIP/0023276123456@trunk,300\",\"2026-11-21 00:00:00\",\"2026-11-21 00:00:05\",\"2026-11-21 00:01:05\",65,60,\"ANSWERED\",\"DOCUMENTATION\",\"{id}\",\"\"\n";
}

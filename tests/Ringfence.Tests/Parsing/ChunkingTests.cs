using System.Text;
using Ringfence.Core.Parsing;
using Ringfence.Tests.Corpus;
using Xunit;

namespace Ringfence.Tests.Parsing;

/// <summary>A log arrives in pieces, wherever the writer and the disk have cut it.</summary>
public sealed class ChunkingTests
{
    [Theory]
    [InlineData("security")]
    [InlineData("plain")]
    [InlineData("json")]
    [InlineData("messages")]
    [InlineData("full")]
    public void A_real_log_gives_the_same_events_however_it_is_cut(string kind)
    {
        var bytes = CorpusFiles.ReadAll(kind);

        SameHoweverCut(bytes, seed: 1, rounds: 12);
    }

    [Fact]
    public void All_real_logs_in_one_file_give_the_same_events_however_it_is_cut()
    {
        byte[] bytes = [.. new[] { "security", "json", "messages", "plain", "full" }.SelectMany(CorpusFiles.ReadAll)];

        SameHoweverCut(bytes, seed: 2, rounds: 6);
    }

    [Fact]
    public void Hostile_bytes_give_the_same_events_however_they_are_cut()
    {
        for (var seed = 0; seed < 12; seed++)
        {
            SameHoweverCut(HostileBytes.Mutated(new Random(seed), 300_000), seed, rounds: 3);
        }
    }

    [Fact]
    public void Lines_longer_than_any_buffer_give_the_same_events_however_they_are_cut()
    {
        var line = Forms.Write("default", Forms.Security("InvalidAccountID", "5555", "1"));
        var log = new StringBuilder();
        foreach (var length in new[] { 8_190, 8_191, 8_192, LogParser.LongestLine - 1, LogParser.LongestLine, LogParser.LongestLine + 1, 150_000, 1_000_000 })
        {
            log.Append('x', length).Append('\n').Append(line);
            log.Append(line[..^1]).Append('"', length).Append('\n').Append(line);
            log.Append(line.Replace("5555", "\n", StringComparison.Ordinal)[..^1]).Append('x', length).Append('\n').Append(line);
        }

        log.Append('x', 200_000);
        var whole = SameHoweverCut(Encoding.Latin1.GetBytes(log.ToString()), seed: 3, rounds: 8);

        // Each of the 24 lines behind a long one is read.
        Assert.Equal(24, whole.Events.Count(seen => seen.Account == "5555" && seen.Session == "1"));
        Assert.True(whole.Counts.Overlong > 0);
    }

    [Fact]
    public void Bytes_that_come_one_by_one_give_the_same_events()
    {
        var bytes = CorpusFiles.Read("14-forged-user-injection", "security")!;
        var whole = Recorder.Read(bytes);

        var recorder = new Recorder();
        var buffer = new LogBuffer(NewParser(), 1);
        for (var i = 0; i < bytes.Length; i++)
        {
            buffer.Feed(bytes.AsSpan(i, 1), endOfFile: i == bytes.Length - 1, ref recorder);
        }

        Assert.Equal(whole.Events, recorder.Events);
    }

    [Fact]
    public void A_record_is_told_when_its_line_end_comes_and_not_before()
    {
        var line = Encoding.Latin1.GetBytes(Forms.Write("default", Forms.Security("InvalidAccountID", "5555", "1")));
        var recorder = new Recorder();
        var buffer = new LogBuffer(NewParser(), 4096);

        buffer.Feed(line.AsSpan(0, line.Length - 1), endOfFile: false, ref recorder);
        Assert.Empty(recorder.Events);
        buffer.Feed("\n"u8, endOfFile: false, ref recorder);

        Assert.Single(recorder.Events);
        Assert.Equal(0, buffer.Pending);
    }

    [Theory]
    [InlineData("security")]
    [InlineData("plain")]
    [InlineData("json")]
    [InlineData("messages")]
    public void A_log_gives_the_same_events_wherever_the_guard_was_started_again(string kind)
    {
        var bytes = CorpusFiles.ReadAll(kind);
        var whole = Recorder.Read(bytes);
        var random = new Random(4);
        for (var round = 0; round < 60; round++)
        {
            var recorder = new Recorder();
            var first = NewParser();
            var read = first.Parse(bytes.AsSpan(0, random.Next(bytes.Length)), endOfFile: false, ref recorder);
            var memory = bytes.AsSpan(Math.Max(0, read - LogParser.LongestMemory), Math.Min(read, LogParser.LongestMemory));

            var second = NewParser();
            second.ResumeAfter(memory.Length < read ? memory[(memory.IndexOf((byte)'\n') + 1)..] : memory, first.Counts.Lines);
            second.Parse(bytes.AsSpan(read), endOfFile: true, ref recorder);

            Assert.True(whole.Events.SequenceEqual(recorder.Events), $"started again at byte {read}: other events");
            Assert.Equal(whole.Counts.Lines, second.Counts.Lines);
            Assert.Equal(bytes.Length - read, second.Counts.Bytes);
        }
    }

    private static Recorder SameHoweverCut(byte[] bytes, int seed, int rounds)
    {
        var whole = Recorder.Read(bytes);
        var random = new Random(seed);
        for (var round = 0; round < rounds; round++)
        {
            var recorder = new Recorder();
            var parser = NewParser();
            var block = 1 << random.Next(8, 17);
            var buffer = new LogBuffer(parser, block);
            for (var at = 0; at < bytes.Length;)
            {
                var length = Math.Min(bytes.Length - at, 1 + random.Next(random.Next(4) == 0 ? 40 : 3 * block));
                at += length;
                buffer.Feed(bytes.AsSpan(at - length, length), endOfFile: at == bytes.Length, ref recorder);
            }

            Assert.Equal(whole.Counts, parser.Counts);
            Assert.True(whole.Events.SequenceEqual(recorder.Events), $"round {round}: other events");
            Assert.True(whole.Misses.SequenceEqual(recorder.Misses), $"round {round}: other lines unmatched");
        }

        return whole;
    }

    private static LogParser NewParser() => new(TimeZoneInfo.Utc) { Reference = new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero) };
}

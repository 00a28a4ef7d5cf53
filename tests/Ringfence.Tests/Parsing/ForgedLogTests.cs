using Ringfence.Tests.Corpus;
using Xunit;

namespace Ringfence.Tests.Parsing;

/// <summary>
/// Whole logs in which a sender made lines or fields that name an address which sent nothing: those of 10.80.0.2 by a real Asterisk
/// 22.10.1 that was sent such packets, those of 198.51.100.66 after the source text of older ones.
/// </summary>
public sealed class ForgedLogTests
{
    private const string Innocent = "203.0.113.77";

    public static TheoryData<string> Files() => [.. Directory.EnumerateFiles(Path.Combine(CorpusFiles.Logs, "forged")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void An_address_that_sent_nothing_is_never_counted(string file)
    {
        var bytes = File.ReadAllBytes(CorpusFiles.In("forged", file));

        var log = Recorder.Read(bytes);

        Assert.True(bytes.AsSpan().IndexOf("203.0.113.77"u8) > 0);
        Assert.All(log.Events.Where(seen => seen.Source == Innocent), seen => Assert.False(seen.Counts, $"{file}:{seen.Line}"));
    }

    [Theory]
    [InlineData("dump.messages", "10.80.0.2")]
    [InlineData("dump.plain", "10.80.0.2")]
    [InlineData("dump.console", "198.51.100.66")]
    [InlineData("iax2-number.notice", "10.80.0.2")]
    [InlineData("iax2-number.plain", "10.80.0.2")]
    [InlineData("iax2-number-and-context.notice", "198.51.100.66")]
    public void The_line_before_the_forged_ones_is_still_read(string file, string sender)
    {
        var log = Recorder.Read(File.ReadAllBytes(CorpusFiles.In("forged", file)));

        Assert.True(log.Events.Any(seen => seen.Source == sender) || log.Misses.Any(miss => miss.Text.Contains(sender, StringComparison.Ordinal)));
    }

    [Fact]
    public void Talk_that_a_sender_may_have_made_up_blinds_a_log_for_a_while_and_not_for_good()
    {
        const string Head = "[2026-11-21 05:20:16.805] ";
        var forged = Head + "NOTICE[1] chan_iax2.c: Rejected connect attempt from 10.80.0.2:60641, who was trying to reach '1\n" + Head + "VERBOSE[1] x.c: hello\n@'\n";
        var filler = string.Concat(Enumerable.Repeat(Head + "NOTICE[1] app_queue.c: nothing of interest\n", 1_200));
        var refusal = Head + "NOTICE[1] chan_sip.c: Registration from '<sip:1@pbx>' failed for '198.51.100.7:5060' - Wrong password\n";

        var log = Recorder.Read(forged + refusal + filler + refusal);

        Assert.False(log.IsMixed);
        Assert.Equal([false, true], log.Events.Where(seen => seen.Source == "198.51.100.7").Select(seen => seen.Counts));
    }

    [Theory]
    [InlineData("2027-11-21 10:00:00.000", false)]
    [InlineData("2026-11-20 10:00:00.000", false)]
    [InlineData("2026-11-21 05:20:17.100", true)]
    public void A_line_that_its_sender_may_have_written_counts_against_him_but_not_with_a_date_of_his_own(string date, bool counts)
    {
        // One such date ahead, or three behind, and all logs would be said to go by another clock: nobody's refusals would add up any more.
        var forged = "[2026-11-21 05:20:16.805] NOTICE[1] chan_iax2.c: Rejected connect attempt from 10.80.0.2:60641, who was trying to reach 'x@y'\n"
            + $"[{date}] NOTICE[1] chan_iax2.c: Host 10.80.0.2 failed to authenticate as x\n";

        Assert.Equal([true, counts], Recorder.Read(forged, reference: new DateTimeOffset(2026, 11, 21, 5, 20, 18, TimeSpan.Zero)).Events.Select(seen => seen.Counts));
    }

    [Fact]
    public void A_date_that_somebody_may_have_invented_says_nothing_of_the_order_of_day_and_month()
    {
        const string Notice = "NOTICE[1] chan_iax2.c: ";
        var log = Recorder.Read(
            $"[03/04/2026 05:20:16] {Notice}Host 10.80.0.3 failed to authenticate as x\n[03/04/2026 05:20:16] {Notice}Rejected connect attempt from 10.80.0.2:60641, who was trying to reach 'x@y'\n"
            + $"[04/25/2026 05:20:16] {Notice}Host 10.80.0.9 failed to authenticate as x\n[03/04/2026 05:20:16] {Notice}Host 10.80.0.2 failed to authenticate as x\n",
            reference: new DateTimeOffset(2026, 4, 3, 6, 0, 0, TimeSpan.Zero));

        Assert.Equal(new DateTime(2026, 4, 3, 5, 20, 16), DateTime.ParseExact(log.Events[^1].Time, "yyyy-MM-dd HH:mm:ss.ffffff", System.Globalization.CultureInfo.InvariantCulture));
    }
}

using System.Text;
using Ringfence.Core.Parsing;
using Ringfence.Tests.Corpus;
using Xunit;

namespace Ringfence.Tests.Parsing;

/// <summary>Entries of systemd's journal as journalctl prints them; what can't be read is none.</summary>
public sealed class JournalEntryTests
{
    private static readonly byte[][] Samples = [.. File.ReadAllLines(CorpusFiles.In("doors", "journal.json"), Encoding.Latin1).Select(Encoding.Latin1.GetBytes)];

    [Theory]
    [InlineData(0, "sshd", "Failed password for root from 198.51.100.7 port 40022 ssh2")]
    [InlineData(1, "sshd", "Invalid user a\u00ffb from 198.51.100.7")]
    [InlineData(2, "vsftpd", "FAIL LOGIN: Client \"198.51.100.7\"")]
    public void A_message_is_read_as_text_and_as_bytes_with_its_program(int sample, string tag, string message)
    {
        var entry = new JournalEntry();

        Assert.True(entry.Read(Samples[sample]));
        Assert.Equal((tag, message), (Encoding.Latin1.GetString(entry.Tag), Encoding.Latin1.GetString(entry.Message)));
        Assert.Equal(new DateTime(2026, 11, 20, 23, 58, 10, DateTimeKind.Utc).Ticks + (sample * 10), entry.TimeTicks);
    }

    [Fact]
    public void An_entry_without_a_message_is_none() => Assert.False(new JournalEntry().Read(Samples[3]));

    [Fact]
    public void No_entry_throws_and_what_is_read_of_one_is_no_longer_than_it()
    {
        var random = new Random(23);
        var entry = new JournalEntry();
        var read = 0;
        for (var fed = 0; fed < 2_000_000;)
        {
            var line = DoorSampleTests.Mutated(random, Samples);
            fed += line.Length + 1;
            if (!entry.Read(line))
            {
                continue;
            }

            read++;
            Assert.InRange(entry.Message.Length, 1, line.Length);
            Assert.InRange(entry.Tag.Length, 0, line.Length);
            Assert.InRange(new DateTime(entry.TimeTicks).Year, 1970, 2286);
        }

        Assert.True(read > 500, $"{read} read");
    }
}

using System.Text;
using Ringfence.Core.Lists;
using Xunit;

namespace Ringfence.Tests.Lists;

public sealed class ListReaderTests
{
    [Theory]
    [InlineData("192.0.2.1\n198.51.100.0/24\n2001:db8::/32\n2001:db8:1::7\n", "192.0.2.1 198.51.100.0/24 2001:db8::/32 2001:db8:1::7")]
    [InlineData("; Spamhaus DROP List\n; Expires: never\n192.0.2.0/24 ; SBL1\n198.51.100.0/25;SBL2\n", "192.0.2.0/24 198.51.100.0/25")]
    [InlineData("# comment\n\n  192.0.2.1  # why\r\n\t192.0.2.2\tscanner\r\n// note\n192.0.2.3,seen twice\r\n", "192.0.2.1 192.0.2.2 192.0.2.3")]
    [InlineData("192.0.2.1\r192.0.2.2\r", "192.0.2.1 192.0.2.2")]
    [InlineData("\uFEFF192.0.2.1\n", "192.0.2.1")]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.0-192.0.2.7\n192.0.2.9 - 192.0.2.10 ; range\n", "192.0.2.0/29 192.0.2.9 192.0.2.10")]
    [InlineData("{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\",\"rir\":\"ripencc\"}\n{\"cidr\":\"2001:db8::/32\",\"sblid\":\"SBL2\"}\n{\"type\":\"metadata\",\"records\":2}\n", "192.0.2.0/24 2001:db8::/32")]
    [InlineData("[\"192.0.2.1\", \"192.0.2.2\"]", "192.0.2.1 192.0.2.2")]
    [InlineData("[{\"ip\": \"192.0.2.1\", \"note\": \"192.0.2.99\"},\n{\"ip\": \"192.0.2.2\"}]", "192.0.2.1 192.0.2.2")]
    [InlineData("", "")]
    [InlineData("; nobody\n", "")]
    public void Each_form_of_the_field_is_read(string list, string entries)
    {
        var reading = Read(list);

        Assert.Null(reading.Refusal);
        Assert.Equal(entries, string.Join(' ', reading.Entries));
        Assert.Equal(0, reading.Unread);
    }

    [Fact]
    public void APIBANs_page_tells_its_addresses_and_where_the_next_begins()
    {
        var reading = Read("""{"ipaddress": ["192.0.2.1", "2001:db8::7"], "ID": "1700000123"}""");

        Assert.Equal("192.0.2.1 2001:db8::7", string.Join(' ', reading.Entries));
        Assert.Equal("1700000123", reading.NextId);
    }

    [Fact]
    public void APIBANs_words_for_nothing_new_are_no_entry_and_no_fault()
    {
        var reading = Read("""{"ipaddress": ["no new bans"], "ID": "none"}""");

        Assert.Equal((0, 0, "none", null), (reading.Entries.Count, reading.Unread, reading.NextId, reading.Refusal));
    }

    [Theory]
    [InlineData("<!DOCTYPE html>\n<html><body>192.0.2.1</body></html>", "HTML")]
    [InlineData("\n  <html>\n192.0.2.1\n", "HTML")]
    [InlineData("192.0.2.1\n192.0.2.2\n<BODY>\n", "HTML")]
    [InlineData("\u001f\u008b\u0008\0\0", "compressed")]
    [InlineData("192.0.2.1\n\0\0\n", "zero bytes")]
    [InlineData("Too many requests, try again later.\nYour address is 192.0.2.1\n", "no list of addresses")]
    [InlineData("{\"error\": \"key\"", "no whole JSON")]
    [InlineData("[\"192.0.2.1\", \"192.0.2", "no whole JSON")]
    public void What_is_no_list_is_refused_as_a_whole(string text, string why)
    {
        var reading = ListReader.Read(Encoding.Latin1.GetBytes(text));

        Assert.Contains(why, reading.Refusal, StringComparison.Ordinal);
        Assert.Empty(reading.Entries);
    }

    [Theory]
    [InlineData("FEFF")]
    [InlineData("FFFE")]
    public void UTF_16_is_told_as_what_it_is(string mark) => Assert.Contains("UTF-16", ListReader.Read([.. Convert.FromHexString(mark), 0, 49]).Refusal, StringComparison.Ordinal);

    [Theory]
    [InlineData("192.0.2.7/24", EntryText.HostBits)]
    [InlineData("0.0.0.0/0", EntryText.TooWide)]
    [InlineData("::/0", EntryText.TooWide)]
    [InlineData("1.0.0.0-4.255.255.255", EntryText.TooWide)]
    [InlineData("192.0.2.9-192.0.2.1", EntryText.NoAddress)]
    [InlineData("192.0.2.256", EntryText.NoAddress)]
    [InlineData("192.0.2.010", EntryText.NoAddress)]
    [InlineData("192.0.2.1/33", EntryText.NoAddress)]
    [InlineData("192.0.2.1/", EntryText.NoAddress)]
    [InlineData("192.0.2.1:5060", EntryText.NoAddress)]
    [InlineData("caf\u00e9.example", EntryText.NoAddress)]
    public void What_is_no_entry_is_counted_and_told_with_its_line(string entry, string why)
    {
        var reading = ListReader.Read(Encoding.Latin1.GetBytes($"192.0.2.1\n# {entry}\n{entry}\n192.0.2.2\n"));

        Assert.Equal("192.0.2.1 192.0.2.2", string.Join(' ', reading.Entries));
        Assert.Equal((1, 3, why), (reading.Unread, Assert.Single(reading.FirstUnread).Line, reading.FirstUnread[0].Why));
    }

    [Fact]
    public void A_line_that_may_have_been_cut_off_names_nobody()
    {
        var reading = ListReader.Read("192.0.2.1\n192.0.2.12"u8, isWhole: false);

        Assert.Equal("192.0.2.1", string.Join(' ', reading.Entries));
        Assert.Equal(1, reading.Unread);
    }

    [Fact]
    public void A_JSON_line_that_is_broken_takes_no_other_with_it()
    {
        var reading = Read("{\"cidr\":\"192.0.2.0/25\"}\n{\"cidr\":\"192.0.2.128/25\"\n{\"cidr\":\"198.51.100.0/24\"}\n");

        Assert.Equal("192.0.2.0/25 198.51.100.0/24", string.Join(' ', reading.Entries));
        Assert.Equal((1, 2), (reading.Unread, reading.FirstUnread[0].Line));
    }

    [Fact]
    public void No_bytes_throw_and_each_entry_stands_in_the_text_seeded()
    {
        var random = new Random(20261122);
        string[] seeds =
        [
            "192.0.2.1\n198.51.100.0/24 ; SBL1\n2001:db8::/32\n192.0.2.0-192.0.2.7\n# x\n",
            "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\"}\n{\"cidr\":\"2001:db8::/32\"}\n",
            "{\"ipaddress\":[\"192.0.2.1\",\"2001:db8::7\"],\"ID\":\"17\"}",
        ];
        var entries = 0;
        for (var round = 0; round < 60_000; round++)
        {
            var bytes = Encoding.Latin1.GetBytes(seeds[round % seeds.Length]).ToList();
            for (var damage = random.Next(4); damage > 0; damage--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(3))
                {
                    case 0: bytes[at] = (byte)random.Next(256); break;
                    case 1: bytes.RemoveRange(at, random.Next(1, Math.Min(6, bytes.Count - at + 1))); break;
                    default: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(5, bytes.Count - at))); break;
                }

                if (bytes.Count == 0)
                {
                    break;
                }
            }

            var reading = ListReader.Read([.. bytes], isWhole: random.Next(2) == 0);
            entries += reading.Entries.Count;
            Assert.True(reading.Refusal is null || reading.Entries.Count == 0);
        }

        Assert.InRange(entries, 60_000, int.MaxValue);
    }

    private static ListReading Read(string text) => ListReader.Read(Encoding.UTF8.GetBytes(text));
}

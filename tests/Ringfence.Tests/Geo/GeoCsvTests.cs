using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Events;
using Ringfence.Core.Geo;
using Xunit;

namespace Ringfence.Tests.Geo;

public sealed class GeoCsvTests
{
    [Theory]
    [InlineData("198.51.100.0,198.51.100.255,DE\n2001:db8::,2001:db8::ffff,US\n")]
    [InlineData("\ufeff198.51.100.0,198.51.100.255,DE\r\n2001:db8::,2001:db8::ffff,US")]
    [InlineData("\"3325256704\",\"3325256959\",\"DE\",\"Germany\"\n\"42540766411282592856903984951653826560\",\"42540766411282592856903984951653892095\",\"US\",\"United States\"\n")]
    [InlineData("198.51.100.0/24,DE\n2001:db8::/112,US\n")]
    [InlineData("# made up\n198.51.100.0/24;de\n\n2001:db8::/112;us\n")]
    [InlineData("198.51.100.0,198.51.100.255,EU,DE,Region,City,50.9,6.9\n2001:db8::,2001:db8::ffff,NA,US,Region,City,40.7,-74\n")]
    [InlineData("network,country,country_code,continent,continent_code,asn,as_name,as_domain\n198.51.100.0/24,Germany,DE,Europe,EU,,,\n2001:db8::/112,\"States, the United\",US,,,,,\n")]
    [InlineData("start_ip,end_ip,country,country_name,continent\n198.51.100.0,198.51.100.255,DE,Germany,EU\n2001:db8::,2001:db8::ffff,US,\"United \"\"States\"\"\",NA\n")]
    public void A_list_of_countries_in_any_form_gives_the_same(string text) =>
        Assert.Equal(["198.51.100.0-198.51.100.255 DE", "2001:db8::-2001:db8::ffff US"], MmdbReaderTests.Lines(Read(text).ReadAll()));

    [Theory]
    [InlineData("198.51.100.0\t198.51.100.255\t64500\tDE\tEXAMPLE Example, Inc\n", "DE AS64500", "EXAMPLE Example, Inc")]
    [InlineData("::\t::1\t0\tNone\tNot routed\n198.51.100.0\t198.51.100.255\t64500\tDE\tEXAMPLE\n", "DE AS64500", "EXAMPLE")]
    [InlineData("198.51.100.0,198.51.100.255,64500,\"Example, Inc\"\n", " AS64500", "Example, Inc")]
    [InlineData("network,autonomous_system_number,autonomous_system_organization\n198.51.100.0/24,64500,Example\n", " AS64500", "Example")]
    public void A_list_of_operators_in_any_form_gives_the_same(string text, string whose, string name)
    {
        var list = Read(text);

        Assert.Equal([$"198.51.100.0-198.51.100.255 {whose}"], MmdbReaderTests.Lines(list.ReadAll()));
        Assert.Equal(name, list.Find(Address.Parse("198.51.100.9")!.Value).Record!.Organisation);
    }

    [Fact]
    public void Countries_by_number_are_read_with_the_file_of_locations()
    {
        var places = GeoCsv.ReadPlaces("geoname_id,locale_code,continent_code,continent_name,country_iso_code,country_name,is_in_european_union\n2921044,en,EU,Europe,DE,Germany,1\n6255148,en,EU,Europe,,,0\n"u8);

        var list = GeoCsv.Read("network,geoname_id,registered_country_geoname_id\n198.51.100.0/24,2921044,1\n203.0.113.0/24,6255148,2921044\n192.0.2.0/24,,2921044\n"u8, places);

        Assert.True(list.NeedsPlaces);
        Assert.Equal(["198.51.100.0-198.51.100.255 DE"], MmdbReaderTests.Lines(list.ReadAll()));
    }

    [Fact]
    public void Of_ranges_inside_ranges_the_inner_one_counts_whatever_the_order()
    {
        var expected = new[] { "198.51.100.0-198.51.100.63 DE", "198.51.100.64-198.51.100.127 US", "198.51.100.128-198.51.100.255 DE" };

        Assert.Equal(expected, MmdbReaderTests.Lines(Read("198.51.100.0/24,DE\n198.51.100.64/26,US\n").ReadAll()));
        Assert.Equal(expected, MmdbReaderTests.Lines(Read("198.51.100.64/26,US\n198.51.100.0/24,DE\n").ReadAll()));
    }

    [Fact]
    public void A_line_that_cannot_be_read_is_told_with_its_place_and_the_others_count()
    {
        var list = Read(string.Concat(Enumerable.Range(0, 250).Select(i => $"10.0.{i}.0/24,DE\n")) + "198.51.100.7/24,US\n192.0.2.9-192.0.2.7,US\n");

        Assert.Equal(2, list.MistakeCount);
        Assert.Equal("line 251: \"198.51.100.7/24,US\": expected a network such as 192.0.2.0/24", list.Mistakes[0]);
        Assert.False(list.KeyOf(Address.Parse("10.0.249.1")!.Value).IsEmpty);
    }

    [Theory]
    [InlineData("", "holds no line")]
    [InlineData("# nothing\n\n", "holds no line")]
    [InlineData("<!DOCTYPE html>\n<html>", "is a web page")]
    [InlineData("198.51.100.0/24,DE\n203.0.113.0/24 DE\nnonsense\n", "2 of its 3 lines")]
    [InlineData("hello\n", "its first line is neither a header")]
    [InlineData("network,country_code\nx,DE\n", "no line of it could be read; line 2: \"x,DE\": expected a network")]
    public void What_is_no_list_is_refused_with_the_reason(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<GeoFormatException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void UTF_16_is_refused_by_name() =>
        Assert.Contains("UTF-16", Assert.Throws<GeoFormatException>(() => GeoCsv.Read(Encoding.Unicode.GetPreamble())).Message, StringComparison.Ordinal);

    [Fact]
    public void A_list_and_a_database_of_the_same_networks_say_the_same()
    {
        Prop.ForAll(GeoWorld.All(), static world =>
        {
            var list = Read("network,country_code,asn\n" + string.Concat(world.Networks.Select(pair => $"{pair.Network},{pair.Key.Country},{pair.Key.Asn}\n")));
            var table = MmdbReader.Open(world.Write(28, 6)).ReadAll();

            Assert.Equal(MmdbReaderTests.Lines(table), MmdbReaderTests.Lines(list.ReadAll()));
            foreach (var address in world.Borders())
            {
                var around = list.Find(address).Network;
                Assert.True(around.Contains(address));
                Assert.Equal(list.KeyOf(address), list.KeyOf(around.First));
                Assert.Equal(list.KeyOf(address), list.KeyOf(around.Last));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public void A_damaged_list_ends_in_a_message_or_an_answer_seeded()
    {
        var random = new Random(20261125);
        byte[] alphabet = [.. "0123456789./:,;\t\"\n\r DEUSas#<-"u8, 0, 255];
        for (var round = 0; round < 20_000; round++)
        {
            var text = "network,country_code\n198.51.100.0/24,DE\n\"203.0.113.0\",\"203.0.113.9\",\"US\"\n2001:db8::,2001:db8::1,64500,DE,x\n"u8[(random.Next(2) * 21)..].ToArray();
            for (var wounds = random.Next(1, 9); wounds > 0; wounds--)
            {
                text[random.Next(text.Length)] = alphabet[random.Next(alphabet.Length)];
            }

            try
            {
                MmdbReaderTests.AssertSound(GeoCsv.Read(text).ReadAll());
            }
            catch (GeoFormatException)
            {
                // Said.
            }
        }
    }

    private static GeoCsv Read(string text) => GeoCsv.Read(Encoding.UTF8.GetBytes(text));
}

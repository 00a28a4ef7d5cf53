using System.Text;
using Ringfence.Core.Calls;
using Xunit;

namespace Ringfence.Tests.Calls;

public sealed class CelReaderTests
{
    private const string Mapping = "${CSV_QUOTE(${eventtype})},${CSV_QUOTE(${eventtime})},${CSV_QUOTE(${CALLERID(name)})},${CSV_QUOTE(${CALLERID(num)})},${CSV_QUOTE(${CALLERID(ANI)})},${CSV_QUOTE(${CHANNEL(exten)})},${CSV_QUOTE(${CHANNEL(context)})},"
        + "${CSV_QUOTE(${CHANNEL(channame)})},${CSV_QUOTE(${CHANNEL(appname)})},${CSV_QUOTE(${CHANNEL(appdata)})},${CSV_QUOTE(${CHANNEL(uniqueid)})},${CSV_QUOTE(${CHANNEL(linkedid)})},${CSV_QUOTE(${CHANNEL(peer)})},${CSV_QUOTE(${eventextra})}";

    // As a real Asterisk 22 wrote them, two calls of a stolen password at once.
    private const string TollFraud = """"
        "CHAN_START","2026-11-21 00:07:32.127","1009","1009","","9011972599999999","outbound","PJSIP/1009-00000010","","","1795219652.16","1795219652.16","",""
        "CHAN_START","2026-11-21 00:07:32.128","","","","s","from-trunk","PJSIP/trunk-ip-00000011","","","1795219652.17","1795219652.16","",""
        "ANSWER","2026-11-21 00:07:32.133","","9011972599999999","","9011972599999999","from-trunk","PJSIP/trunk-ip-00000011","AppDial","(Outgoing Line)","1795219652.17","1795219652.16","",""
        "ANSWER","2026-11-21 00:07:32.133","1009","1009","1009","9011972599999999","outbound","PJSIP/1009-00000010","Dial","PJSIP/011972599999999@trunk-ip,20","1795219652.16","1795219652.16","",""
        "BRIDGE_ENTER","2026-11-21 00:07:32.134","1009","1009","1009","9011972599999999","outbound","PJSIP/1009-00000010","Dial","PJSIP/011972599999999@trunk-ip,20","1795219652.16","1795219652.16","PJSIP/trunk-ip-00000011","{""bridge_id"":""8550d08d""}"
        "HANGUP","2026-11-21 00:07:33.641","1009","1009","1009","9011972599999999","outbound","PJSIP/1009-00000010","","","1795219652.16","1795219652.16","","{""hangupcause"":16}"
        "CHAN_END","2026-11-21 00:07:33.641","1009","1009","1009","9011972599999999","outbound","PJSIP/1009-00000010","","","1795219652.16","1795219652.16","",""
        "CHAN_END","2026-11-21 00:07:33.642","","9011972599999999","","","from-trunk","PJSIP/trunk-ip-00000011","AppDial","(Outgoing Line)","1795219652.17","1795219652.16","",""
        "LINKEDID_END","2026-11-21 00:07:33.642","","9011972599999999","","","from-trunk","PJSIP/trunk-ip-00000011","AppDial","(Outgoing Line)","1795219652.17","1795219652.16","",""

        """";

    [Fact]
    public void A_call_of_channel_events_is_the_one_that_the_cdr_tells_and_counts_once()
    {
        var (calls, reader) = Read(TollFraud, Mapping);
        Assert.Equal((0, 9), (reader.Unread, reader.Records));
        Assert.Equal(new CallRecord(1_795_219_652, 1, 1, true, "1009", "1009", "9011972599999999", "011972599999999", "outbound", "trunk-ip", "", "1795219652.16"), Assert.Single(calls));
    }

    [Fact]
    public void A_file_whose_columns_are_others_is_told_of_and_read_as_nothing()
    {
        var (calls, reader) = Read(TollFraud, null);
        Assert.Empty(calls);
        Assert.Equal("line 1: 14 columns, expected 17 or more", reader.FirstMistake);
    }

    [Fact]
    public void A_mapping_of_events_may_begin_with_any_column()
    {
        var swapped = string.Join('\n', TollFraud.Split('\n').Select(static line => line.Split(',', 3) is [var type, var time, var rest] ? $"{time},{type},{rest}" : line));
        var names = Mapping.Split(',');

        Assert.Single(Read(swapped, string.Join(',', [names[1], names[0], .. names[2..]])).Calls);
    }

    [Fact]
    public void A_mapping_of_cdrs_may_begin_with_the_disposition()
    {
        const string Columns = "${CDR(disposition)},${CDR(src)},${CDR(dst)},${CDR(start)},${CDR(duration)},${CDR(billsec)}";

        Assert.Equal("0023276123456", Assert.Single(Read("\"ANSWERED\",\"201\",\"0023276123456\",\"2026-11-21 00:07:32\",600,600\n", Columns).Calls).Dialled);
        Assert.Equal("line 1: 14 columns, expected 17 or more", Read(TollFraud[TollFraud.IndexOf("\"ANSWER\"", StringComparison.Ordinal)..], Columns).Reader.FirstMistake);
    }

    [Fact]
    public void A_call_over_the_hour_that_comes_twice_lasts_as_long_as_it_did()
    {
        // Fifteen minutes, from ten to three of summer time to five past two of winter time; the next one begins behind it.
        var events = TollFraud.Replace("2026-11-21 00:07:32", "2026-10-25 02:50:00", StringComparison.Ordinal).Replace("2026-11-21 00:07:33", "2026-10-25 02:05:00", StringComparison.Ordinal)
            + TollFraud.Replace("2026-11-21 00:07:32", "2026-10-25 02:06:00", StringComparison.Ordinal).Replace("2026-11-21 00:07:33", "2026-10-25 02:07:00", StringComparison.Ordinal);
        var (calls, _) = Read(events, Mapping, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

        Assert.Equal(["2026-10-25T00:50:00Z 900", "2026-10-25T01:06:00Z 60"], calls.Select(static call => $"{DateTimeOffset.FromUnixTimeSeconds(call.Start):yyyy-MM-ddTHH:mm:ssZ} {call.Billed}"));
    }

    [Fact]
    public void A_call_that_began_while_the_clock_was_decades_off_is_told_as_a_mistake_and_costs_nothing()
    {
        var (calls, reader) = Read(TollFraud.Replace("2026-11-21 00:07:32", "1980-01-06 00:00:00", StringComparison.Ordinal), Mapping);

        Assert.Empty(calls);
        Assert.Equal("line 7: 1479254853 seconds: no call lasts so long", reader.FirstMistake);
    }

    [Fact]
    public void Damaged_events_never_throw_and_cost_no_other_call()
    {
        var random = new Random(5);
        var clean = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 30).Select(static at => TollFraud.Replace("1795219652.", $"17952{at:00000}.", StringComparison.Ordinal))));
        for (var round = 0; round < 1000; round++)
        {
            var file = clean.ToArray();
            file[random.Next(file.Length)] = (byte)(random.Next(2) == 0 ? "\"\n,\r\0"[random.Next(5)] : random.Next(256));
            var calls = new List<CallRecord>();
            Assert.Equal(file.Length, new CallFileReader(TimeZoneInfo.Utc, Mapping).Read(file, isEnd: true, calls.Add));
            Assert.True(calls.Count >= 28, $"round {round}: {calls.Count} calls");
        }
    }

    private static (List<CallRecord> Calls, CallFileReader Reader) Read(string text, string? mapping, TimeZoneInfo? zone = null)
    {
        var (calls, reader) = (new List<CallRecord>(), new CallFileReader(zone ?? TimeZoneInfo.Utc, mapping));
        reader.Read(Encoding.UTF8.GetBytes(text), isEnd: true, calls.Add);
        return (calls, reader);
    }
}

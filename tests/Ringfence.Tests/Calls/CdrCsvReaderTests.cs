using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Calls;
using Xunit;

namespace Ringfence.Tests.Calls;

public sealed class CdrCsvReaderTests
{
    // As a real Asterisk 22 wrote them.
    private const string TollFraud = """"
        "","1009","9011972599999999","outbound","""1009"" <1009>","PJSIP/1009-00000010","PJSIP/trunk-ip-00000011","Dial","PJSIP/011972599999999@trunk-ip,20","2026-11-21 00:07:32","2026-11-21 00:07:32","2026-11-21 00:07:33",1,1,"ANSWERED","DOCUMENTATION","1795219652.16",""

        """";

    private const string Unanswered = """"
        "","1001","1005","internal","""1001"" <1001>","PJSIP/1001-0000000d","","Dial","PJSIP/1005,10","2026-11-21 00:06:57",,"2026-11-21 00:06:57",0,0,"FAILED","DOCUMENTATION","1795219617.13",""

        """";

    private static readonly TimeZoneInfo Utc = TimeZoneInfo.Utc;

    [Fact]
    public void A_call_says_who_what_was_dialled_what_was_sent_and_by_which_trunk()
    {
        var (calls, reader) = Read(TollFraud);
        Assert.Equal(0, reader.Unread);
        Assert.Equal(new CallRecord(1_795_219_652, 1, 1, true, "1009", "1009", "9011972599999999", "011972599999999", "outbound", "trunk-ip", "", "1795219652.16"), Assert.Single(calls));
    }

    [Fact]
    public void A_call_that_nobody_answered_has_no_length_and_no_trunk()
    {
        var call = Assert.Single(Read(Unanswered).Calls);
        Assert.Equal((false, 0, "", "1005", ""), (call.IsAnswered, call.Billed, call.Trunk, call.Dialled, call.Sent));
    }

    [Fact]
    public void A_callers_line_ends_are_part_of_his_number_and_end_no_record()
    {
        var (calls, reader) = Read(TollFraud.Replace("\"1009\",\"9011", "\"10\r\n\"\",\"\"666\",\"9011", StringComparison.Ordinal) + Unanswered);
        Assert.Equal(["10\r\n\",\"666", "1001"], calls.Select(static call => call.Caller));
        Assert.Equal(0, reader.Unread);
    }

    [Fact]
    public void A_broken_quote_costs_its_own_line_and_says_where()
    {
        var (calls, reader) = Read(Unanswered + TollFraud.Replace("\"outbound\"", "\"out\"bound", StringComparison.Ordinal) + Unanswered);
        Assert.Equal((2, 1, "line 2: a quote that nobody closes, or text behind one"), (calls.Count, reader.Unread, reader.FirstMistake));
    }

    [Fact]
    public void A_quote_that_nobody_closes_does_not_swallow_the_file()
    {
        var (calls, reader) = Read(TollFraud.Replace("\"outbound\",", "\"outbound,", StringComparison.Ordinal) + string.Concat(Enumerable.Repeat(Unanswered, 1000)));
        Assert.InRange(calls.Count, 999, 1000);
        Assert.InRange(reader.Unread, 1, 2);
    }

    [Theory]
    [InlineData(",1,1,\"ANSWERED\"", ",-5,-5,\"ANSWERED\"", "line 1: -5 seconds: no call lasts so long")]
    [InlineData(",1,1,\"ANSWERED\"", ",2000000000,2000000000,\"ANSWERED\"", "line 1: 2000000000 seconds: no call lasts so long")]
    [InlineData(",1,1,\"ANSWERED\"", ",one,1,\"ANSWERED\"", "line 1: no number of seconds where the call's length stands")]
    [InlineData("\"2026-11-21 00:07:32\",\"2026-11-21 00:07:32\"", "\"2026-13-21 00:07:32\",\"\"", "line 1: no time such as 2026-11-22 23:59:59 where the call's start stands")]
    [InlineData(",1,1,\"ANSWERED\",\"DOCUMENTATION\",\"1795219652.16\",\"\"", "", "line 1: 12 columns, expected 16 or more")]
    public void What_can_not_be_is_counted_and_said(string what, string instead, string mistake)
    {
        var (calls, reader) = Read(TollFraud.Replace(what, instead, StringComparison.Ordinal) + Unanswered);
        Assert.Equal((1, 1, mistake), (calls.Count, reader.Unread, reader.FirstMistake));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_in_UTF_16_is_called_that(bool isBigEndian)
    {
        var encoding = new UnicodeEncoding(isBigEndian, byteOrderMark: true);
        var (calls, reader) = (new List<CallRecord>(), new CdrCsvReader(Utc));

        reader.Read([.. encoding.Preamble, .. encoding.GetBytes(TollFraud)], isEnd: true, calls.Add);

        Assert.Empty(calls);
        Assert.Equal("line 1: it is UTF-16: expected UTF-8, as `iconv -f utf-16 -t utf-8` makes of it", reader.FirstMistake);
    }

    [Fact]
    public void A_mark_of_UTF_16_before_what_is_none_is_a_mistake_of_its_own_and_told_once()
    {
        byte[] file = [0xff, 0xfe, .. Encoding.UTF8.GetBytes(TollFraud)];
        var (calls, reader) = (new List<CallRecord>(), new CdrCsvReader(Utc));

        var taken = reader.Read(file.AsSpan(0, 20), isEnd: false, calls.Add);
        taken += reader.Read(file.AsSpan(taken), isEnd: true, calls.Add);

        Assert.Equal((1, 1, file.Length), (calls.Count, reader.Unread, taken));
        Assert.StartsWith("line 1: it is UTF-16: ", reader.FirstMistake, StringComparison.Ordinal);
    }

    [Fact]
    public void Headings_say_which_column_is_which()
    {
        var call = Assert.Single(Read("calldate,clid,src,dst,dcontext,channel,dstchannel,lastapp,lastdata,duration,billsec,disposition,amaflags,accountcode,uniqueid,userfield,did\n"
            + "2026-11-21 00:07:32,\"\"\"A\"\" <201>\",201,0023276123456,from-internal,PJSIP/201-0000001a,PJSIP/trunk-0000001b,Dial,\"PJSIP/0023276123456@trunk,300,Tb(func-apply-sipheaders^s^1)\",65,60,ANSWERED,3,,1795219652.16,,\n").Calls);
        Assert.Equal(("201", "0023276123456", "trunk", 60), (call.Source, call.Sent, call.Trunk, call.Billed));
    }

    [Fact]
    public void A_custom_mapping_says_which_column_is_which()
    {
        var columns = CdrColumns.OfMapping("${CSV_QUOTE(${CDR(clid)})},${CSV_QUOTE(${CDR(src)})},${CSV_QUOTE(${CDR(dst)})},${CSV_QUOTE(${CDR(channel)})},${CSV_QUOTE(${CDR(start)})},${CSV_QUOTE(${CDR(billsec,f)})}")!;
        Assert.Equal((1, 2, 3, 4, 5, -1), (columns.Caller, columns.Dialled, columns.Channel, columns.Start, columns.Billed, columns.Disposition));
        Assert.Null(CdrColumns.OfMapping("${CDR(clid)},${CDR(src)}"));
    }

    [Fact]
    public void The_same_calls_come_out_whatever_pieces_the_file_comes_in() =>
        Prop.ForAll(Gen.Choose(1, 400).ListOf(8).ToArbitrary(), sizes =>
        {
            var file = Encoding.UTF8.GetBytes(TollFraud + Unanswered + TollFraud.Replace("\"1009\",\"9011", "\"1\n0\"\"9\",\"9011", StringComparison.Ordinal) + Unanswered.TrimEnd());
            var reader = new CdrCsvReader(Utc);
            var (calls, from, to) = (new List<CallRecord>(), 0, 0);
            foreach (var size in sizes.Append(file.Length))
            {
                to = Math.Min(file.Length, to + size);
                from += reader.Read(file.AsSpan(from, to - from), isEnd: to == file.Length, calls.Add);
            }

            return calls.SequenceEqual(Read(Encoding.UTF8.GetString(file)).Calls) && calls.Count == 4 && reader.Unread == 0;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Damaged_files_never_throw_and_lose_no_more_than_the_damaged_records()
    {
        var random = new Random(5);
        var clean = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(TollFraud + Unanswered, 20)));
        for (var round = 0; round < 3000; round++)
        {
            var file = clean.ToArray();
            var damages = random.Next(1, 4);
            for (var damage = 0; damage < damages; damage++)
            {
                file[random.Next(file.Length)] = (byte)(random.Next(2) == 0 ? "\"\n,\r\0"[random.Next(5)] : random.Next(256));
            }

            var (calls, reader) = (new List<CallRecord>(), new CdrCsvReader(Utc));
            Assert.Equal(file.Length, reader.Read(file, isEnd: true, calls.Add));
            Assert.True(calls.Count >= 40 - (4 * damages), $"round {round}: {calls.Count} calls");
        }
    }

    [Theory]
    [InlineData("Europe/Berlin", "2026-07-01 12:00:00", "2026-07-01T10:00:00Z")]
    [InlineData("Europe/Berlin", "2026-10-25 02:30:00", "2026-10-25T00:30:00Z")]
    [InlineData("Europe/Berlin", "2026-03-29 02:30:00", "2026-03-29T01:30:00Z")]
    [InlineData("America/New_York", "2026-11-22 23:59:59", "2026-11-23T04:59:59Z")]
    public void Times_are_those_of_the_pbxs_own_clock(string zone, string local, string utc) =>
        Assert.Equal(DateTimeOffset.Parse(utc, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds(), new WallClock(TimeZoneInfo.FindSystemTimeZoneById(zone)).Seconds(Encoding.ASCII.GetBytes(local)));

    [Theory]
    [InlineData("America/New_York", "9999-12-31 23:59:59")]
    [InlineData("UTC", "9999-12-31 23:59:59")]
    [InlineData("UTC", "1899-12-31 23:59:59")]
    public void A_time_that_no_clock_of_a_pbx_shows_is_none(string zone, string local) =>
        Assert.Null(new WallClock(TimeZoneInfo.FindSystemTimeZoneById(zone)).Seconds(Encoding.ASCII.GetBytes(local)));

    [Theory]
    [InlineData("PJSIP/1009-00000010", "1009")]
    [InlineData("IAX2/office-gw-4711", "office-gw")]
    [InlineData("DAHDI/i1/5551234-2", "i1")]
    [InlineData("Local/200@from-internal-00000a;2", "200@from-internal")]
    [InlineData("nothing", "")]
    public void A_channels_name_says_whose_it_is(string channel, string endpoint) => Assert.Equal(endpoint, ChannelName.Endpoint(channel).ToString());

    [Theory]
    [InlineData("PJSIP/011972599999999@trunk-ip,20", "011972599999999")]
    [InlineData("PJSIP/trunk/sip:0023276123456@192.0.2.5;user=phone,60", "0023276123456")]
    [InlineData("SIP/trunk/0023276123456,300,T", "0023276123456")]
    [InlineData("DAHDI/g1/0023276123456&DAHDI/g2/0", "0023276123456")]
    [InlineData("PJSIP/1002,10", "")]
    public void What_dial_was_given_says_which_number_was_sent(string data, string number) => Assert.Equal(number, ChannelName.SentNumber(data).ToString());

    private static (List<CallRecord> Calls, CdrCsvReader Reader) Read(string text)
    {
        var (calls, reader) = (new List<CallRecord>(), new CdrCsvReader(Utc));
        reader.Read(Encoding.UTF8.GetBytes(text), isEnd: true, calls.Add);
        return (calls, reader);
    }
}

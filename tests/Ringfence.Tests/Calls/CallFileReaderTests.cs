using System.Text;
using Ringfence.Core.Calls;
using Xunit;

namespace Ringfence.Tests.Calls;

public sealed class CallFileReaderTests
{
    private const string Headings = "calldate,src,dst,channel,dstchannel,lastapp,lastdata,billsec,disposition";

    private const string Call = "2026-11-21 00:07:32,1009,0023279000001,PJSIP/1009-00000010,PJSIP/trunk-a-00000011,Dial,PJSIP/0023279000001@trunk-a,61,ANSWERED";

    [Theory]
    [InlineData(',', "", "\n")]
    [InlineData(',', "\uFEFF", "\r\n")]
    [InlineData(';', "", "\n")]
    [InlineData(';', "\uFEFF", "\r\n")]
    [InlineData('\t', "", "\n")]
    public void An_export_is_read_by_its_headings_whatever_separates_its_fields(char separator, string mark, string lineEnd)
    {
        var text = $"{mark}{Headings}{lineEnd}{Call}{lineEnd}".Replace(',', separator);
        var quoted = $"{mark}\"{text.TrimStart('\uFEFF').TrimEnd().Replace($"{separator}", $"\"{separator}\"", StringComparison.Ordinal).Replace(lineEnd, $"\"{lineEnd}\"", StringComparison.Ordinal)}\"{lineEnd}";
        Assert.All((string[])[text, quoted], file =>
        {
            var (calls, reader) = Read(Encoding.UTF8.GetBytes(file));
            Assert.Equal((1, 0), (reader.Records, reader.Unread));
            Assert.Equal(("1009", "0023279000001", "0023279000001", "trunk-a", 61), (calls[0].Source, calls[0].Dialled, calls[0].Sent, calls[0].Trunk, calls[0].Billed));
        });
    }

    [Fact]
    public void An_export_that_comes_byte_by_byte_is_read_the_same()
    {
        var file = Encoding.UTF8.GetBytes($"\uFEFF{Headings}\n{Call}\n".Replace(',', ';'));
        var (calls, reader, begin) = (new List<CallRecord>(), new CallFileReader(TimeZoneInfo.Utc), 0);
        for (var end = 1; end <= file.Length; end++)
        {
            begin += reader.Read(file.AsSpan(begin..end), isEnd: end == file.Length, calls.Add);
        }

        Assert.Equal((file.Length, "1009"), (begin, Assert.Single(calls).Source));
    }

    // The first record of a file that was rotated is as often his as anybody's.
    [Fact]
    public void A_callers_name_turns_no_file_of_Asterisk_into_an_export()
    {
        const string Record = """"
            "","1009","0023279000001","outbound","""{NAME}"" <1009>","PJSIP/1009-00000010","PJSIP/trunk-a-00000011","Dial","PJSIP/0023279000001@trunk-a,20","2026-11-21 00:07:32","2026-11-21 00:07:32","2026-11-21 00:07:33",1,1,"ANSWERED","DOCUMENTATION","1795219652.16",""

            """";
        var (calls, _) = Read(Encoding.UTF8.GetBytes(Record.Replace("{NAME}", ";calldate;src;dst;channel;billsec;", StringComparison.Ordinal)));
        Assert.Equal("0023279000001", Assert.Single(calls).Dialled);
    }

    private static (List<CallRecord> Calls, CallFileReader Reader) Read(byte[] file)
    {
        var (calls, reader) = (new List<CallRecord>(), new CallFileReader(TimeZoneInfo.Utc));
        Assert.Equal(file.Length, reader.Read(file, isEnd: true, calls.Add));
        return (calls, reader);
    }
}

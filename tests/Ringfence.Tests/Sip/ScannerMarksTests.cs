using System.Text;
using Ringfence.Core.Sip;
using Xunit;

namespace Ringfence.Tests.Sip;

public sealed class ScannerMarksTests
{
    // svwar, svmap and svcrack of SIPVicious 0.3.3, as they came in.
    [Theory]
    [InlineData("REGISTER", "3376074813", "\"425575191\"<sip:425575191@127.0.0.1>;tag=3432353537353139310131393935313931393632", "1794981271", "sip:425575191@127.0.0.1")]
    [InlineData("OPTIONS", "4148434773", "\"sipvicious\"<sip:100@1.1.1.1>;tag=3766303030303031313736660132373135353431323136", "1053358845137094925164330", "sip:100@127.0.0.1:5060")]
    [InlineData("REGISTER", "912192446", "\"100\" <sip:100@127.0.0.1>;tag=3206210844", "3438264365", "sip:123@1.1.1.1")]
    public void SIPVicious_is_known_by_its_name_and_by_its_habits(string method, string branch, string from, string callId, string contact)
    {
        Assert.Equal("SIPVicious", Find(method, branch, from, callId, contact, "friendly-scanner"));
        Assert.Equal("SIPVicious under another name", Find(method, branch, from, callId, contact, "Yealink SIP-T46U 108.86.0.20"));
    }

    [Theory]
    [InlineData("z9hG4bK-d8754z-1", "1794981271", "sip:1001@192.0.2.9", "Bria")]
    [InlineData("3376074813", "1794981271", "<sip:1001@192.0.2.9>", "Cisco-CP7841")]
    [InlineData("3376074813", "1794981271@192.0.2.9", "sip:1001@192.0.2.9", "Grandstream HT801")]
    [InlineData("PID-1-0", "1-2@127.0.0.1", "sip:sipp@127.0.0.1:5060", "sipp")]
    public void A_phone_or_an_administrators_tool_has_no_mark(string branch, string callId, string contact, string agent) =>
        Assert.Equal("", Find("REGISTER", branch, "\"1001\" <sip:1001@192.0.2.1>;tag=1", callId, contact, agent));

    private static string Find(string method, string branch, string from, string callId, string contact, string agent) =>
        Encoding.ASCII.GetString(ScannerMarks.Find(SipMessage.Parse(Encoding.ASCII.GetBytes(
            $"{method} sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK-{branch};rport\r\nFrom: {from}\r\nTo: {from}\r\nCall-ID: {callId}\r\nContact: {contact}\r\nCSeq: 1 {method}\r\nUser-Agent: {agent}\r\n\r\n"))));
}

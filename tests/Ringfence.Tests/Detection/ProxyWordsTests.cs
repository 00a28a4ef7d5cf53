using System.Net;
using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Tests.Daemon;
using Ringfence.Tests.Wire;
using Xunit;

namespace Ringfence.Tests.Detection;

/// <summary>Who sends requests for others is told as such, and nothing follows from it.</summary>
public sealed class ProxyWordsTests
{
    [Theory]
    [InlineData("REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=1\r\nTo: x\r\n\r\n", 1)]
    [InlineData("REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=1\r\nvia : SIP/2.0/UDP b\r\nTo: x\r\n\r\n", 2)]
    [InlineData("REGISTER sip:x SIP/2.0\r\nv: SIP/2.0/UDP a, SIP/2.0/UDP b\r\nV: c\r\n\r\n", 3)]
    [InlineData("REGISTER sip:x SIP/2.0\r\nVia: a\r\n\r\nVia: body\r\n", 1)]
    [InlineData("REGISTER sip:x SIP/2.0\r\nVia: a\r\nVia: cut off", 2)]
    [InlineData("", 0)]
    public void Via_headers_are_counted(string message, int count) => Assert.Equal(count, ProxyWords.CountOfVias(Encoding.ASCII.GetBytes(message)));

    [Theory]
    [InlineData("Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK-phone\r\n", "; it sends requests for others (2 Via headers): if it is your own proxy, trust it")]
    [InlineData("", "")]
    public async Task A_ban_of_somebody_who_sends_for_others_says_so(string headers, string words)
    {
        using var rig = new PipelineRig(new RingfenceConfig { Hep = new HepSettings { Listen = new IPEndPoint(IPAddress.Loopback, 9060) } });

        for (var i = 0; i < 5; i++)
        {
            await rig.WriteHepAsync(WireRig.Guess($"{i}", headers: headers));
            // The PBX's answer has each Via of the request.
            await rig.WriteHepAsync(Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(WireRig.Answer($"{i}")).Replace("Call-ID:", $"{headers}Call-ID:", StringComparison.Ordinal)), isOfPbx: true);
        }

        await rig.ReadAsync("");

        var decision = Assert.Single(rig.Recorded.Decisions);
        Assert.IsType<Ban>(decision);
        Assert.Matches($"^5 wrong passwords (at once|in [^;]+){System.Text.RegularExpressions.Regex.Escape(words)}$", decision.Reason);
    }

    [Fact]
    public void Hostile_bytes_end()
    {
        var random = new Random(20261122);
        var sample = Encoding.ASCII.GetBytes("REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=1\r\nv: b,c\r\nTo: x\r\n\r\n");
        for (var round = 0; round < 20_000; round++)
        {
            var mutated = sample.ToArray();
            for (var i = random.Next(8); i >= 0; i--)
            {
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            }

            Assert.InRange(ProxyWords.CountOfVias(mutated.AsSpan(0, random.Next(mutated.Length + 1))), 0, sample.Length);
        }
    }
}

using System.Text;
using Ringfence.Core.Detection;
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

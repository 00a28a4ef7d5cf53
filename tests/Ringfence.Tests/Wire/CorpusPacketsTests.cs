using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Sip;
using Ringfence.Core.Wire;
using Ringfence.Tests.Corpus;
using Ringfence.Tests.Parsing;
using Xunit;

namespace Ringfence.Tests.Wire;

/// <summary>Captures of a real Asterisk 22.10.1, each with the events that it must give; what they hold is in the README beside them.</summary>
public sealed class CorpusPacketsTests
{
    [Theory]
    [InlineData("variants.pcap")]
    [InlineData("streams.pcap")]
    [InlineData("tools.pcap")]
    public void A_real_capture_gives_its_events(string name)
    {
        var bytes = File.ReadAllBytes(Path.Combine(CorpusFiles.Packets, name));

        var told = string.Concat(Read(bytes).Select(seen => $"{seen.Line} {seen.Kind} {seen.Transport} {seen.Proof} {seen.Source} account={seen.Account}\n"));

        var expected = Path.Combine(CorpusFiles.Packets, Path.ChangeExtension(name, ".events"));
        if (Environment.GetEnvironmentVariable("RINGFENCE_UPDATE") == "1")
        {
            File.WriteAllText(expected, told, Encoding.Latin1);
        }

        Assert.Equal(File.ReadAllText(expected, Encoding.Latin1), told);
    }

    [Fact]
    public void However_a_guess_is_spelled_the_one_whom_Asterisk_answers_is_told()
    {
        var bytes = File.ReadAllBytes(Path.Combine(CorpusFiles.Packets, "variants.pcap"));

        var events = Read(bytes);

        // 80 spellings, 73 of them answered: README.md beside the capture.
        Assert.Equal(73, events.Count(seen => seen is { Kind: EventKind.PasswordRefused, Source: "198.51.100.7" }));
    }

    [Theory]
    [InlineData("variants.pcap")]
    [InlineData("streams.pcap")]
    [InlineData("tools.pcap")]
    public void The_PBX_is_found(string name)
    {
        ReadOnlySpan<byte> rest = File.ReadAllBytes(Path.Combine(CorpusFiles.Packets, name));
        var finder = new PbxFinder([5060, 5061]);
        for (var file = new CaptureFile(); file.Next(ref rest) is { IsPacket: true } packet;)
        {
            finder.See(packet.Frame, packet.Link);
        }

        Assert.Equal("10.80.0.1", finder.Found[0].ToString());
    }

    private static List<SeenEvent> Read(byte[] bytes)
    {
        var recorder = new Recorder();
        var buffer = new CaptureBuffer(new WireTap(new SipExchanges(0, address => address.ToString() is "10.80.0.1" or "2001:db8:80::1"), new WirePorts([5060, 5061], [8088])));
        bytes.CopyTo(buffer.Free);
        buffer.Parse(bytes.Length, endOfFile: true, ref recorder);
        Assert.Null(buffer.File.Problem);
        return recorder.Events;
    }
}

using Ringfence.Core.Wire;
using Ringfence.Tests.Corpus;
using Xunit;

namespace Ringfence.Tests.Wire;

/// <summary>No bytes throw, and memory stays bounded. Seeded: a failure comes again. bench/fuzz runs the same for longer.</summary>
public sealed class WireFuzzTests
{
    private const int Inputs = 60_000;

    private static readonly string[] Names = ["variants.pcap", "streams.pcap", "tools.pcap"];

    [Fact]
    public void No_frame_throws()
    {
        var random = new Random(20_261_121);
        var frames = Names.SelectMany(Frames).ToArray();
        var rig = new WireRig();
        var links = Enum.GetValues<LinkType>();
        for (var i = 0; i < Inputs; i++)
        {
            var (frame, link) = frames[random.Next(frames.Length)];

            // Half of them as if they went out, or the checksums would keep what is damaged from the parsers.
            rig.See(Mutated(frame, random), random.Next(10) == 0 ? links[random.Next(links.Length)] : link, random.Next(2) == 0 ? FrameDirection.Out : FrameDirection.Unknown, checksum: ChecksumState.Captured);
        }

        Assert.True(rig.Tap.Messages > 1_000);
    }

    [Fact]
    public void No_stream_throws_and_none_holds_more_than_it_may()
    {
        var random = new Random(20_261_122);
        var rig = new WireRig();
        byte[] bytes = [.. WireRig.Guess("a"), .. WireRig.Guess("b", body: "xyz"), .. WireRig.Guess("c")];
        var next = 0;
        for (var i = 0; i < Inputs; i++)
        {
            // Mostly what comes next; else something before or behind it, damaged, or of another connection.
            var from = random.Next(8) == 0 ? Math.Max(0, next + random.Next(-900, 900)) : next;
            var length = Math.Min(bytes.Length - (from % bytes.Length), random.Next(700));
            var part = bytes[(from % bytes.Length)..((from % bytes.Length) + length)];
            next = from == next ? next + length : next;
            var sequence = random.Next(40) == 0 ? (uint)random.NextInt64() : (uint)from;
            rig.Sent(sequence, random.Next(20) == 0 ? Mutated(part, random) : part, flags: random.Next(40) == 0 ? (byte)random.Next(8) : (byte)0);
            if (random.Next(4) == 0)
            {
                rig.Acknowledged((uint)(next + (random.Next(20) == 0 ? random.Next(-2_000, 2_000) : 0)), flags: random.Next(30) == 0 ? (byte)2 : (byte)0);
            }
            else if (random.Next(60) == 0)
            {
                rig.Opened((uint)next, (uint)random.Next(3));
            }
        }

        Assert.True(rig.Tap.Messages > 1_000);
    }

    [Fact]
    public void No_capture_throws()
    {
        var random = new Random(20_261_123);
        byte[][] files =
        [
            CaptureFileTests.Pcap(big: true, nano: true), CaptureFileTests.Pcap(big: false, nano: false),
            [
                .. CaptureFileTests.Section(false), .. CaptureFileTests.Block(false, 1, [1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0, 9, 0, 0, 0, 14, 0, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
                .. CaptureFileTests.Packet(false, 0, ulong.MaxValue), .. CaptureFileTests.Packet(false, 0, 1_795_000_000_000_000_000, [2, 0, 4, 0, 1, 0, 0, 0]),
            ],
        ];
        long packets = 0;
        for (var i = 0; i < Inputs; i++)
        {
            ReadOnlySpan<byte> rest = Mutated(files[random.Next(files.Length)], random);
            var file = new CaptureFile();
            var length = rest.Length;
            while (file.Next(ref rest) is { IsPacket: true } packet)
            {
                packets++;
                Assert.InRange(new DateTime(packet.TimeTicks).Year, 1970, 2106);
                Assert.True(packet.Frame.Length <= length);
            }

            file.End(rest.Length);
        }

        Assert.True(packets > Inputs / 4);
    }

    private static IEnumerable<(byte[] Frame, LinkType Link)> Frames(string name)
    {
        List<(byte[], LinkType)> frames = [];
        ReadOnlySpan<byte> rest = File.ReadAllBytes(Path.Combine(CorpusFiles.Packets, name));
        for (var file = new CaptureFile(); file.Next(ref rest) is { IsPacket: true } packet;)
        {
            frames.Add((packet.Frame.ToArray(), packet.Link));
        }

        return frames;
    }

    private static byte[] Mutated(byte[] sample, Random random)
    {
        var bytes = sample.ToList();
        for (var change = random.Next(6); change > 0 && bytes.Count > 0; change--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(bytes.Count - at, random.Next(1, 9)));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes[..Math.Min(bytes.Count, random.Next(1, 40))]);
                    break;
                default:
                    bytes[at] = random.Next(2) == 0 ? (byte)0xff : (byte)0;
                    break;
            }
        }

        return [.. bytes];
    }
}

using System.Buffers.Binary;
using Ringfence.Core.Wire;
using Xunit;

namespace Ringfence.Tests.Wire;

public sealed class CaptureFileTests
{
    private static readonly byte[] Frame = [.. Enumerable.Range(1, 61).Select(number => (byte)number)];
    private static readonly DateTime Time = new(2026, 11, 20, 12, 0, 0, 337, DateTimeKind.Utc);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_pcap_of_either_byte_order_and_precision_is_read(bool big, bool nano)
    {
        var (packets, problem) = Read(Pcap(big, nano));

        Assert.Null(problem);
        Assert.Equal([(LinkType.LinuxSll2, Time.Ticks, 61), (LinkType.LinuxSll2, Time.Ticks, 61)], packets);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pcapng_is_read_with_its_interfaces_resolutions_and_what_is_unknown_passed_over(bool big)
    {
        var seconds = (ulong)(Time - DateTime.UnixEpoch).TotalSeconds;
        byte[] file =
        [
            .. Section(big),
            .. Block(big, 1, [.. N2(big, 1), 0, 0, .. N4(big, 0)]),
            .. Block(big, 1, [.. N2(big, 101), 0, 0, .. N4(big, 50), .. N2(big, 9), .. N2(big, 1), 9, 0, 0, 0, .. N2(big, 14), .. N2(big, 8), .. N8(big, 100), 0, 0, 0, 0]),
            .. Block(big, 1, [.. N2(big, 147), 0, 0, .. N4(big, 0), .. N2(big, 9), .. N2(big, 1), 0x8a, 0, 0, 0]),
            .. Block(big, 0x0bad, new byte[40]),
            .. Packet(big, 0, (seconds * 1_000_000) + 337_000),
            .. Packet(big, 1, ((seconds - 100) * 1_000_000_000) + 337_000_000),
            .. Block(big, 3, [.. N4(big, 61), .. Frame, 0, 0, 0]),
            .. Packet(big, 2, (seconds << 10) | 345),
            .. Section(!big),
            .. Block(!big, 1, [.. N2(!big, 1), 0, 0, .. N4(!big, 0)]),
            .. Packet(!big, 0, (seconds * 1_000_000) + 337_000),
        ];

        var (packets, problem) = Read(file);

        Assert.Null(problem);
        Assert.Equal((LinkType.Ethernet, Time.Ticks, 61), packets[0]);
        Assert.Equal((LinkType.RawIp, Time.Ticks, 61), packets[1]);
        Assert.Equal((LinkType.Ethernet, Time.Ticks, 61), packets[2]);
        Assert.Equal(0, packets[3].Length);
        Assert.InRange(packets[3].Ticks, Time.Ticks - TimeSpan.TicksPerMillisecond, Time.Ticks + TimeSpan.TicksPerMillisecond);
        Assert.Equal((LinkType.Ethernet, Time.Ticks, 61), packets[4]);
    }

    [Fact]
    public void A_packet_of_pcapng_may_say_its_direction()
    {
        byte[] file = [.. Section(false), .. Block(false, 1, [1, 0, 0, 0, 0, 0, 0, 0]), .. Packet(false, 0, 1, options: [2, 0, 4, 0, 2, 0, 0, 0, 0, 0, 0, 0])];
        ReadOnlySpan<byte> rest = file;

        Assert.Equal(FrameDirection.Out, new CaptureFile().Next(ref rest).Direction);
    }

    [Fact]
    public void Of_a_file_that_is_cut_what_stands_before_is_read_and_the_cut_is_told()
    {
        foreach (var file in new[] { Pcap(false, false), [.. Section(false), .. Block(false, 1, [1, 0, 0, 0, 0, 0, 0, 0]), .. Packet(false, 0, 1), .. Packet(false, 0, 2)] })
        {
            var whole = Read(file).Packets;
            for (var length = 30; length < file.Length; length++)
            {
                var (packets, problem) = Read(file[..length]);

                Assert.Equal(whole.Take(packets.Count), packets);
                Assert.True(problem is null || problem == $"cut in the middle of what follows packet {packets.Count}", problem);
            }

            Assert.NotNull(Read(file[..^1]).Problem);
        }
    }

    [Fact]
    public void A_length_that_cannot_be_ends_the_reading_with_a_word_about_it()
    {
        var file = Pcap(false, false);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24 + 16 + 61 + 8), -5);

        var (packets, problem) = Read(file);

        Assert.Single(packets);
        Assert.Equal("damaged behind packet 1: the next one would have 4294967291 bytes", problem);
    }

    [Fact]
    public void A_capture_is_known_by_its_first_bytes()
    {
        Assert.True(CaptureFile.IsCapture(Pcap(true, true)));
        Assert.True(CaptureFile.IsCapture(Pcap(false, false)));
        Assert.True(CaptureFile.IsCapture(Section(true)));
        Assert.False(CaptureFile.IsCapture("[2026-11-20 12:00:00] NOTICE"u8));
        Assert.False(CaptureFile.IsCapture("\n\r"u8));
    }

    internal static byte[] Pcap(bool big, bool nano)
    {
        byte[] record = [.. N4(big, (uint)(Time - DateTime.UnixEpoch).TotalSeconds), .. N4(big, nano ? 337_000_000u : 337_000u), .. N4(big, 61), .. N4(big, 61), .. Frame];
        return [.. N4(big, nano ? 0xa1b23c4d : 0xa1b2c3d4), .. N2(big, 2), .. N2(big, 4), .. new byte[8], .. N4(big, 262_144), .. N4(big, 276), .. record, .. record];
    }

    internal static byte[] Section(bool big) => Block(big, 0x0a0d0d0a, [.. N4(big, 0x1a2b3c4d), .. N2(big, 1), 0, 0, .. Enumerable.Repeat((byte)0xff, 8)]);

    internal static byte[] Block(bool big, uint type, byte[] body) => [.. N4(big, type), .. N4(big, (uint)body.Length + 12), .. body, .. N4(big, (uint)body.Length + 12)];

    internal static byte[] Packet(bool big, uint number, ulong time, byte[]? options = null) =>
        Block(big, 6, [.. N4(big, number), .. N4(big, (uint)(time >> 32)), .. N4(big, (uint)time), .. N4(big, 61), .. N4(big, 61), .. Frame, 0, 0, 0, .. options ?? []]);

    private static (List<(LinkType Link, long Ticks, int Length)> Packets, string? Problem) Read(byte[] bytes)
    {
        // In pieces, so that each place of the file is a piece's end once.
        List<(LinkType, long, int)> packets = [];
        var file = new CaptureFile();
        var from = 0;
        for (var to = 0; to <= bytes.Length; to += 13)
        {
            from += Take(bytes.AsSpan(from, to - from));
        }

        from += Take(bytes.AsSpan(from));
        file.End(bytes.Length - from);
        return (packets, file.Problem);

        int Take(ReadOnlySpan<byte> piece)
        {
            var rest = piece;
            while (file.Next(ref rest) is { IsPacket: true } packet)
            {
                packets.Add((packet.Frame.IsEmpty ? LinkType.Ethernet : packet.Link, packet.TimeTicks, packet.Frame.Length));
            }

            return piece.Length - rest.Length;
        }
    }

    private static byte[] N2(bool big, ushort number) => big ? Frames.Two(number) : [.. Frames.Two(number).Reverse()];

    private static byte[] N4(bool big, uint number) => big ? Frames.Four(number) : [.. Frames.Four(number).Reverse()];

    private static byte[] N8(bool big, ulong number) => big ? [.. Frames.Four((uint)(number >> 32)), .. Frames.Four((uint)number)] : [.. Frames.Four((uint)number).Reverse(), .. Frames.Four((uint)(number >> 32)).Reverse()];
}

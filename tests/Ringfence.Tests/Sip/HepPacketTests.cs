using System.Buffers.Binary;
using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Sip;
using Xunit;

namespace Ringfence.Tests.Sip;

public sealed class HepPacketTests
{
    [Fact]
    public void A_message_comes_with_the_addresses_of_its_socket_and_the_time_of_the_PBX()
    {
        var packet = HepPacket.Parse(Packet());

        Assert.True(packet.IsValid);
        Assert.Equal(("198.51.100.7", 40_000, "192.0.2.1", 5_060), (packet.Source.Address.ToString(), packet.Source.Port, packet.Destination.Address.ToString(), packet.Destination.Port));
        Assert.Equal((Transport.Udp, new DateTime(2026, 11, 20, 12, 0, 0, 337).Ticks), (packet.Transport, packet.TimeTicks));
        Assert.Equal("OPTIONS", Encoding.Latin1.GetString(packet.Payload));
        Assert.Equal("secret", Encoding.Latin1.GetString(packet.Password));
    }

    [Theory]
    [InlineData(17, "Udp")]
    [InlineData(6, "Tcp")]
    [InlineData(22, "Tls")]
    [InlineData(132, "Unknown")]
    public void What_Kamailio_calls_22_is_TLS_and_has_shaken_hands(byte protocol, string transport) =>
        Assert.Equal(transport, HepPacket.Parse(Sized([.. Chunks(), .. Chunk(2, [protocol])])).Transport.ToString());

    [Fact]
    public void A_chunk_of_another_vendor_is_passed_over()
    {
        var packet = HepPacket.Parse([.. Sized([.. Chunks(), .. Chunk(15, "INVITE"u8.ToArray(), vendor: 9)])]);

        Assert.Equal("OPTIONS", Encoding.Latin1.GetString(packet.Payload));
    }

    [Fact]
    public void What_is_cut_or_no_HEP_or_no_SIP_is_not_valid()
    {
        var whole = Packet();
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.False(HepPacket.Parse(whole.AsSpan(0, length)).IsValid);
        }

        Assert.False(HepPacket.Parse(Sized([.. Chunks(), .. Chunk(11, [5])])).IsValid);
        Assert.False(HepPacket.Parse("HEP3"u8).IsValid);
        Assert.False(HepPacket.Parse("OPTIONS sip:x SIP/2.0"u8).IsValid);
    }

    [Fact]
    public void Any_bytes_are_read_without_harm()
    {
        var seed = new Random(20_261_121);
        for (var i = 0; i < 50_000; i++)
        {
            var bytes = Packet();
            for (var change = seed.Next(1, 8); change > 0; change--)
            {
                bytes[seed.Next(4, bytes.Length)] = (byte)seed.Next(256);
            }

            var packet = HepPacket.Parse(bytes);
            Assert.True(packet.Payload.Length <= bytes.Length);
        }
    }

    private static byte[] Packet() => Sized(Chunks());

    private static byte[] Chunks() =>
    [
        .. Chunk(1, [2]), .. Chunk(2, [17]), .. Chunk(3, [198, 51, 100, 7]), .. Chunk(4, [192, 0, 2, 1]), .. Chunk(7, Two(40_000)), .. Chunk(8, Two(5_060)),
        .. Chunk(9, Four((uint)new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds())), .. Chunk(10, Four(337_000)), .. Chunk(11, [1]),
        .. Chunk(14, "secret"u8.ToArray()), .. Chunk(15, "OPTIONS"u8.ToArray()),
    ];

    private static byte[] Chunk(ushort type, byte[] value, ushort vendor = 0) => [.. Two(vendor), .. Two(type), .. Two((ushort)(value.Length + 6)), .. value];

    private static byte[] Sized(byte[] chunks) => [.. "HEP3"u8, .. Two((ushort)(chunks.Length + 6)), .. chunks];

    private static byte[] Two(ushort number)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, number);
        return bytes;
    }

    private static byte[] Four(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return bytes;
    }
}

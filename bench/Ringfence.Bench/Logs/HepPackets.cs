using System.Buffers.Binary;
using System.Text;
using Ringfence.Core.Events;

namespace Ringfence.Bench.Logs;

/// <summary>Datagrams of HEPv3 as Asterisk's res_hep_pjsip sends them, but for the time, which the receiver then takes from its clock.</summary>
internal sealed class HepPackets(string password)
{
    private const ushort SipPort = 5060;
    private const uint Pbx = (127u << 24) | 1;

    public byte[] Of(SipDatagram datagram)
    {
        var far = Address.Parse(datagram.Peer.Text)!.Value.IPv4Bits;
        byte[] chunks =
        [
            .. Chunk(1, [2]), .. Chunk(2, [17]), .. Chunk(3, Four(datagram.IsRequest ? far : Pbx)), .. Chunk(4, Four(datagram.IsRequest ? Pbx : far)),
            .. Chunk(7, Two(SipPort)), .. Chunk(8, Two(SipPort)),
            .. Chunk(11, [1]), .. Chunk(12, Four(1)), .. Chunk(14, Encoding.UTF8.GetBytes(password)), .. Chunk(15, datagram.Message),
        ];
        return [.. "HEP3"u8, .. Two((ushort)(chunks.Length + 6)), .. chunks];
    }

    private static byte[] Chunk(ushort type, byte[] value) => [0, 0, .. Two(type), .. Two((ushort)(value.Length + 6)), .. value];

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

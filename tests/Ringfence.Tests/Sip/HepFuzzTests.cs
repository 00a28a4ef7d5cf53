using System.Buffers.Binary;
using Ringfence.Core.Events;
using Ringfence.Core.Sip;
using Ringfence.Tests.Parsing;
using Xunit;

namespace Ringfence.Tests.Sip;

/// <summary>No datagram of HEP throws, and what it gives lies within it. Seeded: a failure comes again. bench/fuzz runs the same for longer.</summary>
public sealed class HepFuzzTests
{
    private const int Inputs = 100_000;

    [Fact]
    public void No_damaged_packet_throws_and_none_gives_more_than_it_holds()
    {
        var random = new Random(20_261_127);
        var exchanges = new SipExchanges(7, static address => address == Address.Parse(HepSample.Pbx));
        var recorder = new Recorder();
        byte[][] samples = [HepSample.Packet("REGISTER sip:x SIP/2.0\r\nCall-ID: a\r\nCSeq: 1 REGISTER\r\nFrom: <sip:1001@x>\r\n\r\n"), HepSample.Packet("SIP/2.0 401 Unauthorized\r\nCall-ID: a\r\nCSeq: 1 REGISTER\r\n\r\n", isAnswer: true)];
        var read = 0;
        for (var input = 0; input < Inputs; input++)
        {
            var bytes = input % 2 == 0 ? DoorSampleTests.Mutated(random, samples) : Changed(samples[random.Next(samples.Length)], random);

            // A length that is wrong ends the reading at once: mostly it is made right again.
            if (bytes.Length >= 6 && random.Next(8) != 0)
            {
                "HEP3"u8.CopyTo(bytes);
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), (ushort)Math.Min(bytes.Length, ushort.MaxValue));
            }

            var packet = HepPacket.Parse(bytes);

            Assert.InRange(packet.Payload.Length + packet.Password.Length, 0, bytes.Length);
            Assert.InRange(new DateTime(packet.TimeTicks).Year, 1, 2106);
            if (packet.IsValid)
            {
                read++;
                exchanges.See(packet.Payload, packet.Source, packet.Destination, packet.Transport, packet.TimeTicks, input, ref recorder);
            }
        }

        Assert.InRange(read, Inputs / 10, Inputs);
    }

    // Its chunks stay where they are, so that what is in them is read.
    private static byte[] Changed(byte[] sample, Random random)
    {
        byte[] bytes = [.. sample];
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            bytes[random.Next(6, bytes.Length)] = (byte)random.Next(256);
        }

        return bytes;
    }
}

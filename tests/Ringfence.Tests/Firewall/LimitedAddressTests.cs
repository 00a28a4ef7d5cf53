using Ringfence.Core.Events;
using Ringfence.Core.Firewall;
using Xunit;

namespace Ringfence.Tests.Firewall;

public sealed class LimitedAddressTests
{
    [Theory]
    [InlineData("198.51.100.7", "198.51.100.7")]
    [InlineData("2001:db8:7::", "2001:db8:7::/64")]
    public void An_element_tells_its_address_and_what_was_dropped(string key, string subject)
    {
        var read = Read(Message(Address.Parse(key)!.Value, 4711));

        Assert.Equal([new LimitedAddress(Address.Parse(key)!.Value.Subject, 4711)], read);
        Assert.Equal(subject, read[0].Subject.ToString());
    }

    [Fact]
    public void Mutated_messages_end_without_exception()
    {
        const int Seed = 20261121;
        var random = new Random(Seed);
        var sample = Message(Address.Parse("198.51.100.7")!.Value, 4711);
        for (var i = 0; i < 100_000; i++)
        {
            var bytes = sample.ToArray();
            for (var changes = random.Next(1, 8); changes > 0; changes--)
            {
                bytes[random.Next(4, bytes.Length)] = (byte)random.Next(256);
            }

            Assert.InRange(Read(bytes).Count, 0, bytes.Length);
        }
    }

    private static List<LimitedAddress> Read(byte[] bytes)
    {
        var read = new List<LimitedAddress>();
        foreach (var message in new NetlinkMessages(bytes))
        {
            LimitedAddress.Read(message, read);
        }

        return read;
    }

    // As a kernel 6.18 dumps an element of a set with a counter.
    private static byte[] Message(Address address, ulong packets)
    {
        var writer = new NetlinkWriter();
        writer.BeginMessage(NftProtocol.NewElement, 0, 1);
        writer.Text(NftProtocol.ListTable, RulesetText.TableName);
        writer.Text(NftProtocol.ListSet, "limited4"u8);
        var list = writer.BeginNest(NftProtocol.ListElements);
        var item = writer.BeginNest(NftProtocol.ListItem);
        var key = writer.BeginNest(NftProtocol.ElementKey);
        writer.Bytes(NftProtocol.DataValue, address.ToBytes());
        writer.EndNest(key);
        var expression = writer.BeginNest(NftProtocol.ElementExpression);
        writer.Text(1, "counter"u8);
        var data = writer.BeginNest(NftProtocol.ExpressionData);
        writer.Number(1, packets * 400);
        writer.Number(NftProtocol.CounterPackets, packets);
        writer.EndNest(data);
        writer.EndNest(expression);
        writer.EndNest(item);
        writer.EndNest(list);
        writer.EndMessage();
        return writer.Written.ToArray();
    }
}

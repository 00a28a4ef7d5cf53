using Ringfence.Core.Events;

namespace Ringfence.Core.Firewall;

/// <summary>An address (IPv6: a /64) that went beyond the limit for one address.</summary>
/// <param name="Packets">What was dropped of it.</param>
internal readonly record struct LimitedAddress(Network Subject, ulong Packets)
{
    /// <summary>Adds the elements of one message.</summary>
    public static void Read(NetlinkMessage message, List<LimitedAddress> into)
    {
        if (message.Type != NftProtocol.NewElement)
        {
            return;
        }

        foreach (var item in message.Attributes.Find(NftProtocol.ListElements).Nested)
        {
            var key = item.Nested.Find(NftProtocol.ElementKey).Nested.Find(NftProtocol.DataValue).Value;
            var packets = item.Nested.Find(NftProtocol.ElementExpression).Nested.Find(NftProtocol.ExpressionData).Nested.Find(NftProtocol.CounterPackets).UInt64;
            if (key.Length is 4 or 16)
            {
                into.Add(new LimitedAddress(Address.FromBytes(key).Subject, packets ?? 0));
            }
        }
    }
}

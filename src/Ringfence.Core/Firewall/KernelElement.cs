using Ringfence.Core.Events;

namespace Ringfence.Core.Firewall;

/// <summary>An element of one of our sets, as the kernel tells it.</summary>
/// <param name="IsEnd">Of an interval: this is the first address behind it.</param>
/// <param name="Remaining">null: it stays for ever.</param>
internal readonly record struct KernelElement(BanSet Set, Address Key, bool IsEnd, TimeSpan? Remaining)
{
    // The kernel's longest is 2^64 ms; a TimeSpan ends at 9.2e14.
    private const ulong MaxMilliseconds = 900_000_000_000_000;

    /// <summary>Adds the elements of one message about one of our sets; keys of a wrong width are left out.</summary>
    public static void Read(NetlinkMessage message, BanSet set, List<KernelElement> into)
    {
        foreach (var item in message.Attributes.Find(NftProtocol.ListElements).Nested)
        {
            var key = default(ReadOnlySpan<byte>);
            var isEnd = false;
            TimeSpan? remaining = null;
            foreach (var attribute in item.Nested)
            {
                switch (attribute.Type)
                {
                    case NftProtocol.ElementKey:
                        key = attribute.Nested.Find(NftProtocol.DataValue).Value;
                        break;
                    case NftProtocol.ElementFlags:
                        isEnd = ((attribute.UInt32 ?? 0) & NftProtocol.ElementIsEnd) != 0;
                        break;
                    case NftProtocol.ElementExpiration when attribute.UInt64 is { } milliseconds:
                        remaining = TimeSpan.FromMilliseconds((long)Math.Min(milliseconds, MaxMilliseconds));
                        break;
                }
            }

            // An IPv4-mapped IPv6 address can't be told from IPv4 behind here; none is ever the source of a packet.
            if (key.Length == set.KeyBytes && Address.FromBytes(key) is var address && address.IsIPv4 == set.IsIPv4)
            {
                into.Add(new KernelElement(set, address, isEnd, remaining));
            }
        }
    }

    /// <summary>Pairs starts with ends. An end without a start (nft puts one at address 0) means nothing; a start without an end reaches the last address.</summary>
    public static List<Interval> Intervals(IEnumerable<KernelElement> ofOneSet, DateTimeOffset now)
    {
        var result = new List<Interval>();
        KernelElement? open = null;
        foreach (var element in ofOneSet.OrderBy(element => element.Key).ThenByDescending(element => element.IsEnd))
        {
            if (open is { } start && element.Key != start.Key)
            {
                result.Add(new Interval(start.Key, element.Key.Previous, now + start.Remaining));
                open = null;
            }

            if (!element.IsEnd)
            {
                open = element;
            }
        }

        if (open is { } last)
        {
            var top = last.Set.IsIPv4 ? Address.FromIPv4(uint.MaxValue) : Address.Highest;
            result.Add(new Interval(last.Key, top, now + last.Remaining));
        }

        return result;
    }
}

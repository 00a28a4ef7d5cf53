using System.Globalization;
using Ringfence.Core.Events;

namespace Ringfence.Core.Blocks;

/// <summary>Addresses as firewalls and their files write them.</summary>
internal static class BlockText
{
    /// <summary>"203.0.113.5", "203.0.113.0/24", "203.0.113.0/255.255.255.0", "[2001:db8::]/32"; bits behind the prefix don't matter, as they don't to the kernel.</summary>
    /// <returns>null: it is none of these.</returns>
    public static Network? Parse(string text)
    {
        text = text.Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (Address.Parse(slash < 0 ? text : text[..slash]) is not { } address)
        {
            return null;
        }

        if (slash < 0)
        {
            return Network.Of(address);
        }

        var behind = text[(slash + 1)..];
        if (int.TryParse(behind, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            return length <= (address.IsIPv4 ? 32 : 128) ? new Network(address, length) : null;
        }

        // A mask of ones, then zeros.
        return address.IsIPv4 && Address.Parse(behind) is { IsIPv4: true } mask && BitsOf(mask) is { } ones ? new Network(address, ones) : null;
    }

    /// <returns>How many ones a mask begins with; null: it has holes.</returns>
    public static int? BitsOf(Address mask)
    {
        if (mask.IsIPv4)
        {
            var ones = System.Numerics.BitOperations.LeadingZeroCount(~mask.IPv4Bits);
            return mask.IPv4Bits == (ones == 0 ? 0 : uint.MaxValue << (32 - ones)) ? ones : null;
        }

        var high = System.Numerics.BitOperations.LeadingZeroCount(~mask.High);
        var low = System.Numerics.BitOperations.LeadingZeroCount(~mask.Low);
        var length = high == 64 ? 64 + low : high;
        return new Network(new Address(ulong.MaxValue, ulong.MaxValue), length).First == mask ? length : null;
    }
}

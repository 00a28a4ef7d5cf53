using System.Net;

namespace Ringfence.Core.Host.Filter;

/// <summary>Finds an address of the internet that no rule names.</summary>
internal static class Strangers
{
    // Of the regions' address blocks: RIPE, ARIN, APNIC, LACNIC, AFRINIC.
    private static readonly byte[] Blocks6 = [0x20, 0x24, 0x26, 0x28, 0x2A, 0x2C];

    /// <param name="named">Every address and network in the rules and sets.</param>
    /// <returns>null: all that were tried are named, as by a list of all countries.</returns>
    public static IPAddress? Find(bool isIPv6, IReadOnlyCollection<AddressRange> named)
    {
        var narrow = named.Where(range => range.IsIPv6 == isIPv6 && !range.IsWide).ToList();
        return Candidates(isIPv6).FirstOrDefault(candidate => !narrow.Exists(range => range.Contains(candidate)));
    }

    private static IEnumerable<IPAddress> Candidates(bool isIPv6)
    {
        if (isIPv6)
        {
            return from second in (byte[])[0x01, 0x07, 0x0F, 0x21]
                   from first in Blocks6
                   select new IPAddress((ReadOnlySpan<byte>)[first, second, 0x57, 0x13, 0x9D, 0x20, 0, 7, 0, 0, 0, 0, 0x61, 0x0B, 0x5A, 0x33]);
        }

        // None of a special purpose (RFC 6890): 10, 100, 127, 169, 172, 192, 198, 203 and what is above 223 are left out whole.
        return from second in (byte[])[57, 141, 219]
               from first in Enumerable.Range(1, 223).Where(static first => first is not (10 or 100 or 127 or 169 or 172 or 192 or 198 or 203))
               select new IPAddress((ReadOnlySpan<byte>)[(byte)first, second, 113, 91]);
    }
}

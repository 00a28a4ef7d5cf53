using System.Globalization;
using Ringfence.Core.Events;

namespace Ringfence.Core.Geo;

/// <summary>Which column of a list holds what; -1: none does.</summary>
/// <param name="Start">The first address, or the network where <paramref name="End"/> is -1.</param>
/// <param name="Geoname">MaxMind's number of a place.</param>
/// <param name="IsHeader">The line that says so is no data.</param>
internal sealed record GeoColumns(byte Separator, int Start, int End, int Country, int CountryName, int Asn, int Organisation, int Geoname, bool IsHeader)
{
    // More columns than any list has; a line of a million commas must not cost a million times a million.
    private const int MostColumns = 64;

    private static readonly string[] Continents = ["AF", "AN", "AS", "EU", "NA", "OC", "SA"];

    /// <param name="line">The first line that is no comment.</param>
    /// <exception cref="GeoFormatException">It has nothing that could be a network and whose it is.</exception>
    public static GeoColumns Of(ReadOnlySpan<byte> line)
    {
        var separator = line.IndexOf((byte)'\t') >= 0 ? (byte)'\t' : line.IndexOf((byte)',') >= 0 ? (byte)',' : (byte)';';
        if (line.Count(separator) >= MostColumns)
        {
            throw new GeoFormatException($"its first line has more than {MostColumns} columns: expected first address, last address, country, or network, country");
        }

        var fields = new CsvLine(line, separator);
        return ByHeader(fields, separator) ?? ByShape(fields, separator)
            ?? throw new GeoFormatException(line.TrimStart((byte)' ').StartsWith("<"u8)
                ? "is a web page: expected a list of networks and countries; the address of the download may have changed, or want a key"
                : "its first line is neither a header nor first address, last address, country, nor network, country");
    }

    /// <returns>A network, or a single address.</returns>
    public static Network? ParseNetwork(ReadOnlySpan<byte> text)
    {
        var slash = text.IndexOf((byte)'/');
        if (Address.Parse(slash < 0 ? text : text[..slash]) is not { } address)
        {
            return null;
        }

        if (slash < 0)
        {
            return Network.Of(address);
        }

        var isLength = int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var length);
        return isLength && length <= (address.IsIPv4 ? 32 : 128) && new Network(address, length) is var network && network.First == address ? network : null;
    }

    /// <returns>Two addresses of one family, in order; as numbers they are IPv4 up to 4294967295, and IPv6 where the last is more.</returns>
    public static (Address First, Address Last)? ParseAddress(ReadOnlySpan<byte> first, ReadOnlySpan<byte> last)
    {
        if (Address.Parse(first) is { } one)
        {
            return Address.Parse(last) is { } other && one.IsIPv4 == other.IsIPv4 && one.CompareTo(other) <= 0 ? (one, other) : null;
        }

        return UInt128.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            && UInt128.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var to) && from <= to
            ? to <= uint.MaxValue ? (Address.FromIPv4((uint)from), Address.FromIPv4((uint)to)) : (new Address(from), new Address(to))
            : null;
    }

    private static GeoColumns? ByHeader(CsvLine fields, byte separator)
    {
        var network = First(fields, "network", "cidr", "ip_range", "range");
        var start = First(fields, "start_ip", "ip_range_start", "range_start", "start", "ip_start", "ip_from", "first_ip", "network_start_ip");
        var end = First(fields, "end_ip", "ip_range_end", "range_end", "end", "ip_end", "ip_to", "last_ip", "network_last_ip");
        if (network < 0 && (start < 0 || end < 0))
        {
            return null;
        }

        // IPinfo has country (its name) and country_code, and older files country (its code) and country_name.
        var code = First(fields, "country_code", "country_iso_code", "iso_code", "cc");
        var country = First(fields, "country", "country_name");
        return new GeoColumns(
            separator,
            network >= 0 ? network : start,
            network >= 0 ? -1 : end,
            code >= 0 ? code : country,
            code >= 0 ? country : First(fields, "country_name"),
            First(fields, "asn", "autonomous_system_number", "as_number"),
            First(fields, "as_name", "autonomous_system_organization", "as_description", "organization", "as_org"),
            code < 0 && country < 0 ? First(fields, "geoname_id") : -1,
            IsHeader: true);
    }

    private static GeoColumns? ByShape(CsvLine fields, byte separator)
    {
        var isRange = ParseAddress(fields[0], fields[1]) is not null;
        if (!isRange && ParseNetwork(fields[0]) is null)
        {
            return null;
        }

        var at = isRange ? 2 : 1;
        var columns = new GeoColumns(separator, 0, isRange ? 1 : -1, -1, -1, -1, -1, -1, IsHeader: false);
        if (IsCode(fields[at]))
        {
            // DB-IP's list of cities: continent, country, region, city.
            if (fields.Count > at + 3 && IsCode(fields[at + 1]) && Array.IndexOf(Continents, System.Text.Encoding.ASCII.GetString(fields[at])) >= 0)
            {
                return columns with { Country = at + 1 };
            }

            return columns with { Country = at, CountryName = fields.Count > at + 1 ? at + 1 : -1 };
        }

        if (!uint.TryParse(fields[at], NumberStyles.None, CultureInfo.InvariantCulture, out _) && MmdbRecord.ParseAsn(fields[at]) == 0)
        {
            return null;
        }

        return IsCode(fields[at + 1]) && fields.Count > at + 2
            ? columns with { Asn = at, Country = at + 1, Organisation = at + 2 }
            : columns with { Asn = at, Organisation = fields.Count > at + 1 ? at + 1 : -1 };
    }

    // "-" and "None" where nobody has the addresses.
    private static bool IsCode(ReadOnlySpan<byte> text) => (text.Length == 2 && char.IsAsciiLetter((char)text[0])) || text.SequenceEqual("-"u8) || text.SequenceEqual("None"u8);

    private static int First(CsvLine fields, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (fields.IndexOf(System.Text.Encoding.ASCII.GetBytes(name)) is >= 0 and var index)
            {
                return index;
            }
        }

        return -1;
    }
}

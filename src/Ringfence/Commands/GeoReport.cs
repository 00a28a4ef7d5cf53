using System.Text.Json.Serialization;
using Ringfence.Api;
using Ringfence.Core.Events;

namespace Ringfence.Commands;

/// <summary>What databases say of addresses, or of countries; docs/json.md.</summary>
internal sealed record GeoReport(IReadOnlyList<GeoDatabaseReport> Databases, IReadOnlyList<GeoAddressReport>? Addresses, IReadOnlyList<CountryReport>? Countries);

internal sealed record GeoDatabaseReport(string Path, string Type, DateTimeOffset Built, bool IsOld, IReadOnlyList<string> Mistakes);

internal sealed record GeoAddressReport(
    string Address, string? Country, string? CountryName, string? Continent, string? City, uint? Asn, string? Organisation, Network? Network, bool IsLocal, IReadOnlyList<string> From);

internal sealed record CountryReport(
    string? Country,
    [property: JsonPropertyName("ipv4_networks")] int IPv4Networks,
    [property: JsonPropertyName("ipv4_addresses")] long IPv4Addresses,
    [property: JsonPropertyName("ipv6_networks")] int IPv6Networks,
    [property: JsonPropertyName("ipv6_sites")] ulong IPv6Sites);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(NetworkJson), typeof(UtcJson)])]
[JsonSerializable(typeof(GeoReport))]
internal sealed partial class GeoJson : JsonSerializerContext;

namespace Ringfence.Core.Geo;

/// <summary>Whom an address belongs to, as far as policies ask: one number to compare for a whole network.</summary>
/// <param name="Country">Where it is used; not known where the database does not say.</param>
/// <param name="Asn">The autonomous system that announces it; 0: not known (RFC 7607 keeps 0 free).</param>
internal readonly record struct GeoKey(CountryCode Country, uint Asn)
{
    public bool IsEmpty => this == default;

    /// <summary>What this one does not know, the other one says.</summary>
    public GeoKey Or(GeoKey other) => new(Country.IsKnown ? Country : other.Country, Asn != 0 ? Asn : other.Asn);
}

/// <summary>What databases say of an address, for people; empty where they say nothing.</summary>
internal sealed record GeoRecord
{
    public static readonly GeoRecord Empty = new();

    public CountryCode Country { get; init; }

    /// <summary>In English where the database has it.</summary>
    public string CountryName { get; init; } = "";

    /// <summary>Two letters: AF, AN, AS, EU, NA, OC, SA.</summary>
    public string Continent { get; init; } = "";

    public string City { get; init; } = "";

    public uint Asn { get; init; }

    public string Organisation { get; init; } = "";

    public GeoKey Key => new(Country, Asn);

    /// <summary>What this one does not know, the other one says.</summary>
    public GeoRecord Or(GeoRecord other) => this with
    {
        Country = Country.IsKnown ? Country : other.Country,
        // A name without its code would be that of another database's country.
        CountryName = CountryName.Length > 0 ? CountryName : !Country.IsKnown || Country == other.Country ? other.CountryName : "",
        Continent = Continent.Length > 0 ? Continent : other.Continent,
        City = City.Length > 0 ? City : !Country.IsKnown || Country == other.Country ? other.City : "",
        Asn = Asn != 0 ? Asn : other.Asn,
        Organisation = Organisation.Length > 0 ? Organisation : Asn == 0 || Asn == other.Asn ? other.Organisation : "",
    };
}

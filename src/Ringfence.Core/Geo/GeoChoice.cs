using Ringfence.Core.Events;

namespace Ringfence.Core.Geo;

/// <summary>What becomes of addresses whose country nobody knows.</summary>
internal enum UnknownCountry
{
    /// <summary>They are in no list: not taken where countries are named, taken where all but some are.</summary>
    AsListed,

    Allow,

    Deny,
}

/// <summary>Countries and network operators that somebody chose: these, or all but these.</summary>
internal sealed record GeoChoice
{
    public IReadOnlySet<CountryCode> Countries { get; init; } = new HashSet<CountryCode>();

    /// <summary>Numbers of autonomous systems, such as those of hosting networks.</summary>
    public IReadOnlySet<uint> Asns { get; init; } = new HashSet<uint>();

    /// <summary>All but those.</summary>
    public bool IsExcept { get; init; }

    public UnknownCountry Unknown { get; init; }

    /// <summary>Whoever is taken is shut out, and not let in: then <see cref="UnknownCountry.Deny"/> takes who is unknown.</summary>
    public bool Shuts { get; init; }

    /// <summary>Addresses that no country has, for they are everybody's own (RFC 6890, RFC 4193): not "unknown", which is what a database should know.</summary>
    /// <remarks>So neither "let in all but three countries, unknown = deny" nor "shut out all but one" keeps out the office behind the PBX.</remarks>
    public static IReadOnlyList<Network> Local { get; } =
    [
        .. new[] { "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "::1", "fc00::/7", "fe80::/10" }.Select(static text => Network.Parse(text)!.Value).Order(),
    ];

    public bool TakesLocal => !Shuts && (IsExcept || Unknown == UnknownCountry.Allow);

    /// <summary>Whether an address of which this is known is taken; the empty key: nothing is known.</summary>
    public bool Takes(GeoKey key)
    {
        if (Asns.Contains(key.Asn) || (key.Country.IsKnown && Countries.Contains(key.Country)))
        {
            return !IsExcept;
        }

        // Who names operators alone did not ask for countries.
        return key.Country.IsKnown || Countries.Count == 0 || Unknown == UnknownCountry.AsListed ? IsExcept : Unknown == (Shuts ? UnknownCountry.Deny : UnknownCountry.Allow);
    }

    public bool Takes(Address address, GeoTable table) => Local.Any(network => network.Contains(address)) ? TakesLocal : Takes(table.KeyOf(address));
}

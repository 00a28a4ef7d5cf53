using Ringfence.Core.Events;

namespace Ringfence.Core.Geo;

/// <summary>Several databases as one, for countries and operators come in files of their own: what the first does not know, the next one says.</summary>
internal sealed class GeoAtlas(IReadOnlyList<GeoDatabase> databases)
{
    public IReadOnlyList<GeoDatabase> Databases => databases;

    /// <exception cref="GeoFormatException">What a database holds of this address is damaged.</exception>
    public GeoKey KeyOf(Address address)
    {
        var key = default(GeoKey);
        for (var i = 0; i < databases.Count && (i == 0 || !key.Country.IsKnown || key.Asn == 0); i++)
        {
            key = key.Or(databases[i].KeyOf(address));
        }

        return key;
    }

    /// <exception cref="GeoFormatException">A database is damaged.</exception>
    public GeoTable ReadAll() => databases.Aggregate(GeoTable.Empty, static (table, database) => table.Or(database.ReadAll()));
}

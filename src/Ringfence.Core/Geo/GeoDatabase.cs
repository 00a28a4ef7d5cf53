using Ringfence.Core.Events;

namespace Ringfence.Core.Geo;

/// <summary>Which country, city and network operator addresses belong to, from one file.</summary>
internal abstract class GeoDatabase
{
    /// <summary>What it says of itself: "GeoLite2-Country", "CSV".</summary>
    public abstract string Type { get; }

    /// <summary>When it was made; null: it does not say.</summary>
    public abstract DateTimeOffset? Built { get; }

    /// <summary>Country and operator alone, without an allocation (bench: geo).</summary>
    /// <exception cref="GeoFormatException">What it holds of this address is damaged.</exception>
    public abstract GeoKey KeyOf(Address address);

    /// <summary>All it says of an address.</summary>
    /// <exception cref="GeoFormatException">What it holds of this address is damaged.</exception>
    public abstract GeoAnswer Find(Address address);

    /// <summary>Every address that something is known of.</summary>
    /// <exception cref="GeoFormatException">It is damaged.</exception>
    public abstract GeoTable ReadAll();
}

/// <summary>What one database says of an address.</summary>
/// <param name="Network">All addresses around it of which the same record is kept, or of which none is.</param>
/// <param name="Record">null: it does not know the address.</param>
internal readonly record struct GeoAnswer(Network Network, GeoRecord? Record);

namespace Ringfence.Core.Configuration;

/// <summary>What is read from the wire.</summary>
internal sealed record WireSettings
{
    /// <summary>Every interface of the machine, also those that come later.</summary>
    public bool IsAll { get; init; }

    /// <summary>Names of interfaces; empty where <see cref="IsAll"/>.</summary>
    public IReadOnlyList<string> Interfaces { get; init; } = [];

    /// <summary>Where SIP is spoken in clear; empty: where the PBX's transports say.</summary>
    public IReadOnlyList<ushort> Ports { get; init; } = [];

    /// <summary>Where it is spoken in TLS; empty: where the PBX's transports say.</summary>
    public IReadOnlyList<ushort> TlsPorts { get; init; } = [];

    /// <summary>Addresses of the PBX whose packets the interfaces show a copy of (a switch's mirror port); empty: they are this machine's own.</summary>
    public IReadOnlyList<Events.Address> Mirrored { get; init; } = [];

    public bool IsUsed => IsAll || Interfaces.Count > 0;
}

using Ringfence.Core.Knock;

namespace Ringfence.Core.Configuration;

/// <summary>Users who open a door for the address that they are at.</summary>
internal sealed record RoamingSettings
{
    /// <summary>The UDP port that knocks are sent to. It stays closed: they are read from a copy of the packets.</summary>
    /// <value>62201 if unset.</value>
    public ushort Port { get; init; } = 62_201;

    /// <summary>How far a sender's clock may be from ours, and for how long a knock is remembered.</summary>
    /// <value>10 seconds to 10 minutes; 1 minute if unset.</value>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a door stays open.</summary>
    /// <value>10 minutes to 30 days; 8 hours if unset.</value>
    public TimeSpan Open { get; init; } = TimeSpan.FromHours(8);

    /// <summary>Who may knock; none: nobody listens.</summary>
    public IReadOnlyList<KnockUser> Users { get; init; } = [];

    /// <summary>The page behind login.</summary>
    public PageSettings Page { get; init; } = new();

    /// <summary>How long ports in order open; null: as long as a knock.</summary>
    public TimeSpan? SequenceOpen { get; init; }

    public TimeSpan SequenceStep { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Empty: nobody knocks so.</summary>
    public IReadOnlyList<Perimeter.PortRange> SequencePorts { get; init; } = [];

    public KnockSequence? Sequence => SequencePorts.Count == 0 ? null : new KnockSequence(SequencePorts, SequenceOpen ?? Open, SequenceStep);

    public bool IsUsed => Users.Count > 0 || SequencePorts.Count > 0;
}

/// <summary>The page at which a user opens the door with a password: [page].</summary>
internal sealed record PageSettings
{
    /// <summary>null: there is no page.</summary>
    public System.Net.IPEndPoint? Listen { get; init; }

    /// <summary>A PEM file with the certificate and those above it; null: a proxy speaks TLS.</summary>
    public string? Certificate { get; init; }

    public string? CertificateKey { get; init; }

    /// <summary>Who alone may ask, and whose X-Forwarded-For is believed; null: everybody asks for himself.</summary>
    public Events.Address? Proxy { get; init; }
}

/// <summary>One who may knock.</summary>
/// <param name="Key">null: he does not knock.</param>
/// <param name="Password">null: the page does not know him.</param>
internal sealed record KnockUser(string Name, KnockKey? Key, PagePassword? Password = null);

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

    public bool IsUsed => Users.Count > 0;
}

/// <summary>One who may knock.</summary>
/// <param name="Key">null: the section has none yet.</param>
internal sealed record KnockUser(string Name, KnockKey? Key);

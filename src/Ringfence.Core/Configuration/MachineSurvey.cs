using Ringfence.Core.Events;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Configuration;

/// <summary>What `ringfence init` found on the machine.</summary>
internal sealed record MachineSurvey
{
    public required string AsteriskDirectory { get; init; }

    /// <summary>"22.10.1"; null if no Asterisk answered.</summary>
    public string? AsteriskVersion { get; init; }

    /// <summary>There is an Asterisk configuration to read.</summary>
    public required bool HasAsterisk { get; init; }

    public required LogPlan Logs { get; init; }

    public required TrunkReading Trunks { get; init; }

    /// <summary>Whether Asterisk tells of every SIP message; null: nobody looked.</summary>
    public HepConf? Hep { get; init; }

    /// <summary>Where Asterisk is asked for its phones.</summary>
    public ControlSocket? Control { get; init; }

    /// <summary>What manager.conf says of the guard's user; null: there is no manager.conf.</summary>
    public ManagerAccount? Manager { get; init; }

    /// <summary>Where its trunks are, as far as the machine says; null: it does not.</summary>
    public SiteCountry? Country { get; init; }

    /// <summary>The machine's own addresses and the networks of their interfaces, without loopback and link-local.</summary>
    public IReadOnlyList<(string Interface, Address Address, Network Network)> Own { get; init; } = [];

    /// <summary>From where somebody is logged in by ssh now.</summary>
    public IReadOnlyList<Address> SshPeers { get; init; } = [];

    /// <summary>Where phones are registered from now, each with the reason of its trust; null: Asterisk could not be asked.</summary>
    public IReadOnlyList<(Address Address, string Reason)>? Phones { get; init; }

    /// <summary>What programs listen on.</summary>
    public IReadOnlyList<Host.ListeningSocket> Listening { get; init; } = [];

    /// <summary>Where the PBX and sshd listen, by their files.</summary>
    public Perimeter.MachinePorts Ports { get; init; } = Core.Perimeter.MachinePorts.Usual;

    /// <summary>First line of `nft --version`; null if there is no nft.</summary>
    public string? Nft { get; init; }

    /// <summary>fail2ban's jails for Asterisk that are on.</summary>
    public IReadOnlyList<string> Fail2banJails { get; init; } = [];

    /// <summary>The administrator has set up jails: jail.local, or a file of his own in jail.d.</summary>
    public bool HasFail2banFiles { get; init; }

    /// <summary>Other doors whose logs are there: sshd, FreePBX's pages.</summary>
    public IReadOnlyList<DoorSettings> Doors { get; init; } = [];

    /// <summary>What fail2ban's configuration becomes; null: it was not asked for.</summary>
    public Fail2ban.Fail2banTakeover? Fail2ban { get; init; }
}

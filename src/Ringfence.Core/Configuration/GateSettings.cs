using System.Net;
using Ringfence.Core.Events;
using Ringfence.Core.Gate;

namespace Ringfence.Core.Configuration;

/// <summary>What becomes of a call about which nobody answers.</summary>
internal enum GateFail
{
    /// <summary>Those in the site's country leave, but those that cost much do not, and none to other countries.</summary>
    Domestic,

    /// <summary>All leave.</summary>
    Open,

    /// <summary>None leaves but to emergency numbers.</summary>
    Closed,
}

/// <summary>Whether calls are asked about before they leave: [gate].</summary>
internal sealed record GateSettings
{
    public const int DefaultPort = 4573;

    /// <summary>null: there is no gate.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>Who may ask besides this machine.</summary>
    public IReadOnlyList<Network> Allow { get; init; } = [];

    public GateFail Fail { get; init; }

    /// <summary>How long the dialplan waits for an answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    public GatePin Pins { get; init; }

    public string PinFile { get; init; } = "/var/lib/ringfence/pins";

    /// <summary>What asks for it; a sound of Asterisk's, without its ending.</summary>
    public string PinPrompt { get; init; } = "agent-pass";

    /// <summary>What a caller hears whose call does not leave; "": nothing, his phone tells him.</summary>
    public string Announce { get; init; } = "";

    /// <summary>Numbers that always pass, besides the country's emergency numbers.</summary>
    public IReadOnlyList<string> Emergency { get; init; } = [];
}

using System.Security.Cryptography;
using System.Text;
using Ringfence.Core.Outer;

namespace Ringfence.Core.Configuration;

/// <summary>A firewall outside this machine that is told of bans: [outer NAME].</summary>
internal sealed record OuterSettings
{
    public required string Name { get; init; }

    /// <summary>null: <see cref="All"/> is told at each change.</summary>
    public OuterAction? Ban { get; init; }

    public OuterAction? Unban { get; init; }

    /// <summary>Replaces what the device has by the whole list; null: it can't be told so.</summary>
    public OuterAction? All { get; init; }

    /// <summary>Asks for the device's own names of an entry; null: unban needs none.</summary>
    public OuterAction? Find { get; init; }

    /// <summary>Where in the answer to <see cref="Find"/> those names are, members apart by slashes.</summary>
    public string Id { get; init; } = "id";

    /// <summary>How one ban is written in a list.</summary>
    public string Item { get; init; } = "\"<network>\"";

    /// <summary>Words of a refusal which say that it is as it should be already.</summary>
    public IReadOnlyList<string> Already { get; init; } = [];

    /// <summary>"Name: value"; never shown.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    public string? CaFile { get; init; }

    /// <summary>null: an hour where <see cref="All"/> is given, else never.</summary>
    public TimeSpan? Every { get; init; }

    public int Most { get; init; } = 5000;

    /// <summary>Calls a second.</summary>
    public int Rate { get; init; } = 10;

    /// <summary>Of a ban that is longer, or has no end, the device is told in pieces of this.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromDays(30);

    /// <summary>4 or 6; null: both.</summary>
    public int? Family { get; init; }

    public TimeSpan? Again => Every ?? (All is null ? null : TimeSpan.FromHours(1));

    public bool EndsAlone => Ban is not null && OuterTemplate.Ends(Ban.Text);

    /// <summary>For people, without what may be a secret.</summary>
    public string Where => (Ban ?? All) switch
    {
        OuterProgram command => command.Words[0],
        OuterRequest request => request.Server.Authority,
        _ => "nowhere",
    };

    /// <summary>Another one is another device, or one that is told in another way.</summary>
    public string Target => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Ban?.Text}\n{Unban?.Text}\n{All?.Text}")))[..16];
}

/// <summary>The list that other firewalls fetch: [list].</summary>
internal sealed record BanListSettings
{
    /// <summary>null: nobody is served.</summary>
    public System.Net.IPEndPoint? Listen { get; init; }

    public string? Token { get; init; }

    /// <summary>Who may fetch it; empty: whoever has the token.</summary>
    public IReadOnlyList<Events.Network> Allow { get; init; } = [];
}

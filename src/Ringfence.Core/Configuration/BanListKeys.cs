using System.Net;
using Ringfence.Core.Events;

namespace Ringfence.Core.Configuration;

/// <summary>The keys of [list].</summary>
internal static class BanListKeys
{
    public const string Section = "list";

    public const string Meaning = "A list of bans that other firewalls fetch (pfSense, OPNsense and whatever else polls a URL): /TOKEN/bans.txt, /TOKEN/bans.json; docs/outer.md. Nobody is served unless listen is given.";

    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new()
        {
            Section = Section, Name = "listen", Type = "ADDRESS:PORT", Default = "nobody is served", IsUnset = true, Example = "127.0.0.1:8099",
            Meaning = "Where it is served, over HTTP without TLS: give an address of an inner network, and close the port to all others. On an address that is not loopback token or allow is needed.",
            Set = ConfigKeys.One(static (config, value) => IPEndPoint.TryParse(value, out var listen) && listen.Port > 0 && value.Contains(listen.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
                ? ConfigKeys.Ok(config with { BanList = config.BanList with { Listen = listen } })
                : ConfigKeys.Expect("an address and a port such as 192.0.2.1:8099 or [2001:db8::1]:8099")),
        },
        new()
        {
            Section = Section, Name = "token", Type = "16 to 100 letters, digits, - and _", Default = "none", IsUnset = true, Example = "test-token-0123456789", IsSecret = true,
            Meaning = "Who fetches it must know it: the first part of the path, or `Authorization: Bearer TOKEN` with /bans.txt.",
            Set = ConfigKeys.One(static (config, value) => value.Length is >= 16 and <= 100 && value.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
                ? ConfigKeys.Ok(config with { BanList = config.BanList with { Token = value } })
                : ConfigKeys.Expect("16 to 100 letters, digits, - and _")),
        },
        new()
        {
            Section = Section, Name = "allow", Type = "address or network", Default = "whoever has the token", IsUnset = true, Example = "192.0.2.0/28", IsList = true,
            Meaning = "Who may fetch it; nobody else is heard.",
            Set = ConfigKeys.Each(static value => Network.Parse(value) is null ? "an address or a network such as 192.0.2.0/28" : null,
                static (config, values) => config with { BanList = config.BanList with { Allow = [.. values.Select(static value => Network.Parse(value)!.Value)] } }),
        },
    ];
}

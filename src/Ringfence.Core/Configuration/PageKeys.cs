using System.Net;
using Ringfence.Core.Events;

namespace Ringfence.Core.Configuration;

/// <summary>The keys of [page].</summary>
internal static class PageKeys
{
    public const string Section = "page";

    public const string Meaning = "A page at which a user opens the door for the address that his browser comes from, with a password (`ringfence knock --password NAME`). There is none unless listen is given; docs/perimeter.md.";

    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new()
        {
            Section = Section, Name = "listen", Type = "ADDRESS:PORT", Default = "there is no page", IsUnset = true, Example = "0.0.0.0:8443",
            Meaning = "Where it is served: over TLS with certificate, or to the proxy alone. With a policy the port needs a section such as [service page] with ports = 8443/tcp and open = world.",
            Set = ConfigKeys.One(static (config, value) => IPEndPoint.TryParse(value, out var listen) && listen.Port > 0
                ? With(config, page => page with { Listen = listen })
                : ConfigKeys.Expect("an address and a port such as 0.0.0.0:8443 or [::]:8443")),
        },
        new()
        {
            Section = Section, Name = "certificate", Type = "path", Default = "a proxy speaks TLS", IsUnset = true, Example = "/etc/letsencrypt/live/pbx.example.com/fullchain.pem",
            Meaning = "A PEM file with the certificate and those between it and the authority. It is read anew when it changes.",
            Set = ConfigKeys.One(static (config, value) => value.StartsWith('/') ? With(config, page => page with { Certificate = value }) : ConfigKeys.Expect("an absolute path, beginning with /")),
        },
        new()
        {
            Section = Section, Name = "certificate_key", Type = "path", Default = "in the file of certificate", IsUnset = true, Example = "/etc/letsencrypt/live/pbx.example.com/privkey.pem",
            Meaning = "A PEM file with its key, without a password.",
            Set = ConfigKeys.One(static (config, value) => value.StartsWith('/') ? With(config, page => page with { CertificateKey = value }) : ConfigKeys.Expect("an absolute path, beginning with /")),
        },
        new()
        {
            Section = Section, Name = "proxy", Type = "address", Default = "none", IsUnset = true, Example = "127.0.0.1",
            Meaning = "A web server before it: nobody else may ask, and whose address it puts last into X-Forwarded-For is who asked. It has to set that header itself.",
            Set = ConfigKeys.One(static (config, value) => Address.Parse(value) is { } proxy ? With(config, page => page with { Proxy = proxy }) : ConfigKeys.Expect("an address such as 127.0.0.1 or 2001:db8::1")),
        },
    ];

    /// <param name="add">Takes section, key and the words of a mistake.</param>
    public static void CheckTogether(RoamingSettings roaming, Action<string, string, string> add)
    {
        var page = roaming.Page;
        if (page is { Listen: not null, Certificate: null, Proxy: null })
        {
            add(Section, "listen", "listen is given, and neither certificate nor proxy: expected one of them, for passwords never go over the net in clear");
        }

        if (page is { CertificateKey: not null, Certificate: null })
        {
            add(Section, "certificate_key", "certificate_key is given without certificate: expected both");
        }

        if (page.Listen is not null && !roaming.Users.Any(static user => user.Password is not null))
        {
            add(Section, "listen", "listen is given, and nobody has a password: expected a section [knock NAME] with password = what `ringfence knock --password NAME` prints");
        }
    }

    private static ConfigKeys.Reading With(RingfenceConfig config, Func<PageSettings, PageSettings> change) =>
        ConfigKeys.Ok(config with { Roaming = config.Roaming with { Page = change(config.Roaming.Page) } });
}

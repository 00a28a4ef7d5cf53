using System.Net;

namespace Ringfence.Core.Pbx;

/// <summary>Asterisk's own web server as http.conf sets it up.</summary>
/// <param name="Address">Where it listens in clear; null: nowhere, or written in a way that is not read here.</param>
/// <remarks>main/http.c, __ast_http_load. Measured on 22.10.1: without a bindaddr it does not listen at all.</remarks>
internal sealed record HttpInterface(IPAddress? Address, Place Place, ConfigSection? General)
{
    /// <summary>Other machines can connect, in clear.</summary>
    public bool IsOnNetwork => Address is not null && !IPAddress.IsLoopback(Address);

    public static HttpInterface Read(PbxSnapshot pbx)
    {
        var general = pbx.Config("http.conf").First("general");
        var bound = general?.Find("bindaddr");
        var isEnabled = AsteriskBool.IsTrue(general?["enabled"]);
        return new HttpInterface(isEnabled && bound is not null && IPAddress.TryParse(bound.Value, out var address) ? address : null, bound?.Place ?? new Place("http.conf", 0), general);
    }

    /// <summary>A path of it lets in only some addresses: [ari] type = restriction with an acl, deny or permit.</summary>
    public static bool IsRestricted(PbxSnapshot pbx, string path) => pbx.Config("http.conf").Sections.Any(section =>
        string.Equals(section["type"], "restriction", StringComparison.OrdinalIgnoreCase)
        && (path.StartsWith(section.Name.Trim('/'), StringComparison.Ordinal) || section.Name.Trim('/').EndsWith(path, StringComparison.Ordinal))
        && section.Settings.Any(static setting => setting.Name.ToLowerInvariant() is "acl" or "deny"));

    public static IEnumerable<ConfigSection> AriUsers(PbxSnapshot pbx)
    {
        var config = pbx.Config("ari.conf");
        return AsteriskBool.Parse(config.Named("general").Select(static section => section["enabled"]).LastOrDefault()) is false
            ? []
            : config.Sections.Where(static section => string.Equals(section["type"], "user", StringComparison.OrdinalIgnoreCase) && !string.IsNullOrEmpty(section["password"]));
    }
}

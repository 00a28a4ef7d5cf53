using System.Net;

namespace Ringfence.Core.Pbx;

/// <summary>The guard's own user of the manager interface: what manager.conf says of it, or where it may be written.</summary>
/// <param name="File">Where a new user belongs: FreePBX writes manager.conf anew and leaves manager_custom.conf alone.</param>
/// <param name="IsEnabled">enabled = yes in [general].</param>
/// <param name="Address">Where the guard finds it.</param>
internal sealed record ManagerAccount(string File, bool IsEnabled, IPEndPoint Address)
{
    public const string Name = "ringfence";

    /// <summary>There is a section of that name.</summary>
    public bool Exists { get; init; }

    /// <summary>Its secret, or the one that it may get; never shown.</summary>
    public string? Secret { get; init; }

    /// <summary>It may hear security events.</summary>
    public bool HearsSecurity { get; init; }

    /// <summary>It may hear of calls and end them: the toll-fraud brake.</summary>
    public bool MayBrake { get; init; }

    /// <param name="directory">Asterisk's configuration directory.</param>
    /// <returns>null: there is no manager.conf.</returns>
    public static ManagerAccount? Read(string directory, IConfigFiles files)
    {
        var config = AsteriskConfig.Read("manager.conf", directory, files);
        if (!config.Exists)
        {
            return null;
        }

        string? General(string key) => config.Named("general").Select(section => section[key]).LastOrDefault(value => !string.IsNullOrEmpty(value));
        var own = config.Named(Name).LastOrDefault();
        var custom = $"{directory.TrimEnd('/')}/manager_custom.conf";
        var isOwnAddress = IPAddress.TryParse(General("bindaddr"), out var bound) && !bound.Equals(IPAddress.Any) && !bound.Equals(IPAddress.IPv6Any);
        return new ManagerAccount(
            files.Read(custom) is not null && config.Files.Any(file => file.Name.EndsWith("manager_custom.conf", StringComparison.Ordinal)) ? custom : $"{directory.TrimEnd('/')}/manager.conf",
            AsteriskBool.IsTrue(General("enabled")),
            new IPEndPoint(isOwnAddress ? bound! : IPAddress.Loopback, int.TryParse(General("port"), out var port) && port is > 0 and < 65_536 ? port : 5038))
        {
            Exists = own is not null,
            Secret = own?["secret"],
            HearsSecurity = Has(own?["read"], "security"),
            MayBrake = Has(own?["read"], "call") && Has(own?["write"], "call"),
        };
    }

    private static bool Has(string? rights, string wanted) => rights?.Split(',', StringSplitOptions.TrimEntries).Any(right => right == wanted || right == "all") ?? false;

    /// <summary>The section for manager.conf: it may hear security events and calls, and end calls. It can't originate one, nor run anything.</summary>
    /// <remarks>
    /// Callers write their numbers, line ends included, into the events of the class call: the session that is told security events asks for that class alone, and the brake's is another.
    /// </remarks>
    public static IReadOnlyList<string> Section(string secret, IPAddress from) =>
    [
        $"[{Name}]",
        $"secret = {secret}",
        "deny = 0.0.0.0/0.0.0.0",
        "deny = ::/0",
        $"permit = {from}/{(from.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? "255.255.255.255" : "128")}",
        "read = security,call",
        "write = call",
    ];
}

using System.Net;

namespace Ringfence.Core.Pbx;

/// <summary>The manager interface (AMI) as manager.conf sets it up.</summary>
/// <param name="Address">Where it listens; [::], which takes IPv4 as well, where the file doesn't say; null: written in a way that is not read here.</param>
/// <param name="Place">The line that says so, or the one that enables it.</param>
/// <param name="IsTls">It listens for TLS too. The port without TLS stays open beside it.</param>
/// <remarks>main/manager.c, __init_manager.</remarks>
internal sealed record ManagerInterface(bool IsEnabled, IPAddress? Address, Place Place, bool IsTls, ConfigSection? General, IReadOnlyList<ManagerUser> Users)
{
    /// <summary>Other machines can connect.</summary>
    public bool IsOnNetwork => IsEnabled && Address is not null && !IPAddress.IsLoopback(Address);

    public bool TakesIPv6 => IsOnNetwork && Address!.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;

    /// <summary>Only this machine's programs can log in as this user.</summary>
    public bool IsLocal(ManagerUser user) =>
        user.Access is { IsLoopbackOnly: true } access && (!TakesIPv6 || !access.AllowsStrangers(System.Net.Sockets.AddressFamily.InterNetworkV6));

    public static ManagerInterface Read(PbxSnapshot pbx)
    {
        var config = pbx.Config("manager.conf");
        var general = config.First("general");
        ConfigSetting? General(string name) => general?.Find(name);
        var bound = General("bindaddr");
        return new ManagerInterface(
            AsteriskBool.IsTrue(General("enabled")?.Value),
            bound is null ? IPAddress.IPv6Any : IPAddress.TryParse(bound.Value, out var address) ? address : null,
            (bound ?? General("enabled"))?.Place ?? new Place("manager.conf", 0),
            AsteriskBool.IsTrue((General("tlsenable") ?? General("sslenable"))?.Value),
            general,
            [.. config.Sections.Where(static section => !section.Name.Equals("general", StringComparison.OrdinalIgnoreCase))
                .Select(section => new ManagerUser(section, AccessList.Read(section, pbx)))]);
    }
}

/// <param name="Access">null: can't be told.</param>
internal sealed record ManagerUser(ConfigSection Section, AccessList? Access)
{
    public string Subject => $"manager user {Shown.Text(Section.Name)}";

    /// <summary>Without a secret nobody logs in (measured on 22.10.1).</summary>
    public bool HasSecret => !string.IsNullOrEmpty(Section["secret"]);

    /// <summary>It may do what the class of that name allows.</summary>
    /// <param name="direction">"read" or "write".</param>
    public bool Has(string direction, string right) =>
        Section[direction]?.Split(',', StringSplitOptions.TrimEntries).Any(given => given.Equals(right, StringComparison.OrdinalIgnoreCase) || given.Equals("all", StringComparison.OrdinalIgnoreCase)) ?? false;

    /// <summary>Whoever has its password runs programs as Asterisk's user.</summary>
    /// <returns>By which classes of write; null: not by these.</returns>
    /// <remarks>
    /// Measured on 22.10.1: command adds an extension that calls System; config writes one into extensions.conf and reloads it; originate starts System only with the class system beside it, else
    /// "Originate Access Forbidden".
    /// </remarks>
    public string? ShellBy => (Has("write", "command"), Has("write", "config"), Has("write", "originate") && Has("write", "system")) switch
    {
        (true, _, _) => "command",
        (_, true, _) => "config",
        (_, _, true) => "originate together with system",
        _ => null,
    };
}

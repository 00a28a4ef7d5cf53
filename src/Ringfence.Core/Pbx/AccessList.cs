using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Ringfence.Core.Pbx;

/// <summary>Who may come in by the deny, permit and acl of a section of manager.conf, ari.conf or http.conf.</summary>
/// <remarks>
/// main/acl.c: each address begins as allowed, the last entry that covers it counts, entries of the other family don't apply to it, and each named list must allow it too.
/// Measured on 22.10.1: a name that acl.conf lacks refuses everybody, and one where there is no acl.conf at all refuses nobody.
/// </remarks>
internal sealed class AccessList
{
    // One list of acl.conf serves a thousand users: it is read once, and asked once.
    private static readonly ConditionalWeakTable<ConfigSection, Rules> OfSections = new();

    private readonly IReadOnlyList<Rules> _lists;

    private AccessList(IReadOnlyList<Rules> lists) => _lists = lists;

    private readonly record struct Entry(bool IsPermit, IPNetwork Network)
    {
        public bool IsLoopback => IPAddress.IsLoopback(Network.BaseAddress) && Network.PrefixLength >= 8;
    }

    // Entries: null where one could not be read.
    private sealed class Rules(List<Entry>? entries)
    {
        public bool IsWhole { get; } = entries is not null;

        public bool AllowsIPv4 { get; } = Allows(entries, AddressFamily.InterNetwork);

        public bool AllowsIPv6 { get; } = Allows(entries, AddressFamily.InterNetworkV6);

        public bool IsLoopbackOnly { get; } = entries is not null
            && entries.TrueForAll(static entry => !entry.IsPermit || entry.IsLoopback) && entries.Exists(static entry => !entry.IsPermit && entry.Network.PrefixLength == 0);

        private static bool Allows(List<Entry>? entries, AddressFamily family) => entries is null
            || entries.FindLastIndex(entry => entry.Network.BaseAddress.AddressFamily == family && entry.Network.PrefixLength == 0) is var last && (last < 0 || entries[last].IsPermit);
    }

    /// <returns>null: something in it can't be read here (a host's name, a list in a database), so nothing may be concluded.</returns>
    public static AccessList? Read(ConfigSection section, PbxSnapshot pbx)
    {
        List<Entry> own = [];
        List<Rules> named = [];
        foreach (var setting in section.Settings)
        {
            switch (setting.Name.ToLowerInvariant())
            {
                case "deny" or "permit" when !Append(own, setting):
                    return null;
                case "acl":
                    foreach (var name in setting.Value.Split(',', StringSplitOptions.TrimEntries))
                    {
                        if (ReadNamed(name, pbx) is not { IsWhole: true } list)
                        {
                            return null;
                        }

                        named.Add(list);
                    }

                    break;
                default:
                    break;
            }
        }

        return new AccessList([new Rules(own), .. named]);
    }

    /// <summary>Names of acl in that section which acl.conf does not have, and no database could.</summary>
    public static IEnumerable<(ConfigSetting Setting, string Name)> Missing(ConfigSection section, PbxSnapshot pbx) =>
        from setting in section.All("acl")
        where !IsElsewhere(pbx)
        from name in setting.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        where pbx.Config("acl.conf").First(name) is null
        select (setting, name);

    /// <summary>An address that nobody wrote down comes in.</summary>
    public bool AllowsStrangers(AddressFamily family) => _lists.All(list => family == AddressFamily.InterNetwork ? list.AllowsIPv4 : list.AllowsIPv6);

    /// <summary>Nobody from another machine comes in over IPv4.</summary>
    public bool IsLoopbackOnly => !AllowsStrangers(AddressFamily.InterNetwork) && _lists.Any(static list => list.IsLoopbackOnly);

    // Lists in a database, or in a file that is there and was not read whole.
    private static bool IsElsewhere(PbxSnapshot pbx) => pbx.Config("extconfig.conf").Named("settings").Any(static section => section["acls"] is not null)
        || pbx.Config("acl.conf").Problems.Count > 0 || (!pbx.Config("acl.conf").Exists && pbx.Files.Match($"{pbx.Directory}/acl.conf").Count > 0);

    private static Rules? ReadNamed(string name, PbxSnapshot pbx)
    {
        if (!pbx.Config("acl.conf").Exists)
        {
            return IsElsewhere(pbx) ? null : new Rules([]);
        }

        var section = pbx.Config("acl.conf").First(name);
        if (section is null)
        {
            return IsElsewhere(pbx) ? null : new Rules([new Entry(false, new IPNetwork(IPAddress.Any, 0)), new Entry(false, new IPNetwork(IPAddress.IPv6Any, 0))]);
        }

        return OfSections.GetValue(section, static section =>
        {
            List<Entry> list = [];
            return new Rules(section.Settings.Where(static setting => setting.Name.ToLowerInvariant() is "deny" or "permit").All(setting => Append(list, setting)) ? list : null);
        });
    }

    private static bool Append(List<Entry> list, ConfigSetting setting)
    {
        var isPermit = setting.Name.Equals("permit", StringComparison.OrdinalIgnoreCase);
        foreach (var part in setting.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var isTurned = part.StartsWith('!');
            if (Network(isTurned ? part[1..].Trim() : part) is not { } network)
            {
                return false;
            }

            list.Add(new Entry(isPermit != isTurned, network));
        }

        return true;
    }

    /// <returns>null: not a network, or one of those halves of everything (0.0.0.0/1) that together are all again.</returns>
    private static IPNetwork? Network(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address))
        {
            return null;
        }

        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var length = slash < 0 ? bits : Length(text[(slash + 1)..]);
        return length is { } known && known <= bits && (known == 0 || known >= 8) ? new IPNetwork(Masked(address, known), known) : null;
    }

    private static int? Length(string mask)
    {
        if (int.TryParse(mask, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            return length;
        }

        if (!IPAddress.TryParse(mask, out var dotted))
        {
            return null;
        }

        var ones = dotted.GetAddressBytes().SelectMany(static part => Enumerable.Range(0, 8).Select(bit => (part >> (7 - bit)) & 1)).ToList();
        var count = ones.TakeWhile(static bit => bit == 1).Count();
        return ones.Skip(count).All(static bit => bit == 0) ? count : null;
    }

    private static IPAddress Masked(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var at = 0; at < bytes.Length; at++)
        {
            bytes[at] &= (byte)(0xFF00 >> Math.Clamp(length - (at * 8), 0, 8));
        }

        return new IPAddress(bytes);
    }
}

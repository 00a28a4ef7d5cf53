using Ringfence.Core.Events;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Blocks;

/// <summary>Asterisk's own access lists that refuse an address: of all SIP (type=acl in pjsip.conf), and of single accounts.</summary>
/// <remarks>
/// main/acl.c: of the rules of a list the last one that holds the address decides, and none allows; of several lists each must allow. A name that acl.conf does not have
/// refuses nobody (Asterisk 22, measured: it fails open). They are told and never changed: who may call from where is the operator's word.
/// </remarks>
internal static class AccessLists
{
    private const int MostNamed = 5;

    /// <param name="directory">Asterisk's configuration directory.</param>
    public static IReadOnlyList<Block> Read(string directory, IConfigFiles files, Network subject)
    {
        var pjsip = AsteriskConfig.Read("pjsip.conf", directory, files);
        var named = AsteriskConfig.Read("acl.conf", directory, files);
        var blocks = new List<Block>();
        var accounts = new Dictionary<ConfigSetting, List<string>>();
        foreach (var section in pjsip.Sections)
        {
            var isAll = Is(section["type"], "acl");
            if ((!isAll && !Is(section["type"], "endpoint")) || Refusing(section, named, subject) is not { } refusing)
            {
                continue;
            }

            if (isAll)
            {
                blocks.Add(Of(BlockKind.Acl, refusing, subject, "all SIP from there is answered with 403, and no security event tells of it"));
            }
            else if (accounts.TryGetValue(refusing, out var others))
            {
                others.Add(section.Name);
            }
            else
            {
                accounts[refusing] = [section.Name];
            }
        }

        blocks.AddRange(accounts.Select(list => Of(BlockKind.AccountAcl, list.Key, subject, $"for {Words(list.Value)} alone") with { Accounts = list.Value }));
        return blocks;
    }

    private static Block Of(BlockKind kind, ConfigSetting refusing, Network subject, string why)
    {
        var place = $"{refusing.Place}";
        return new Block(kind, $"Asterisk, {Shown.Text(place)}", NetworksOf(refusing.Value).Select(rule => (Network?)rule.Network).FirstOrDefault(network => network!.Value.Contains(subject)) ?? subject, null, why, [place]);
    }

    private static string Words(List<string> accounts)
    {
        var shown = string.Join(", ", accounts.Take(MostNamed).Select(account => Shown.Text(account)));
        return $"{(accounts.Count == 1 ? "account" : "accounts")} {shown}{(accounts.Count > MostNamed ? $" and {accounts.Count - MostNamed} more" : "")}";
    }

    private static ConfigSetting? Refusing(ConfigSection section, AsteriskConfig named, Network subject) =>
        section.All("acl").SelectMany(setting => setting.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .SelectMany(name => named.Named(name).TakeLast(1)).Append(section).Select(list => Last(list, subject)).FirstOrDefault(refusing => refusing is not null);

    // The rule that decides, if it refuses.
    private static ConfigSetting? Last(ConfigSection list, Network subject)
    {
        ConfigSetting? refusing = null;
        foreach (var setting in list.Settings)
        {
            if (!Is(setting.Name, "deny") && !Is(setting.Name, "permit"))
            {
                continue;
            }

            foreach (var (network, isNegated) in NetworksOf(setting.Value))
            {
                if (network.Contains(subject))
                {
                    refusing = Is(setting.Name, "deny") != isNegated ? setting : null;
                }
            }
        }

        return refusing;
    }

    private static IEnumerable<(Network Network, bool IsNegated)> NetworksOf(string value)
    {
        foreach (var one in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var isNegated = one.StartsWith('!');
            if (BlockText.Parse(isNegated ? one[1..] : one) is { } network)
            {
                yield return (network, isNegated);
            }
        }
    }

    private static bool Is(string? value, string wanted) => string.Equals(value, wanted, StringComparison.OrdinalIgnoreCase);
}

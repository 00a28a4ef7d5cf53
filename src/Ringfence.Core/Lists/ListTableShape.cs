using System.Text;
using Ringfence.Core.Firewall;

namespace Ringfence.Core.Lists;

/// <summary>What the kernel has of the table of blocklists: names of sets, counters, rules; not the elements.</summary>
internal sealed class ListTableShape
{
    /// <summary>What it is made of.</summary>
    public static readonly ushort[] Parts = [NftProtocol.GetSet, NftProtocol.GetChain, NftProtocol.GetRule, NftProtocol.GetObject];

    private readonly StringBuilder _rules = new();
    private readonly List<string> _sets = [];
    private readonly Dictionary<string, long> _counters = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Sets => _sets;

    /// <summary>Packets by counter.</summary>
    public IReadOnlyDictionary<string, long> Counters => _counters;

    /// <summary>All that makes packets be dropped, as text to compare; the same after the same script.</summary>
    public string Fingerprint => $"{string.Join(' ', _sets.Order(StringComparer.Ordinal))}\n{_rules}";

    public void See(NetlinkMessage message)
    {
        var attributes = message.Attributes;
        if (message.Family != NftProtocol.FamilyInet || !attributes.Find(NftProtocol.OfTable).Text.SequenceEqual(ListRules.TableName))
        {
            return;
        }

        switch (message.Type)
        {
            case NftProtocol.NewSet:
                _sets.Add(Encoding.UTF8.GetString(attributes.Find(NftProtocol.SetName).Text));
                break;

            case NftProtocol.NewChain:
                _rules.Append(Encoding.UTF8.GetString(attributes.Find(NftProtocol.ChainName).Text)).Append(' ')
                    .Append(Convert.ToHexString(attributes.Find(NftProtocol.ChainHook).Value)).Append(' ')
                    .Append(Convert.ToHexString(attributes.Find(NftProtocol.ChainPolicy).Value)).Append('\n');
                break;

            case NftProtocol.NewRule:
                _rules.Append(Convert.ToHexString(attributes.Find(NftProtocol.RuleExpressions).Value)).Append('\n');
                break;

            case NftProtocol.NewObject:
                _counters[Encoding.UTF8.GetString(attributes.Find(NftProtocol.ObjectName).Text)] = (long)(KernelRequests.PacketsIn(message) ?? 0);
                break;
        }
    }
}

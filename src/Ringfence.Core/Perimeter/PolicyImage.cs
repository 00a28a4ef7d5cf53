using System.Text;
using Ringfence.Core.Firewall;

namespace Ringfence.Core.Perimeter;

/// <summary>The policy's table as the kernel tells it, without what changes all the time: the same as long as nobody changes it.</summary>
/// <remarks>For a look at each change of anybody's to any table: nft takes a second of the processor where countries have a hundred thousand networks, for it fetches the elements of
/// every set also when it is to print none (nft -t, measured with nft 1.0.6), and each ban is such a change.</remarks>
internal sealed class PolicyImage
{
    /// <summary>What it is made of, besides the elements of <see cref="ZoneSets"/>.</summary>
    public static readonly ushort[] Parts = [NftProtocol.GetTable, NftProtocol.GetChain, NftProtocol.GetRule, NftProtocol.GetSet];

    private readonly StringBuilder _rules = new();
    private readonly List<string> _zoneSets = [];
    private readonly List<string> _elements = [];

    /// <summary>Sets of what the configuration names: nothing comes or goes there by itself.</summary>
    public IReadOnlyList<string> ZoneSets => _zoneSets;

    /// <summary>The table, its chains, rules and sets.</summary>
    public string Rules => _rules.ToString();

    public static ReadOnlySpan<byte> TableName => "ringfence_policy"u8;

    /// <summary>Elements of the zones of a generation; the same for another generation of the same policy.</summary>
    public string ElementsOf(string generation) =>
        string.Join('\n', _elements.Where(element => element.StartsWith($"{generation}_", StringComparison.Ordinal)).Select(element => element[generation.Length..]).Order(StringComparer.Ordinal));

    /// <summary>Elements of all generations.</summary>
    public string Elements => string.Join('\n', _elements.Order(StringComparer.Ordinal));

    /// <summary>A message of an answer to <see cref="Parts"/>.</summary>
    public void See(NetlinkMessage message)
    {
        var attributes = message.Attributes;
        if (message.Family != NftProtocol.FamilyInet || !attributes.Find(NftProtocol.OfTable).Text.SequenceEqual(TableName))
        {
            return;
        }

        switch (message.Type)
        {
            case NftProtocol.NewTable:
                Append("table", attributes.Find(NftProtocol.TableHandle).Value);
                break;

            case NftProtocol.NewChain:
                Append(Name(attributes.Find(NftProtocol.ChainName).Text), attributes.Find(NftProtocol.ChainHook).Value, attributes.Find(NftProtocol.ChainPolicy).Value);
                break;

            case NftProtocol.NewRule:
                Append(Name(attributes.Find(NftProtocol.RuleChain).Text), attributes.Find(NftProtocol.RuleHandle).Value, attributes.Find(NftProtocol.RuleExpressions).Value);
                break;

            case NftProtocol.NewSet:
                var set = Name(attributes.Find(NftProtocol.SetName).Text);
                Append(set);
                if (NftPolicy.IsZoneSet(set))
                {
                    _zoneSets.Add(set);
                }

                break;
        }
    }

    /// <summary>A message about the elements of one of <see cref="ZoneSets"/>.</summary>
    public void SeeElements(string set, NetlinkMessage message)
    {
        foreach (var item in message.Attributes.Find(NftProtocol.ListElements).Nested)
        {
            _elements.Add($"{set} {Convert.ToHexString(item.Value)}");
        }
    }

    private void Append(string name, ReadOnlySpan<byte> one = default, ReadOnlySpan<byte> two = default) =>
        _rules.Append(name).Append(' ').Append(Convert.ToHexString(one)).Append(' ').Append(Convert.ToHexString(two)).Append('\n');

    private static string Name(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text);
}

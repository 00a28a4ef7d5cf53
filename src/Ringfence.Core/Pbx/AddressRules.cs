using System.Globalization;
using Ringfence.Core.Events;

namespace Ringfence.Core.Pbx;

/// <summary>A list of addresses as Asterisk applies it: of the rules that fit an address the last counts, and whom none fits is let in.</summary>
/// <remarks>main/acl.c, ast_append_ha and ast_apply_ha. An IPv4 rule never fits an IPv6 address, nor the other way round.</remarks>
internal sealed class AddressRules
{
    private readonly List<AddressRule> _rules = [];
    private Verdicts? _ipv4;
    private Verdicts? _ipv6;

    private AddressRules(bool isWhole) => IsWhole = isWhole;

    public IReadOnlyList<AddressRule> Rules => _rules;

    /// <summary>Every rule was understood. Else (a host's name, a mask with holes) nothing may be concluded.</summary>
    public bool IsWhole { get; private set; }

    /// <param name="settings">Of one list, in order; names that begin with "permit" (contactpermit) let in, others shut out.</param>
    public static AddressRules Read(IEnumerable<ConfigSetting> settings)
    {
        var list = new AddressRules(isWhole: true);
        foreach (var setting in settings)
        {
            var permits = setting.Name.EndsWith("permit", StringComparison.OrdinalIgnoreCase);
            foreach (var element in setting.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                var isNegated = element.StartsWith('!');
                if (Parse(isNegated ? element[1..].Trim() : element) is { } network)
                {
                    list._rules.Add(new AddressRule(permits != isNegated, network, setting.Place));
                }
                else
                {
                    list.IsWhole = false;
                }
            }
        }

        return list;
    }

    public bool Admits(Address address) => (address.IsIPv4 ? _ipv4 ??= new(_rules, isIPv4: true) : _ipv6 ??= new(_rules, isIPv4: false)).Admits(address);

    public bool RefusesSomebody(bool isIPv4) => (isIPv4 ? _ipv4 ??= new(_rules, isIPv4) : _ipv6 ??= new(_rules, isIPv4)).RefusesSomebody;

    public bool AdmitsSomebody(bool isIPv4) => (isIPv4 ? _ipv4 ??= new(_rules, isIPv4) : _ipv6 ??= new(_rules, isIPv4)).AdmitsSomebody;

    /// <returns>null: it is no address or network, or one whose mask has holes.</returns>
    public static Network? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (Address.Parse((slash < 0 ? text : text[..slash]).Trim('[', ']')) is not { } address)
        {
            return null;
        }

        var width = address.IsIPv4 ? 32 : 128;
        return slash < 0 ? Network.Of(address) : Length(text[(slash + 1)..], width) is { } length ? new Network(address, length) : null;
    }

    private static int? Length(string text, int width)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            return length <= width ? length : null;
        }

        if (width != 32 || Address.Parse(text) is not { IsIPv4: true } mask)
        {
            return null;
        }

        var ones = System.Numerics.BitOperations.LeadingZeroCount(~mask.IPv4Bits);
        return ones == 32 || mask.IPv4Bits << ones == 0 ? ones : null;
    }

    /// <summary>What the rules of one family come to. The answer changes at the ends of networks alone: their first addresses and those behind their last are all that need be asked.</summary>
    private sealed class Verdicts
    {
        private readonly List<Address> _from;
        private readonly bool[] _admits;

        // Each stretch is given to the last rule that covers it: from the last rule to the first, and what is given is passed over.
        public Verdicts(List<AddressRule> rules, bool isIPv4)
        {
            var own = rules.Where(rule => rule.Network.IsIPv4 == isIPv4).ToList();
            _from = [.. own.SelectMany(static rule => (Address[])[rule.Network.First, rule.Network.Last.Next]).Append(isIPv4 ? Address.FromIPv4(0) : new Address(0x2000_0000_0000_0000, 0))
                .Where(address => address.IsIPv4 == isIPv4).Distinct().Order()];
            _admits = [.. Enumerable.Repeat(true, _from.Count)];
            var next = Enumerable.Range(0, _from.Count + 1).ToArray();
            for (var at = own.Count - 1; at >= 0; at--)
            {
                var network = own[at].Network;
                for (var stretch = Open(next, At(network.First)); stretch < _from.Count && network.Contains(_from[stretch]); stretch = Open(next, stretch))
                {
                    (_admits[stretch], next[stretch]) = (own[at].Permits, stretch + 1);
                }
            }
        }

        public bool RefusesSomebody => _admits.Contains(false);

        public bool AdmitsSomebody => _admits.Contains(true);

        // Below the first stretch no rule holds.
        public bool Admits(Address address) => At(address) is var at && at < _from.Count && _from[at] == address ? _admits[at] : at == 0 || _admits[at - 1];

        private int At(Address address) => _from.BinarySearch(address) is var at && at < 0 ? ~at : at;

        // The first stretch from there on that no rule has yet.
        private static int Open(int[] next, int at)
        {
            while (next[at] != at)
            {
                (next[at], at) = (next[next[at]], next[at]);
            }

            return at;
        }
    }
}

internal sealed record AddressRule(bool Permits, Network Network, Place Place);

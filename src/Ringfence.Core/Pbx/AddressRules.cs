using System.Globalization;
using Ringfence.Core.Events;

namespace Ringfence.Core.Pbx;

/// <summary>A list of addresses as Asterisk applies it: of the rules that fit an address the last counts, and whom none fits is let in.</summary>
/// <remarks>main/acl.c, ast_append_ha and ast_apply_ha. An IPv4 rule never fits an IPv6 address, nor the other way round.</remarks>
internal sealed class AddressRules
{
    private readonly List<AddressRule> _rules = [];

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

    public bool Admits(Address address) => _rules.LastOrDefault(rule => rule.Network.Contains(address))?.Permits ?? true;

    public bool RefusesSomebody(bool isIPv4) => Samples(isIPv4).Any(address => !Admits(address));

    public bool AdmitsSomebody(bool isIPv4) => Samples(isIPv4).Any(Admits);

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

    // The answer changes at the ends of networks alone: their first addresses and those behind their last are all that need be asked.
    private IEnumerable<Address> Samples(bool isIPv4) =>
        _rules.Where(rule => rule.Network.IsIPv4 == isIPv4).SelectMany(static rule => (Address[])[rule.Network.First, rule.Network.Last.Next])
            .Append(isIPv4 ? Address.FromIPv4(0) : new Address(0x2000_0000_0000_0000, 0)).Where(address => address.IsIPv4 == isIPv4);

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
}

internal sealed record AddressRule(bool Permits, Network Network, Place Place);

using System.Net;

namespace Ringfence.Core.Host.Filter;

/// <summary>The sets that <c>ipset save</c> prints, by name.</summary>
/// <remarks>ipset(8): "create blocklist hash:net ..." and "add blocklist 192.0.2.0/24 timeout 60".</remarks>
internal sealed class IpsetSave
{
    private readonly Dictionary<string, List<AddressRange>> _sets = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Name, IPAddress Address), bool> _known = [];

    /// <param name="text">null: nobody asked, and no set is known.</param>
    public static IpsetSave Read(string? text)
    {
        var sets = new IpsetSave();
        foreach (var words in (text ?? "").Split('\n').Select(static line => line.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            switch (words)
            {
                // Pairs with a port and lists of sets are left unknown.
                case ["create", var name, "hash:ip" or "hash:net" or "bitmap:ip", ..]:
                    sets._sets[name] = [];
                    break;
                case ["add", var name, var entry, .. var rest] when sets._sets.TryGetValue(name, out var list):
                    if (AddressRange.Parse(entry) is { } range && !rest.Contains("nomatch"))
                    {
                        list.Add(range);
                    }
                    else
                    {
                        sets._sets.Remove(name);
                    }

                    break;
                default:
                    break;
            }
        }

        return sets;
    }

    public IEnumerable<AddressRange> Named => _sets.Values.SelectMany(static set => set);

    /// <returns>null: nothing is known of that set.</returns>
    public Func<IPAddress, bool>? Contains(string name) => _sets.TryGetValue(name, out var set) ? address => Holds(name, set, address) : null;

    // A thousand rules may name one set, and each packet of a stranger is of one address.
    private bool Holds(string name, List<AddressRange> set, IPAddress address)
    {
        if (!_known.TryGetValue((name, address), out var holds))
        {
            _known[(name, address)] = holds = set.Exists(range => range.Contains(address));
        }

        return holds;
    }
}

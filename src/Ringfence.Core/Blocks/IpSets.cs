using System.Globalization;
using Ringfence.Core.Events;

namespace Ringfence.Core.Blocks;

/// <summary>What <c>ipset save</c> prints: the lists of addresses that rules of iptables name, as VoIPBL's and other blocklists' scripts make them.</summary>
/// <remarks>ipset(8). Read are sets of addresses and networks, and sets of such sets; not those of address and port, which refuse one service alone.</remarks>
internal sealed class IpSets
{
    private readonly Dictionary<string, List<Member>> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _lists = new(StringComparer.Ordinal);

    private IpSets()
    {
    }

    public static IpSets Read(string text)
    {
        var sets = new IpSets();
        foreach (var line in text.Split('\n'))
        {
            var words = QuotedWords.Split(line);
            switch (words)
            {
                case ["create", var name, "list:set", ..]:
                    sets._lists[name] = [];
                    break;
                case ["create", var name, "hash:ip" or "hash:net" or "bitmap:ip", ..]:
                    sets._members[name] = [];
                    break;
                case ["add", var name, var member, ..] when sets._lists.TryGetValue(name, out var list):
                    list.Add(member);
                    break;
                case ["add", var name, var member, ..] when sets._members.TryGetValue(name, out var members) && BlockText.Parse(member) is { } network:
                    members.Add(new Member(network, member, words.Contains("nomatch"), Left(words)));
                    break;
                default:
                    break;
            }
        }

        return sets;
    }

    /// <summary>Whom a set refuses that a rule names.</summary>
    /// <param name="where">The rule's place.</param>
    public IEnumerable<Block> Blocks(string name, string where)
    {
        foreach (var (set, member) in Members(name))
        {
            yield return new Block(BlockKind.Rule, $"ipset {set}, {where}", member.Subject, null, member.Left, ["ipset", "del", set, member.Text]);
        }
    }

    /// <returns>Whether a set lets an address through that it would hold otherwise.</returns>
    public bool Exempts(string name, Network subject) =>
        _members.TryGetValue(name, out var members) && members.Exists(member => member.IsException && member.Subject.Contains(subject));

    private IEnumerable<(string Set, Member Member)> Members(string name) =>
        (_lists.TryGetValue(name, out var list) ? list : [name])
            .SelectMany(set => _members.TryGetValue(set, out var members) ? members.Where(member => !member.IsException).Select(member => (set, member)) : []);

    private static string Left(List<string> words)
    {
        var at = words.IndexOf("timeout");
        return at > 0 && at + 1 < words.Count && int.TryParse(words[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? $"{Configuration.Duration.Words(TimeSpan.FromSeconds(seconds))} left"
            : "";
    }

    private sealed record Member(Network Subject, string Text, bool IsException, string Left);
}

using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit;

/// <summary>
/// Comments that allow a finding: <c>; ringfence: allow anonymous-calls (lobby phone)</c>, by name or id, several with commas. It holds for its own line, or for the next one if it
/// stands alone; on a section's line, or alone above it, for the whole section.
/// </summary>
internal sealed class Allowances
{
    // Each holds for every line of its section, and a comment of one line may name thousands.
    private const int Most = 2_000;

    private readonly Dictionary<Place, (List<Allowance> Own, List<Allowance> Section)> _byPlace = [];
    private readonly List<Allowance> _all = [];
    private bool _isFull;
    private readonly HashSet<Allowance> _used = new(ReferenceEqualityComparer.Instance);

    private sealed record Allowance(string Rule, string? Reason, Place Comment)
    {
        public bool IsOf(AuditRule rule) => Rule.Equals(rule.Name, StringComparison.OrdinalIgnoreCase) || Rule.Equals(rule.Id, StringComparison.OrdinalIgnoreCase);
    }

    public static Allowances Read(IEnumerable<AsteriskFile> files)
    {
        var all = new Allowances();
        foreach (var file in files.DistinctBy(static file => file.Name))
        {
            all.Read(file);
        }

        return all;
    }

    /// <returns>The comment that allows the rule at that place; null: none does.</returns>
    public (Place Comment, string? Reason)? Find(AuditRule rule, Place place)
    {
        if (!_byPlace.TryGetValue(place, out var here) || (here.Own.Find(allowance => allowance.IsOf(rule)) ?? here.Section.Find(allowance => allowance.IsOf(rule))) is not { } found)
        {
            return null;
        }

        _used.Add(found);
        return (found.Comment, found.Reason);
    }

    /// <summary>Comments that allowed nothing, once every finding was asked about: a name that no rule has, or what is not found there any more.</summary>
    /// <param name="rules">Those that were asked.</param>
    public IEnumerable<string> Unused(IReadOnlyList<AuditRule> rules) =>
        (_isFull ? [$"more than {Most:N0} rules are allowed by comments: the others are not looked at"] : Enumerable.Empty<string>()).Concat(
        from allowance in _all
        where !_used.Contains(allowance)
        let name = Shown.Text(allowance.Rule, 40)
        select rules.Any(allowance.IsOf) ? $"{allowance.Comment}: {name} is allowed here and not found: the comment can go"
            : $"{allowance.Comment}: there is no rule {name} that could be allowed{(Meant(allowance.Rule, rules) is { } meant ? $"; did you mean {meant}?" : "")}");

    private static string? Meant(string name, IReadOnlyList<AuditRule> rules) =>
        NearestName.Of(name, rules.Select(static rule => rule.Name.Replace('-', '_')))?.Replace('_', '-');

    private void Read(AsteriskFile file)
    {
        if (file.Content.AsSpan().IndexOf("ingfence:"u8) < 0)
        {
            return;
        }

        List<Allowance> above = [];
        List<Allowance> section = [];
        var isInBlock = false;
        var (number, next, edge) = (0, 0, 0);
        for (var rest = file.Content.AsSpan(); !rest.IsEmpty;)
        {
            var raw = AsteriskFile.FirstLine(rest);
            rest = rest[raw.Length..];
            number++;
            var line = next < file.Lines.Count && file.Lines[next].Number == number ? file.Lines[next++] : null;

            // Inside of ;-- --; stands what was taken out of force, and nothing is allowed by it.
            var wasInBlock = isInBlock;
            if (edge < file.BlockEdges.Count && file.BlockEdges[edge] == number)
            {
                (isInBlock, edge) = (!isInBlock, edge + 1);
            }

            if ((wasInBlock || isInBlock) && line is null)
            {
                continue;
            }

            var own = wasInBlock || isInBlock || _isFull ? [] : Comments(raw, new Place(file.Name, number), Most - _all.Count);
            _isFull |= _all.Count + own.Count >= Most;
            _all.AddRange(own);
            if (line is null)
            {
                // An empty line parts a comment from what stands below it.
                if (raw.Trim(" \t\r\n"u8).IsEmpty)
                {
                    above.Clear();
                }

                above.AddRange(own);
                continue;
            }

            if (line is SectionLine)
            {
                section = [.. above, .. own];
            }

            if (above.Count + own.Count + section.Count > 0)
            {
                _byPlace[new Place(file.Name, number)] = ([.. above, .. own], section);
            }

            above.Clear();
        }
    }

    private static List<Allowance> Comments(ReadOnlySpan<byte> line, Place place, int most)
    {
        if (line.IndexOf("ingfence:"u8) < 0)
        {
            return [];
        }

        // What stands behind a NUL Asterisk does not read, and \; is a semicolon of the value.
        var text = Encoding.UTF8.GetString(line).Split('\0')[0].Replace("\\;", "", StringComparison.Ordinal);
        var at = text.IndexOf(';', StringComparison.Ordinal);
        while (at >= 0)
        {
            var comment = text[(at + 1)..].Trim();
            if (comment.StartsWith("ringfence:", StringComparison.OrdinalIgnoreCase))
            {
                return Parse(comment["ringfence:".Length..].Trim(), place, most);
            }

            at = text.IndexOf(';', at + 1);
        }

        return [];
    }

    private static List<Allowance> Parse(string text, Place place, int most)
    {
        const string Allow = "allow ";
        if (!text.StartsWith(Allow, StringComparison.OrdinalIgnoreCase))
        {
            return [];
        }

        var open = text.IndexOf('(', StringComparison.Ordinal);
        var close = text.LastIndexOf(')');
        var reason = open >= 0 && close > open ? Shown.Text(text[(open + 1)..close].Trim(), 200) : null;
        var rules = (open >= 0 ? text[Allow.Length..open] : text[Allow.Length..]).Split([',', ' '], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return [.. rules.Take(most).Select(rule => new Allowance(rule, reason, place))];
    }
}

using Ringfence.Core.Events;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Perimeter;

/// <summary>What the names of a policy stand for, though some of them do not resolve now: each by itself keeps its last addresses.</summary>
/// <param name="Addresses">Of each name that ever had any.</param>
/// <param name="Problems">A sentence for each name that does not resolve.</param>
/// <param name="Stale">Names that stand for addresses of before.</param>
internal sealed record NameAnswers(IReadOnlyDictionary<string, IReadOnlyList<Address>> Addresses, IReadOnlyList<string> Problems, IReadOnlyList<string> Stale)
{
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<Address>> Nothing = new Dictionary<string, IReadOnlyList<Address>>();

    /// <param name="asked">Each name with its last answer, however old, and why there is none now; null: there is.</param>
    /// <param name="before">What they stood for when the policy was confirmed.</param>
    public static NameAnswers Of(IEnumerable<(string Name, IReadOnlyList<Address> Addresses, string? Problem)> asked, IReadOnlyDictionary<string, IReadOnlyList<Address>> before)
    {
        var found = new Dictionary<string, IReadOnlyList<Address>>(StringComparer.OrdinalIgnoreCase);
        List<string> problems = [], stale = [];
        foreach (var (name, addresses, problem) in asked)
        {
            var known = addresses.Count > 0 ? addresses : before.GetValueOrDefault(name) ?? [];
            if (known.Count > 0)
            {
                found[name] = known;
            }

            if (problem is not null)
            {
                problems.Add(known.Count > 0 ? $"{Shown.Text(name)} has no address now ({problem}): those of before stay" : $"{Shown.Text(name)} has no address ({problem}): nobody gets in by it");
                if (known.Count > 0)
                {
                    stale.Add(name);
                }
            }
        }

        return new NameAnswers(found, problems, stale);
    }

    /// <returns>Empty: it never had any, as far as is known.</returns>
    public IReadOnlyList<Address> AddressesOf(string name) => Addresses.GetValueOrDefault(name) ?? [];
}

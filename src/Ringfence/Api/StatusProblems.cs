using Ringfence.Notifiers;

namespace Ringfence.Api;

/// <summary>One thing that is wrong.</summary>
/// <param name="What">What of Ringfence has it, in our own words: "firewall", "source /var/log/asterisk/security".</param>
/// <param name="Words">For people.</param>
/// <param name="Receiver">Of who is told; null: it is another's.</param>
internal sealed record StatusProblem(string What, string Words, NotifierStatus? Receiver = null);

/// <summary>What docs/json.md says to alarm on: the one list that <c>status</c> counts, systemd shows and people are told of.</summary>
internal static class StatusProblems
{
    public static IReadOnlyList<StatusProblem> Of(StatusReport status)
    {
        List<StatusProblem> problems = [];

        // The first: it explains others.
        Add("canary", status.Canary?.Problem);
        Add("sources", status.Sources.Count > 0 ? null : "nothing is watched: no source is configured or known");
        problems.AddRange(status.Sources.Where(source => !source.Alive || source.Problem is not null)
            .Select(source => new StatusProblem($"source {source.Name}", $"{(source.Alive ? "" : "BLIND: ")}{source.Problem}")));
        Add("firewall", status.Firewall?.Problem);
        Add("blocklists", status.Lists?.Problem);
        foreach (var feed in status.Lists?.Feeds ?? [])
        {
            Add($"feed {feed.Name}", feed.Problem);
        }

        foreach (var outer in status.Outer)
        {
            Add($"firewall {outer.Name}", outer.Problem);
        }

        Add("calls", status.Calls?.Problem);
        Add("journal", status.Journal?.Problem);
        foreach (var part in status.Parts)
        {
            Add($"part {part.Name}", part.Problem);
        }

        foreach (var receiver in status.Notifiers)
        {
            Add($"receiver {receiver.Name}", receiver.Problem, receiver);
        }

        return problems;

        void Add(string what, string? problem, NotifierStatus? receiver = null)
        {
            if (problem is not null)
            {
                problems.Add(new StatusProblem(what, problem, receiver));
            }
        }
    }
}

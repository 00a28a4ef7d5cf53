using Ringfence.Api;
using Ringfence.Gate;

namespace Ringfence.Calls;

/// <summary>Who tells the guard of calls now, and what it can't see of them or do about them, for people.</summary>
/// <param name="hasGate">Whether a gate asks before calls leave.</param>
internal sealed class CallSight(CallSession session, bool hasGate)
{
    /// <summary>Whether [ami] has a user: without one nothing is known of calls but what a gate asks.</summary>
    public bool HasManager { get; set; } = true;

    /// <summary>What asks; null: nothing does.</summary>
    public GateServer? Gate { get; set; }

    /// <summary>What of the site's own files could not be read; null: nothing.</summary>
    public string? SiteProblem { get; set; }

    /// <summary>Why the time before the guard is not known; null: it is, or there is nothing that could tell.</summary>
    public string? MemoryProblem { get; set; }

    /// <summary>Why the deck's prices are not in the money that limits are made for; null: nothing says so.</summary>
    public string? DeckDoubt { get; set; }

    /// <summary>Why the hours of the configuration are not the site's, by its calls of that time; null: nothing says so.</summary>
    public string? HoursDoubt { get; set; }

    /// <summary>What was learnt of that time; null: it was not read yet.</summary>
    public CallsLearnt? Learnt { get; set; }

    /// <summary>The places of records that are followed; empty: there are none, or they were not read yet.</summary>
    public IReadOnlyList<CallRecordsStatus> Records { get; set; } = [];

    /// <summary>"live", "records" or "none".</summary>
    public string Source => session.IsUp ? "live" : Records.Any(static place => place.Problem is null) ? "records" : "none";

    public string? Problem => Joined(Trouble, Gate?.Problem, SiteProblem);

    /// <summary>What is less than it could be because it was set up so.</summary>
    public string? Choice => IsChosen ? $"[ami] names no user: {Known}" : null;

    /// <summary>That, what is not known of the time before, and what it makes of the configuration; what the line of a place of records says already is not said again.</summary>
    public string? Note => Joined(Choice, Records.Any(place => place.Problem == MemoryProblem) ? null : MemoryProblem, DeckDoubt, HoursDoubt);

    private string? Trouble => session.IsUp ? session.Problem
        : IsChosen ? null
        : $"{(HasManager ? "not logged in at the manager interface" : "[ami] names no user")}: {Known}{(HasManager ? "; the part \"ami calls\" says why" : "")}";

    // A gate that refuses and records that say what was let through: who sets up no more than that knows what he does without.
    private bool IsChosen => !session.IsUp && !HasManager && hasGate && (Source == "records" || (Records.Count == 0 && Learnt is null && MemoryProblem is null));

    private string Known => (Source, hasGate) switch
    {
        ("records", _) => "of calls only their records tell, when they are over, and nothing can be hung up",
        (_, true) => "of calls is known only what a gate asks about, not what they come to, and nothing can be hung up",
        _ => "calls are not known, and nothing can be hung up",
    };

    private static string? Joined(params string?[] sentences) => string.Join("; ", sentences.OfType<string>()) is { Length: > 0 } all ? all : null;
}

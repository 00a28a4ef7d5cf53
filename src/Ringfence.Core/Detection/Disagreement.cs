using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>Two sources say different things about one address.</summary>
/// <param name="Rule">Id of the rule.</param>
/// <param name="Reason">One sentence for people.</param>
/// <param name="Told">What the one says and the other does not, oldest first.</param>
internal sealed record Disagreement(string Rule, Address Source, string Reason, IReadOnlyList<HeldEvent> Told);

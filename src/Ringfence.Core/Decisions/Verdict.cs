using Ringfence.Core.Detection;

namespace Ringfence.Core.Decisions;

/// <summary>What a suspicion comes to.</summary>
/// <param name="Decision">null if the subject was banned at that moment already: what came before the kernel had the ban.</param>
/// <param name="Quiet">When the address need not be looked at again; null: it is looked at as before.</param>
/// <param name="Displaced">The ban that was ended to make room for this one.</param>
/// <param name="Wider">A ban of the network besides, because it is the last of several addresses there.</param>
internal readonly record struct Verdict(Decision? Decision, QuietTime? Quiet, Unban? Displaced = null, Ban? Wider = null);

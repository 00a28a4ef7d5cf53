using Ringfence.Core.Events;

namespace Ringfence.Core.Outer;

/// <summary>A ban as a firewall outside this machine is to hold it: an address and numbers, nothing that an attacker wrote.</summary>
/// <param name="Until">null: for ever.</param>
/// <param name="Rule">The id of our rule, or of the operator's hand.</param>
internal sealed record OuterBan(Network Subject, DateTimeOffset? Until, string Rule);

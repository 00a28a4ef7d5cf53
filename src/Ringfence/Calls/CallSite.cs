using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;

namespace Ringfence.Calls;

/// <summary>What a site's calls are followed by.</summary>
/// <param name="IsTrunk">By the name of an endpoint; null: nobody knows.</param>
internal sealed record CallSite(CallPolicy Policy, DiallingRules Rules, Tariff Tariff, Func<string, bool?> IsTrunk, string Currency);

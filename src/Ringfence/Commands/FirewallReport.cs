using System.Text.Json.Serialization;
using Ringfence.Api;

namespace Ringfence.Commands;

/// <summary>What stands in the kernel of the policy: docs/json.md.</summary>
/// <param name="State">"none", "trial" or "confirmed".</param>
/// <param name="TrialSeconds">How long the kernel still tries it; null: nothing is tried.</param>
/// <param name="GoesBackTo">"nothing" or "confirmed": what holds when the trial ends.</param>
/// <param name="OnDisk">What is confirmed in the kernel is what a boot loads; false too where nothing is confirmed.</param>
/// <param name="Loadable">None is confirmed in the kernel, and one is on the disk: `firewall load` brings it.</param>
/// <param name="CountriesMissing">Zones whose countries were not filled in since the policy was loaded: what is closed to them is shut.</param>
/// <param name="CutOff">Who uses this machine now and could not come back.</param>
/// <param name="Problems">What could not be found out, a sentence each.</param>
internal sealed record FirewallReport(string State, int? TrialSeconds, string GoesBackTo, bool OnDisk, bool Loadable, IReadOnlyList<string> CountriesMissing, IReadOnlyList<string> CutOff, IReadOnlyList<string> Problems);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(NetworkJson), typeof(UtcJson)])]
[JsonSerializable(typeof(FirewallReport))]
internal sealed partial class FirewallJson : JsonSerializerContext;

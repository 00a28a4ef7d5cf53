using System.Text.Json.Serialization;

namespace Ringfence.Commands;

/// <summary>What <c>replay --summary --json</c> prints: docs/json.md.</summary>
/// <param name="Subjects">Addresses and networks that were banned at least once.</param>
/// <param name="Spared">Decisions that spared a trusted address.</param>
/// <param name="Throttles">Answers to attacks that prove no address: nobody is banned by them.</param>
/// <param name="Throttled">Addresses that were throttled at least once; who was banned too is counted there as well.</param>
internal sealed record ReplayReport(long Events, int Bans, int Subjects, int Spared, int Alerts, int Throttles, int Throttled);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ReplayReport))]
internal sealed partial class ReplayJson : JsonSerializerContext;

using System.Text.Json.Serialization;
using Ringfence.Api;
using Ringfence.Core.Events;

namespace Ringfence.Commands;

/// <summary>What <c>free</c> found and did: docs/json.md.</summary>
/// <param name="Free">Nothing that is known here blocks it any more; of a dry run: nothing would.</param>
/// <param name="Unknown">Who could not be asked, a sentence each.</param>
internal sealed record FreeReport(Network Subject, bool DryRun, bool Free, IReadOnlyList<FreedReport> Blocks, IReadOnlyList<string> Unknown);

/// <param name="Where">"ringfence", "fail2ban, jail sshd".</param>
/// <param name="Result">"lifted", "would_lift", "left" (it is somebody's own, or frees more than was asked), "told" (it refuses single accounts there, and does not block the address) or "failed".</param>
/// <param name="Detail">Why it is left or failed; else empty.</param>
/// <param name="Command">What lifts it by hand.</param>
internal sealed record FreedReport(string Where, Network Subject, DateTimeOffset? Since, string Why, string Result, string Detail, string Command);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(NetworkJson), typeof(UtcJson)])]
[JsonSerializable(typeof(FreeReport))]
internal sealed partial class FreeJson : JsonSerializerContext;

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ringfence.Core.Events;
using Ringfence.Feeds;
using Ringfence.Outer;

namespace Ringfence.Api;

/// <summary>The JSON of the API and of <c>--json</c>: snake case, every member always there, times in UTC to the millisecond, networks as text.</summary>
/// <remarks>docs/json.md. The default encoder writes everything but plain ASCII as \uNNNN, so the text is safe on a terminal too.</remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(NetworkJson), typeof(UtcJson)])]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(BansReport))]
[JsonSerializable(typeof(TrustListReport))]
[JsonSerializable(typeof(WatchedListReport))]
[JsonSerializable(typeof(ChangeReport))]
[JsonSerializable(typeof(WhyReport))]
[JsonSerializable(typeof(DecisionReport))]
[JsonSerializable(typeof(ErrorReport))]
[JsonSerializable(typeof(BanBody))]
[JsonSerializable(typeof(TrustBody))]
[JsonSerializable(typeof(NotifyTestReport))]
[JsonSerializable(typeof(FeedsReport))]
[JsonSerializable(typeof(ListsStatus))]
[JsonSerializable(typeof(ListedReport))]
[JsonSerializable(typeof(DoorsClosedReport))]
[JsonSerializable(typeof(OuterTestReport))]
[JsonSerializable(typeof(OuterSyncReport))]
[JsonSerializable(typeof(LiveCallsReport))]
[JsonSerializable(typeof(LiftReport))]
[JsonSerializable(typeof(StopsReport))]
[JsonSerializable(typeof(IReadOnlyList<OuterStatus>))]
internal sealed partial class ApiJson : JsonSerializerContext;

/// <param name="Error">For people: what was wrong, what was expected.</param>
internal sealed record ErrorReport(string Error);

/// <summary>Body of POST /v1/bans. Exactly one of <see cref="Seconds"/> and <see cref="Permanent"/> is given.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record BanBody(
    string? Subject = null, long? Seconds = null, bool Permanent = false, string? Reason = null, bool Force = false, bool DryRun = false);

/// <summary>Body of POST /v1/trust. Exactly one of <see cref="Seconds"/> and <see cref="Permanent"/> is given.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TrustBody(string? Subject = null, long? Seconds = null, bool Permanent = false, string? Reason = null, bool DryRun = false);

/// <summary>"192.0.2.7", "2001:db8::/32".</summary>
internal sealed class NetworkJson : JsonConverter<Network>
{
    public override Network Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } text && Network.Parse(text) is { } network ? network : throw new JsonException("expected an address or a network");

    public override void Write(Utf8JsonWriter writer, Network value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

/// <summary>"2026-11-20T08:15:30.250Z" (RFC 3339): one form, so that times sort as text.</summary>
internal sealed class UtcJson : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
}

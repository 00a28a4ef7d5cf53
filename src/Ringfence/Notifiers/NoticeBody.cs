using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ringfence.Core.Notices;

namespace Ringfence.Notifiers;

/// <summary>The JSON of webhooks and commands (docs/json.md), and that of the queue on disk.</summary>
/// <remarks>The default encoder writes everything but plain ASCII as \uNNNN.</remarks>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(NoticeBody))]
[JsonSerializable(typeof(Notice))]
internal sealed partial class NoticeJson : JsonSerializerContext
{
    /// <summary>A notice as the queue keeps it.</summary>
    /// <returns>null: it is none.</returns>
    public static Notice? Read(string text)
    {
        try
        {
            // Of a list's elements and of members that are missing System.Text.Json says nothing, whatever their type allows (generated code
            // sets an init-only member that is missing to null, and not to what the type begins with); and it takes any number for an enum.
            return JsonSerializer.Deserialize(text, Default.Notice) is { Address: not null, Rule: not null, Reason: not null, Outcome: not null, Detail: not null, Trust: not null, Lines: not null } notice
                && notice.Lines.All(line => line is { Log: not null, Text: not null }) && Enum.IsDefined(notice.Kind) && Enum.IsDefined(notice.Severity)
                ? notice
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What a webhook gets. Members may be added, never renamed or removed.</summary>
/// <param name="Version">1.</param>
/// <param name="Kind">"ban", "unban", "spare", "alert", "alarm", "test" or "digest".</param>
/// <param name="Text">The mail's body.</param>
/// <param name="Address">null for what concerns none; so are the others below.</param>
internal sealed record NoticeBody(
    int Version, string Id, string Host, string Time, string Kind, string Severity, string Subject, string Text,
    string? Address, string? Rule, string? Reason, string? Until, string? Outcome, string? Detail, string? Trust, IReadOnlyList<NoticeBodyLine> Lines, NoticeBodyDigest? Digest)
{
    public static byte[] Json(NoticeMessage message) => JsonSerializer.SerializeToUtf8Bytes(Of(message), NoticeJson.Default.NoticeBody);

    public static NoticeBody Of(NoticeMessage message) => new(
        1,
        message.Id,
        message.Host,
        Utc(message.Time),
        message.Kind,
        NoticeText.Name(message.Severity),
        message.Subject,
        NoticeText.Body(message),
        OrNull(message.Notice?.Address),
        OrNull(message.Notice?.Rule),
        OrNull(message.Notice?.Reason),
        message.Notice?.Until is { } until ? Utc(until) : null,
        OrNull(message.Notice?.Outcome),
        OrNull(message.Notice?.Detail),
        OrNull(message.Notice?.Trust),
        [.. (message.Notice?.Lines ?? []).Select(line => new NoticeBodyLine(Utc(line.Time), line.Log, line.Line, line.Text))],
        message.Digest is not { } digest ? null : new NoticeBodyDigest(
            digest.Count, Utc(digest.First), Utc(digest.Last), digest.Kinds, digest.Rules, digest.Addresses, digest.DistinctAddresses, digest.Worst));

    private static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

internal sealed record NoticeBodyLine(string Time, string Log, long Line, string Text);

internal sealed record NoticeBodyDigest(
    int Count, string First, string Last, IReadOnlyList<NoticeCount> Kinds, IReadOnlyList<NoticeCount> Rules, IReadOnlyList<NoticeCount> Addresses, int DistinctAddresses,
    IReadOnlyList<string> Worst);

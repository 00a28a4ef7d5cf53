using Ringfence.Core.Rules;

namespace Ringfence.Core.Notices;

/// <summary>What is sent: one notice, or a digest of many.</summary>
/// <param name="Host">The server's name as people know it, plain ASCII.</param>
internal sealed record NoticeMessage(string Host, string Id, DateTimeOffset Time, Severity Severity, Notice? Notice, NoticeDigest? Digest)
{
    /// <summary>"ban", "alarm"..., or "digest".</summary>
    public string Kind => Notice is { } notice ? NoticeKinds.Name(notice.Kind) : "digest";

    /// <summary>Fits on a watch; plain ASCII, at most 160 characters.</summary>
    public string Subject => PlainAscii.Of($"Ringfence {Host}: {NoticeText.Headline(this)}", 160);

    public static NoticeMessage Of(string host, Notice notice) => new(PlainAscii.Of(host, 64), notice.Id, notice.Time, notice.Severity, notice, null);

    /// <param name="lastId">The id of the last notice in it: the digest has the same id each time it is sent.</param>
    public static NoticeMessage Of(string host, NoticeDigest digest, string lastId) =>
        new(PlainAscii.Of(host, 64), $"digest-{digest.Count}-{lastId}", digest.Last, digest.Severity, null, digest);
}

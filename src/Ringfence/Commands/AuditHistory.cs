using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ringfence.Core.Audit;
using Ringfence.Core.Rules;

namespace Ringfence.Commands;

/// <summary>What is kept of the audits of one PBX: a file beside the journal, with the counts of each run and the findings of the last.</summary>
internal sealed class AuditHistory
{
    private const int MostRuns = 400;
    private const long LongestBytes = 64 << 20;

    private readonly StateFile _file;
    private readonly Kept _kept;

    private AuditHistory(StateFile file, Kept kept)
    {
        _file = file;
        _kept = kept;
    }

    /// <param name="journal">The journal's path: the files lie in "audits" beside it.</param>
    /// <param name="copy">The directory or archive; null: this machine's own PBX.</param>
    /// <exception cref="IOException">It is there and can't be read.</exception>
    public static AuditHistory Read(string journal, string? copy)
    {
        var name = copy is null ? "machine" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(copy))))[..16];
        var file = new StateFile(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(journal))!, "audits", $"{name}.json"), LongestBytes, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        try
        {
            var kept = file.Read() is { } text ? JsonSerializer.Deserialize(text, AuditHistoryJson.Default.Kept) : new Kept([], []);
            return kept is { Runs: not null, Last: not null } && !kept.Runs.Contains(null!) && !kept.Last.Contains(null!)
                ? new AuditHistory(file, kept)
                : throw new IOException($"{file.Path} is damaged: move it away, and the trend begins anew");
        }
        catch (JsonException error)
        {
            throw new IOException($"{file.Path} is damaged ({error.Message}): move it away, and the trend begins anew", error);
        }
    }

    public AuditComparison Compare(AuditResult result, DateTimeOffset now) => AuditComparison.Of(
        result, now,
        [.. _kept.Runs.Select(static run => new AuditRun(run.Time, run.Score, new Dictionary<Severity, int>
        {
            [Severity.Critical] = run.Critical,
            [Severity.High] = run.High,
            [Severity.Medium] = run.Medium,
            [Severity.Low] = run.Low,
            [Severity.Info] = run.Info,
        }))],
        [.. _kept.Last.Select(static key => new FindingKey(key.Rule, key.File, key.Subject))]);

    /// <exception cref="IOException">It can't be written; what was kept stays.</exception>
    public void Add(AuditResult result, DateTimeOffset now)
    {
        var run = AuditRun.Of(result, now);
        int Count(Severity severity) => run.Counts.GetValueOrDefault(severity);
        var runs = _kept.Runs.Append(new KeptRun(now, run.Score, Count(Severity.Critical), Count(Severity.High), Count(Severity.Medium), Count(Severity.Low), Count(Severity.Info))).ToList();
        var last = result.Findings.Select(FindingKey.Of).Select(static key => new KeptKey(key.Rule, key.File, key.Subject)).ToList();
        Directory.CreateDirectory(Path.GetDirectoryName(_file.Path)!);
        _file.Write(JsonSerializer.Serialize(new Kept([.. runs.Skip(Math.Max(0, runs.Count - MostRuns))], last), AuditHistoryJson.Default.Kept));
    }

    internal sealed record Kept(IReadOnlyList<KeptRun> Runs, IReadOnlyList<KeptKey> Last);

    internal sealed record KeptRun(DateTimeOffset Time, int Score, int Critical, int High, int Medium, int Low, int Info);

    internal sealed record KeptKey(string Rule, string File, string Subject);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AuditHistory.Kept))]
internal sealed partial class AuditHistoryJson : JsonSerializerContext;

using System.Text.Json;
using System.Text.Json.Serialization;
using Ringfence.Api;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;

namespace Ringfence.Daemon;

/// <summary>What `ringfence trust` keeps, in a small file beside the journal, so that it outlives the daemon.</summary>
/// <remarks>Called in the pipeline's turn only, <see cref="Entries"/> from any thread.</remarks>
internal sealed partial class OperatorTrust
{
    /// <summary>The reason where none is given.</summary>
    public const string ByHand = "trusted by hand";

    private readonly string _path;
    private readonly ILogger _logger;
    private volatile IReadOnlyList<TrustReport> _entries = [];

    public OperatorTrust(string path, ILogger<OperatorTrust> logger)
    {
        _path = path;
        _logger = logger;
        _entries = Read();
    }

    public IReadOnlyList<TrustReport> Entries => _entries;

    public IEnumerable<TrustEntry> TrustedAt(DateTimeOffset now) => _entries.Where(entry => entry.Until is not { } until || until > now)
        .Select(entry => new TrustEntry(entry.Subject, entry.Reason == ByHand ? ByHand : $"{ByHand}: {entry.Reason}", TrustSource.Configured));

    public TrustReport? Of(Network subject) => _entries.FirstOrDefault(entry => entry.Subject == subject);

    /// <exception cref="IOException">It can't be written; nothing has changed.</exception>
    public void Set(TrustReport entry) => Write([.. _entries.Where(other => other.Subject != entry.Subject), entry]);

    /// <exception cref="IOException">It can't be written; nothing has changed.</exception>
    public void Remove(Network subject) => Write([.. _entries.Where(other => other.Subject != subject)]);

    private void Write(IReadOnlyList<TrustReport> entries)
    {
        AtomicFile.WriteAllText(_path, JsonSerializer.Serialize(entries, TrustJson.Default.IReadOnlyListTrustReport));
        _entries = entries;
    }

    private IReadOnlyList<TrustReport> Read()
    {
        try
        {
            return File.Exists(_path) ? JsonSerializer.Deserialize(File.ReadAllText(_path), TrustJson.Default.IReadOnlyListTrustReport) ?? [] : [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            LogUnreadable(_path, e.Message);
            return [];
        }
    }

    [LoggerMessage(2310, LogLevel.Error, "{Path}: can't be read ({Problem}); addresses trusted by hand are not trusted now")]
    private partial void LogUnreadable(string path, string problem);

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, Converters = [typeof(NetworkJson), typeof(UtcJson)])]
    [JsonSerializable(typeof(IReadOnlyList<TrustReport>))]
    private sealed partial class TrustJson : JsonSerializerContext;
}

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

    // Some 100 bytes each.
    private const long LongestBytes = 64 << 20;

    private readonly StateFile _file;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile string? _problem;
    private bool _isUnread;
    private volatile IReadOnlyList<TrustReport> _entries = [];

    public OperatorTrust(string path, TimeProvider time, ILogger<OperatorTrust> logger)
    {
        _file = new StateFile(path, LongestBytes);
        _time = time;
        _logger = logger;
        _entries = Read();
    }

    public IReadOnlyList<TrustReport> Entries => _entries;

    /// <summary>Why the addresses trusted by hand are not trusted now; null: they are.</summary>
    public string? Problem => _problem;

    public IEnumerable<TrustEntry> TrustedAt(DateTimeOffset now) => _entries.Where(entry => entry.Until is not { } until || until > now)
        .Select(entry => new TrustEntry(entry.Subject, entry.Reason == ByHand ? ByHand : $"{ByHand}: {entry.Reason}", TrustSource.Configured));

    public TrustReport? Of(Network subject) => _entries.FirstOrDefault(entry => entry.Subject == subject);

    /// <exception cref="IOException">It can't be written; nothing has changed.</exception>
    public void Set(TrustReport entry) => Write(entries => [.. entries.Where(other => other.Subject != entry.Subject), entry]);

    /// <exception cref="IOException">It can't be written; nothing has changed.</exception>
    public void Remove(Network subject) => Write(entries => [.. entries.Where(other => other.Subject != subject)]);

    private void Write(Func<IReadOnlyList<TrustReport>, IReadOnlyList<TrustReport>> change)
    {
        // What could not be read must not be overwritten: it is all that the operator ever said.
        if (_isUnread)
        {
            _entries = Read();
        }

        if (_isUnread)
        {
            throw new IOException($"{_problem}; nothing was changed");
        }

        var entries = change(_entries);
        _file.Write(JsonSerializer.Serialize(entries, TrustJson.Default.IReadOnlyListTrustReport));
        _entries = entries;
    }

    private IReadOnlyList<TrustReport> Read()
    {
        try
        {
            var entries = _file.Read() is { } text ? JsonSerializer.Deserialize(text, TrustJson.Default.IReadOnlyListTrustReport) ?? [] : [];
            _isUnread = false;
            _problem = null;
            return entries;
        }
        catch (JsonException e)
        {
            _problem = MoveAside(e);
            LogUnreadable(_problem);
            return [];
        }
        catch (IOException e)
        {
            _isUnread = true;
            _problem = $"{_file.Path}: can't be read ({e.Message}); addresses trusted by hand are not trusted now";
            LogUnreadable(_problem);
            return [];
        }
    }

    private string MoveAside(JsonException damage)
    {
        try
        {
            var aside = _file.MoveAside(_time.GetUtcNow());
            _isUnread = false;
            return $"{_file.Path}: damaged ({damage.Message}); kept as {aside}, and the addresses trusted by hand are not trusted now: trust them again";
        }
        catch (IOException e)
        {
            _isUnread = true;
            return $"{_file.Path}: damaged ({damage.Message}), and can't be moved aside ({e.Message}); addresses trusted by hand are not trusted now";
        }
    }

    [LoggerMessage(2310, LogLevel.Error, "{Problem}")]
    private partial void LogUnreadable(string problem);

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, Converters = [typeof(NetworkJson), typeof(UtcJson)])]
    [JsonSerializable(typeof(IReadOnlyList<TrustReport>))]
    private sealed partial class TrustJson : JsonSerializerContext;
}

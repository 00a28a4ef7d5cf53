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
        .Select(entry => new TrustEntry(entry.Subject, entry.Reason == ByHand ? ByHand : $"{ByHand}: {entry.Reason}", TrustSource.Operator));

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

    private List<TrustReport> Read()
    {
        try
        {
            var entries = _file.Read() is { } text ? Parse(text) : [];
            _isUnread = false;
            return WithoutTooWide(entries);
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
            _problem = $"{e.Message}; addresses trusted by hand are not trusted now";
            LogUnreadable(_problem);
            return [];
        }
    }

    /// <exception cref="JsonException">It is not what <see cref="Write"/> wrote.</exception>
    internal static IReadOnlyList<TrustReport> Parse(string text)
    {
        var entries = JsonSerializer.Deserialize(text, TrustJson.Default.IReadOnlyListTrustReport) ?? throw new JsonException("the list is null");

        // Of a list's elements System.Text.Json says nothing, whatever their type allows.
        return entries.All(entry => entry is not null) ? entries : throw new JsonException("an entry is null");
    }

    // The verb refuses them, so nobody said it: 0.0.0.0/0 would lift every ban.
    private List<TrustReport> WithoutTooWide(IReadOnlyList<TrustReport> entries)
    {
        var wide = entries.Select(entry => Limits.ProblemOf(new TrustRequest(entry.Subject, null, "", false))).OfType<string>().ToList();
        _problem = wide.Count == 0 ? null : $"{_file.Path}: {string.Join("; ", wide.Take(3))}{(wide.Count > 3 ? $"; and {wide.Count - 3} more" : "")}: not trusted, and gone with the next change by ringfence trust";
        if (_problem is not null)
        {
            LogUnreadable(_problem);
        }

        return [.. entries.Where(entry => Limits.ProblemOf(new TrustRequest(entry.Subject, null, "", false)) is null)];
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
        PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = [typeof(NetworkJson), typeof(UtcJson)])]
    [JsonSerializable(typeof(IReadOnlyList<TrustReport>))]
    private sealed partial class TrustJson : JsonSerializerContext;
}

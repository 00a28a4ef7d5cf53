using Microsoft.Extensions.Logging;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Journal;
using Xunit;

namespace Ringfence.Tests.Journal;

/// <summary>A directory of its own, a clock, and the words of the journal's tests.</summary>
public abstract class JournalFixture : IAsyncLifetime
{
    private protected static readonly DateTimeOffset Noon = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly string _root = System.IO.Directory.CreateTempSubdirectory("rf-journal-").FullName;

    private protected ManualTime Time { get; } = new(Noon);

    private protected RecordedLog Log { get; } = new();

    private protected string Directory => System.IO.Path.Combine(_root, "state");

    private protected string Path => System.IO.Path.Combine(Directory, "ringfence.db");

    private protected SqliteJournal Journal { get; set; } = null!;

    private protected virtual JournalLimits Limits => new();

    public virtual ValueTask InitializeAsync()
    {
        Journal = Open();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        System.IO.Directory.Delete(_root, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected SqliteJournal Open() => SqliteJournal.Open(Path, Time, Log, Limits);

    private protected async Task ReopenAsync()
    {
        await Journal.DisposeAsync();
        Journal = Open();
    }

    private protected static Ban Ban(string subject, TimeSpan? length = null, int evidence = 0, DateTimeOffset? time = null) =>
        new(0, time ?? Noon, Net(subject), "RF2001", "5 wrong passwords in 1 min 12 s", (time ?? Noon) + (length ?? TimeSpan.FromHours(1)), 1)
        {
            Evidence = [.. Enumerable.Range(1, evidence).Select(EvidenceLine)],
        };

    private protected static Unban Unban(string subject, DateTimeOffset? time = null) =>
        new(0, time ?? Noon, Net(subject), "operator", "unban by root");

    private protected static Alert Alert(string subject) => new(0, Noon, Net(subject), "RF2003", "4 account names in 9 s");

    // As long as a real record: Asterisk 22 writes 370 to 420 bytes for a refused password.
    internal static Evidence EvidenceLine(int line) => new(
        Noon.AddSeconds(line - 100), "/var/log/asterisk/security", line, EventKind.PasswordRefused, Proof.Unproven, "1001",
        $"[2026-07-01 11:58:{line % 60:00}] SECURITY[1234] res_security_log.c: SecurityEvent=\"InvalidPassword\",EventTV=\"2026-07-01T11:58:{line % 60:00}.123+0000\","
        + "Severity=\"Error\",Service=\"PJSIP\",EventVersion=\"2\",AccountID=\"1001\",SessionID=\"ca7b8f1e-7b5c-4f5b-9d0a-4e2f1c3d5a6b\","
        + "LocalAddress=\"IPV4/UDP/203.0.113.10/5060\",RemoteAddress=\"IPV4/UDP/198.51.100.7/5060\",Challenge=\"1751371080/0123456789abcdef\","
        + $"ReceivedChallenge=\"1751371080/0123456789abcdef\",ReceivedHash=\"{line:x32}\"");

    private protected static Network Net(string text) => Network.Parse(text) ?? throw new ArgumentException(text, nameof(text));
}

/// <summary>Keeps what was logged.</summary>
internal sealed class RecordedLog : ILogger
{
    public List<string> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Add($"{eventId.Id} {logLevel} {formatter(state, exception)}");
}

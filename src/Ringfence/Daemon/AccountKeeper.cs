using Ringfence.Core.Detection;

namespace Ringfence.Daemon;

/// <summary>Keeps what is known of accounts in a file beside the journal, so that a restart does not forget whose phone is whose.</summary>
/// <remarks>What the last minute taught is lost with the power: then one alert comes a second time.</remarks>
internal sealed partial class AccountKeeper(string path, KnownAccounts accounts, Pipeline pipeline, TimeProvider clock, ILogger<AccountKeeper> logger)
{
    private const UnixFileMode OwnerAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // A full memory is some 20 MB; what is larger is not ours.
    private const long LongestBytes = 64 << 20;
    private static readonly TimeSpan WhenChanged = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Always = TimeSpan.FromHours(1);

    private readonly StateFile _file = new(path, LongestBytes, OwnerAlone);
    private DateTimeOffset _saved = clock.GetUtcNow();

    /// <summary>Takes up what was written down; before the first event.</summary>
    /// <remarks>Without it the guard guards all the same, and learns anew.</remarks>
    public void Load()
    {
        try
        {
            if (_file.Read() is { } text)
            {
                KnownAccountsText.Read(text, accounts);
            }
        }
        catch (IOException problem)
        {
            LogUnread(path, problem.Message);
        }
    }

    /// <summary>Writes until stopped: what is new within a minute, when each was last seen within an hour.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(WhenChanged, clock);
        while (await timer.WaitForNextTickAsync(stop))
        {
            if (accounts.IsChanged || clock.GetUtcNow() - _saved >= Always)
            {
                // In turn the text is made, out of turn it is written: no ban waits for the disk.
                Write(await pipeline.InTurnAsync(() => Task.FromResult(TakeText()), stop));
            }
        }
    }

    /// <summary>Writes what is new; when nothing else runs any more.</summary>
    public void Save()
    {
        try
        {
            if (accounts.IsChanged)
            {
                Write(TakeText());
            }
        }
        catch (IOException problem)
        {
            LogUnwritten(path, problem.Message);
        }
    }

    private string TakeText()
    {
        accounts.IsChanged = false;
        return KnownAccountsText.Write(accounts);
    }

    private void Write(string text)
    {
        try
        {
            _file.Write(text);
            _saved = clock.GetUtcNow();
        }
        catch (IOException)
        {
            // The supervisor tries again.
            accounts.IsChanged = true;
            throw;
        }
    }

    [LoggerMessage(2390, LogLevel.Warning, "{Path}: what was known of accounts can't be read, and is learned anew: {Problem}")]
    private partial void LogUnread(string path, string problem);

    [LoggerMessage(2391, LogLevel.Warning, "{Path}: what is known of accounts can't be written, and is learned anew at the next start: {Problem}")]
    private partial void LogUnwritten(string path, string problem);
}

using Ringfence.Api;
using Ringfence.Blocks;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Enforcement;
using Ringfence.Journal;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary>What a verb meets beside its arguments: output, errors, terminal, clock, configuration, journal. Program makes the real one, tests their own.</summary>
internal sealed class Surroundings : PrintSettings
{
    /// <summary>Reads the configuration: the path given by <c>--config</c>, or null for the default place.</summary>
    public required Func<string?, RingfenceConfig> ReadConfig { get; init; }

    /// <summary>The same for a verb that asks or tells a guard that runs already: an innocent can be freed while somebody's typing error is in the file.
    /// What is wrong is told on stderr, and what could be read, or the default, has to do.</summary>
    public RingfenceConfig ReadConfigToAsk(string? path)
    {
        try
        {
            return ReadConfig(path);
        }
        catch (UnsoundConfigException mistakes)
        {
            new Screen(this).Note($"ringfence: {mistakes.Message}\nThat stands in the way of the next start of the guard only; this goes on with what could be read.");
            return mistakes.Readable;
        }
        catch (UnreadableConfigException unreadable)
        {
            // Whoever is in the group ringfence may open the socket all the same; who is not is told so there.
            new Screen(this).Note($"ringfence: {unreadable.Message}; this goes on with the usual places.");
            return RingfenceConfig.Default;
        }
    }

    /// <summary>Opens the journal to look up what happened, without changing it; null: there is none yet.</summary>
    /// <exception cref="IOException">It is there and can't be read.</exception>
    public required Func<RingfenceConfig, IJournal?> OpenJournal { get; init; }

    /// <summary>What the kernel holds; null: it can't be asked.</summary>
    public Func<IReadOnlyList<ActiveBan>?> Standing { get; init; } = static () => null;

    /// <summary>A guard of this network that runs, wherever it listens; null: there is none.</summary>
    public Func<GuardProcess?> FindGuard { get; init; } = static () => null;

    /// <returns>What is so when nobody answers: no guard runs, or one whose socket was removed, which bans on.</returns>
    public string Explain(NotRunningException notRunning) => FindGuard() switch
    {
        null => notRunning.Message,
        { Config: { } config } other when !IsSocketOf(config, notRunning.SocketPath) =>
            $"a guard runs (process {other.Id}) and nobody answers on {notRunning.SocketPath}: it was started with another configuration; ask it with --config {config}",
        var guard => $"a guard runs (process {guard.Id}) and nobody answers on {notRunning.SocketPath}: the socket was removed, or the guard has another one; restart it: {GuardProcess.Restart(guard)}",
    };

    private bool IsSocketOf(string config, string socket)
    {
        try
        {
            return ReadConfig(config).Socket == socket;
        }
        catch (Exception problem) when (problem is MistakeException or WorldFailedException)
        {
            return false;
        }
    }

    /// <summary>Whether nothing on the machine is closed to this user.</summary>
    public bool IsRoot { get; init; } = Environment.IsPrivilegedProcess;

    /// <summary>Asks who else on the machine blocks an address, each for so long.</summary>
    public Func<Network, BlockPlaces, TimeSpan, CancellationToken, Task<BlockSurvey>> SurveyBlocks { get; init; } =
        static (subject, places, patience, stop) => BlockSurvey.OfAsync(subject, places, TimeProvider.System, patience, stop);

    /// <summary>Lets some time pass.</summary>
    public Func<TimeSpan, CancellationToken, Task> Pause { get; init; } = static (time, stop) => Task.Delay(time, TimeProvider.System, stop);

    public static Surroundings OfProcess()
    {
        // At the first byte that is written .NET's Console sends the terminal the string that makes its keypad send codes (keypad_xmit of
        // terminfo: ESC [?1h ESC =), for programs that read keys. We read none, and without a name of the terminal there is no such string.
        Environment.SetEnvironmentVariable("TERM", null);
        var isTerminal = !Console.IsOutputRedirected;
        return new Surroundings
        {
            Output = Console.Out,
            Error = Console.Error,
            // Our bug ends in a crash with its trace, not in exit code 1, which means "found something".
            EnableDefaultExceptionHandler = false,
            // The daemon stops by itself on SIGTERM; a verb that does not within this time is ended.
            ProcessTerminationTimeout = TimeSpan.FromSeconds(20),
            Clock = TimeProvider.System,
            IsTerminal = isTerminal,
            IsErrorTerminal = !Console.IsErrorRedirected,
            IsColoured = isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
            Width = isTerminal ? TerminalWidth() : 80,
            ReadConfig = ConfigOption.Read,
            OpenJournal = static config => ReadOnlyJournal.Open(config.Journal.Path),
            Standing = StandingInKernel,
            FindGuard = static () => RunningGuard.Find(),
        };
    }

    private static List<ActiveBan>? StandingInKernel()
    {
        try
        {
            using var kernel = new KernelTable(NetlinkSocket.Open());
            return StandingBans.Read(kernel, TimeProvider.System.GetUtcNow());
        }
        catch (FirewallException)
        {
            return null;
        }
    }

    // A terminal without a size (a serial line, some containers) says 0.
    private static int TerminalWidth() => Console.WindowWidth is > 20 and var width ? width : 80;
}

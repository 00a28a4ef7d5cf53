using Ringfence.Api;
using Ringfence.Blocks;
using Ringfence.Commands;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Journal;

namespace Ringfence.Tests.Commands;

/// <summary>Runs the program in this process, as from a shell, and keeps what it prints.</summary>
internal sealed record Console
{
    public RingfenceConfig Config { get; init; } = RingfenceConfig.Default with { Socket = "/nowhere/ringfence.sock" };

    /// <summary>In place of <see cref="Config"/>.</summary>
    public Func<string?, RingfenceConfig>? ReadConfig { get; init; }

    public IJournal? Journal { get; init; }

    /// <summary>In place of <see cref="Journal"/>.</summary>
    public Func<RingfenceConfig, IJournal?>? OpenJournal { get; init; }

    /// <summary>Who else blocks.</summary>
    public BlockSurvey Others { get; init; } = new([], []);

    /// <summary>In place of <see cref="Others"/>: what each look finds; the last also when it is asked again.</summary>
    public IReadOnlyList<BlockSurvey> Looks { get; init; } = [];

    /// <summary>How long each look takes.</summary>
    public TimeSpan LookTakes { get; init; }

    /// <summary>What the kernel holds.</summary>
    public IReadOnlyList<ActiveBan>? Standing { get; init; }

    /// <summary>A guard that does not answer.</summary>
    public GuardProcess? Guard { get; init; }

    public bool IsRoot { get; init; } = true;

    public bool IsTerminal { get; init; }

    public bool IsColoured { get; init; }

    public int Width { get; init; } = 120;

    public async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter { NewLine = "\n" };
        var exitCode = await CommandLine.RunAsync(args, Program.Verbs, Surroundings(output, error), Xunit.TestContext.Current.CancellationToken);
        return (exitCode, output.ToString(), error.ToString());
    }

    public Surroundings Surroundings(TextWriter output, TextWriter error)
    {
        var looks = 0;
        var clock = new ManualTime();
        return new()
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Clock = clock,
            IsTerminal = IsTerminal,
            IsErrorTerminal = IsTerminal,
            IsColoured = IsColoured,
            Width = Width,
            ReadConfig = ReadConfig ?? (path => path is null ? Config : ConfigOption.Read(path)),
            SurveyBlocks = (_, _, _, _) =>
            {
                clock.Advance(LookTakes);
                return Task.FromResult(Looks.Count == 0 ? Others : Looks[Math.Min(looks++, Looks.Count - 1)]);
            },
            Pause = (time, _) =>
            {
                clock.Advance(time);
                return Task.CompletedTask;
            },
            Standing = () => Standing,
            FindGuard = () => Guard,
            IsRoot = IsRoot,
            OpenJournal = OpenJournal ?? (_ => Journal),
        };
    }
}

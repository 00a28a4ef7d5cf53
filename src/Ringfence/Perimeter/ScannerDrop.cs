using Ringfence.Core.Firewall;
using Ringfence.Enforcement;

namespace Ringfence.Perimeter;

/// <summary>Keeps the rules that drop scanners' datagrams by name while the guard runs, and takes them out at its end.</summary>
/// <param name="prefix">What stands before each program: nothing.</param>
/// <param name="names">With what their User-Agents begin.</param>
/// <param name="mark">A file that says that the rules may be there: of a guard that was killed, too.</param>
internal sealed partial class ScannerDrop(IReadOnlyList<string> prefix, IReadOnlyList<ushort> ports, IReadOnlyList<string> names, string mark, TimeProvider clock, ILogger log)
{
    // Whoever reloads his iptables rules takes these with them.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private static readonly string[] Families = ["iptables", "ip6tables"];

    private readonly Dictionary<string, (long Before, long Now)> _dropped = Families.ToDictionary(static family => family, static _ => (0L, 0L), StringComparer.Ordinal);

    /// <summary>Datagrams since the start.</summary>
    public long Dropped
    {
        get
        {
            lock (_dropped)
            {
                return _dropped.Values.Sum(static count => count.Before + count.Now);
            }
        }
    }

    /// <summary>A part for the supervisor.</summary>
    /// <exception cref="FirewallException">There is no iptables, or it refuses: the kernel can't search.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await RemoveAsync(stop);
            using var timer = new PeriodicTimer(LookEvery, clock);
            do
            {
                foreach (var family in Families)
                {
                    await EnsureAsync(family, stop);
                }
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        finally
        {
            // Not with the guard's own end as a token: that is now. Each program is bounded.
            await RemoveAsync(CancellationToken.None);
        }
    }

    /// <summary>In place of <see cref="RunAsync"/> where nothing is to be dropped any more.</summary>
    /// <exception cref="FirewallException">There is no iptables.</exception>
    public async Task CleanAsync(CancellationToken stop)
    {
        await RemoveAsync(stop);
        await Task.Delay(Timeout.InfiniteTimeSpan, clock, stop);
    }

    /// <summary>Takes out what is there of them, if anything can be.</summary>
    public async Task RemoveAsync(CancellationToken stop)
    {
        if (!File.Exists(mark))
        {
            return;
        }

        foreach (var family in Families)
        {
            // Whatever ports it was led from for: each rule that leads to the chain.
            foreach (var rule in (await AskAsync(family, ["-S", "INPUT"], "", stop)).Output.Split('\n').Where(static line => line.EndsWith($" -j {ScannerRules.Chain}", StringComparison.Ordinal)))
            {
                await AskAsync(family, ["-D", .. rule.Split(' ').Skip(1)], "", stop);
            }

            await AskAsync(family, ["-F", ScannerRules.Chain], "", stop);
            await AskAsync(family, ["-X", ScannerRules.Chain], "", stop);
        }

        File.Delete(mark);
    }

    private async Task EnsureAsync(string family, CancellationToken stop)
    {
        if ((await AskAsync(family, ["-C", .. ScannerRules.Jump(ports)], "", stop)).ExitCode == 0)
        {
            var listed = await AskAsync(family, ["-nvxL", ScannerRules.Chain], "", stop);
            lock (_dropped)
            {
                _dropped[family] = (_dropped[family].Before, ScannerRules.Dropped(listed.Output));
            }

            return;
        }

        await File.WriteAllTextAsync(mark, "The rules of [firewall] scanners = drop may be in iptables.\n", stop);
        lock (_dropped)
        {
            _dropped[family] = (_dropped[family].Before + _dropped[family].Now, 0);
        }

        // iptables-restore has no word for "unless it is there": so the chain first, then the rule that leads to it.
        await NeedAsync($"{family}-restore", ["--noflush"], ScannerRules.Fill(names), stop);
        await NeedAsync(family, ["-I", .. ScannerRules.Jump(ports)], "", stop);
        LogDropping(log, family, names.Count);
    }

    private async Task NeedAsync(string program, IReadOnlyList<string> arguments, string input, CancellationToken stop)
    {
        var answer = await AskAsync(program, arguments, input, stop);
        if (answer.ExitCode != 0)
        {
            throw new FirewallException($"scanners = drop: {FilterTool.Refused(program, answer).Message}; it needs iptables and a kernel with xt_string (modprobe xt_string), or scanners = pass in [firewall]");
        }
    }

    private Task<ToolAnswer> AskAsync(string program, IReadOnlyList<string> arguments, string input, CancellationToken stop) =>
        FilterTool.RunAsync([.. prefix, program, "-w", "5", .. arguments], input, clock, stop);

    [LoggerMessage(2870, LogLevel.Information, "Datagrams with one of {Names} scanners' names are dropped by {Program}")]
    private static partial void LogDropping(ILogger log, string program, int names);
}

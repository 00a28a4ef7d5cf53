using System.Text;
using Ringfence.Core.Blocks;
using Ringfence.Sources;

namespace Ringfence.Blocks;

/// <summary>Lifts blocks by the means of whoever keeps them.</summary>
internal sealed class BlockLifter(BlockPlaces places, TimeProvider clock)
{
    /// <returns>Of each block what went wrong, or null if it is lifted; and what the operator should know all the same, or "".</returns>
    public async Task<IReadOnlyList<(string? Problem, string Note)>> LiftAsync(IReadOnlyList<Block> blocks, CancellationToken stop)
    {
        var results = new List<(string? Problem, string Note)>();

        // A file is changed once, whoever of it is asked for.
        var edited = blocks.Where(block => block.Kind == BlockKind.HostsDeny).GroupBy(block => block.Lift[0], StringComparer.Ordinal)
            .ToDictionary(file => file.Key, file => Trying(() => Edit(file.Key, [.. file.Select(block => block.Lift[1])])), StringComparer.Ordinal);
        foreach (var block in blocks)
        {
            results.Add(block.Kind == BlockKind.HostsDeny ? (edited[block.Lift[0]], "") : await LiftAsync(block, stop));
        }

        return results;
    }

    private static async Task<(string? Problem, string Note)> InListAsync(Block block, CancellationToken stop)
    {
        try
        {
            // procfs takes one write(2) as one command; nothing is truncated there.
            await using var list = new FileStream(block.Lift[0], FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            await list.WriteAsync(Encoding.ASCII.GetBytes($"{block.Lift[1]}\n"), stop);
            return (null, "");
        }
        catch (IOException problem)
        {
            return (problem.Message, "");
        }
        catch (UnauthorizedAccessException problem)
        {
            return (problem.Message, "");
        }
    }

    private static string? Trying(Action change)
    {
        try
        {
            change();
            return null;
        }
        catch (IOException problem)
        {
            return problem.Message;
        }
        catch (UnauthorizedAccessException problem)
        {
            return problem.Message;
        }
    }

    private async Task<(string? Problem, string Note)> LiftAsync(Block block, CancellationToken stop)
    {
        if (block.Kind == BlockKind.XtRecent)
        {
            return await InListAsync(block, stop);
        }

        var answer = await RunAsync(block.Lift, stop);
        if (answer.Problem is { } problem)
        {
            return ($"{problem}{OtherBlockers.LastLine(answer)}", "");
        }

        // It prints how many it has lifted, and ends with 0 for none.
        if (block.Kind == BlockKind.Fail2ban && Encoding.UTF8.GetString(answer.Output).Trim() == "0")
        {
            return ("fail2ban knows of no such ban any more", "");
        }

        return (null, block.LiftForGood is { } forGood && await RunAsync(forGood, stop) is { Problem: { } left } again
            ? $"lifted until the next reload alone: {left}{OtherBlockers.LastLine(again)}"
            : block.Returns ?? "");
    }

    private Task<CommandAnswer> RunAsync(IReadOnlyList<string> command, CancellationToken stop) => ShortCommand.RunAsync(command[0], [.. command.Skip(1)], BlockSurvey.Usual, clock, stop);

    private void Edit(string path, IReadOnlyCollection<string> clients)
    {
        string before;
        try
        {
            before = File.ReadAllText(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException e)
        {
            throw new IOException($"{path} is not UTF-8, and would not stay as it is: change it by hand", e);
        }

        var after = HostsDeny.Without(before, clients, path != places.HostsAllow);
        if (after == before)
        {
            throw new IOException($"{string.Join(" and ", clients)} does not stand in it any more");
        }

        KeptCopy.Of(path, clock);
        AtomicFile.WriteAllText(path, after);
    }
}

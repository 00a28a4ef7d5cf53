using System.Globalization;
using System.Text;
using Ringfence.Core.Blocks;
using Ringfence.Sources;

namespace Ringfence.Blocks;

/// <summary>Lifts a block by the means of whoever keeps it.</summary>
internal sealed class BlockLifter(TimeProvider clock)
{
    /// <returns>null if it is lifted; else what went wrong.</returns>
    public async Task<string?> LiftAsync(Block block, CancellationToken stop)
    {
        try
        {
            switch (block.Kind)
            {
                case BlockKind.XtRecent:
                    // procfs takes one write(2) as one command; nothing is truncated there.
                    await using (var list = new FileStream(block.Lift[0], FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
                    {
                        await list.WriteAsync(Encoding.ASCII.GetBytes($"{block.Lift[1]}\n"), stop);
                    }

                    return null;
                case BlockKind.HostsDeny:
                    return Edit(block.Lift[0], block.Lift[1]);
                default:
                    return await RunAsync(block, stop);
            }
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

    private async Task<string?> RunAsync(Block block, CancellationToken stop)
    {
        var answer = await ShortCommand.RunAsync(block.Lift[0], [.. block.Lift.Skip(1)], BlockSurvey.Usual, clock, stop);
        if (answer.Problem is { } problem)
        {
            return $"{problem}{OtherBlockers.FirstLine(answer)}";
        }

        // It prints how many it has lifted, and ends with 0 for none.
        return block.Kind == BlockKind.Fail2ban && Encoding.UTF8.GetString(answer.Output).Trim() == "0" ? "fail2ban knows of no such ban any more" : null;
    }

    private string? Edit(string path, string client)
    {
        var before = File.ReadAllText(path);
        var after = HostsDeny.Without(before, client);
        if (after == before)
        {
            return $"{client} does not stand in it any more";
        }

        File.Copy(path, $"{path}.{clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)}");
        AtomicFile.WriteAllText(path, after);
        return null;
    }
}

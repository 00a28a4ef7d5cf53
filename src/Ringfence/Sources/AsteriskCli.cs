using System.ComponentModel;
using System.Diagnostics;

namespace Ringfence.Sources;

/// <summary>Asks the running Asterisk by its own command line: "asterisk -rx COMMAND".</summary>
/// <param name="asterisk">The program; looked up in PATH when it has no slash.</param>
/// <param name="directory">Asterisk's configuration directory: its asterisk.conf says where the control socket is.</param>
internal sealed class AsteriskCli(string asterisk, string directory, TimeProvider clock)
{
    /// <summary>An Asterisk under attack answers in milliseconds; one that takes longer is hung, and the caller has other work.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>About 20,000 registered phones.</summary>
    private const int MaxBytes = 16 << 20;

    public async Task<CliAnswer> AskAsync(string command, CancellationToken stop)
    {
        // A list of arguments: no shell reads the command.
        var arguments = directory == "/etc/asterisk" ? (string[])["-rx", command] : ["-C", $"{directory}/asterisk.conf", "-rx", command];
        return await RunAsync(asterisk, arguments, clock, stop);
    }

    /// <summary>Runs any program the same way: no shell, five seconds, bounded output.</summary>
    public static async Task<CliAnswer> RunAsync(string program, IReadOnlyList<string> arguments, TimeProvider clock, CancellationToken stop)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        using var limit = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception e)
        {
            return new CliAnswer([], $"{program} can't be run: {e.Message}");
        }

        if (process is null)
        {
            return new CliAnswer([], $"{program} can't be run");
        }

        using (process)
        {
            try
            {
                process.StandardInput.Close();
                var errors = ReadAsync(process.StandardError.BaseStream, either.Token);
                var output = await ReadAsync(process.StandardOutput.BaseStream, either.Token);
                await errors;
                await process.WaitForExitAsync(either.Token);
                return process.ExitCode == 0 ? new CliAnswer(output, null) : new CliAnswer(output, $"{program} ended with code {process.ExitCode}");
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return new CliAnswer([], $"{program} did not answer in {Patience.TotalSeconds} s");
            }
            catch (IOException e)
            {
                return new CliAnswer([], $"{program}: {e.Message}");
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }
            }
        }
    }

    // Both pipes are drained to the end, or the program would block; what is over the limit is dropped.
    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken stop)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int count;
        while ((count = await stream.ReadAsync(buffer, stop)) > 0)
        {
            kept.Write(buffer, 0, (int)Math.Min(count, MaxBytes - kept.Length));
        }

        return kept.ToArray();
    }
}

/// <param name="Problem">null if the program ran and was content.</param>
internal sealed record CliAnswer(byte[] Output, string? Problem);

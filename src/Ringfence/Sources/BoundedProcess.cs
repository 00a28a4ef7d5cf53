using System.Diagnostics;

namespace Ringfence.Sources;

/// <summary>Feeds a program that was started, hears it to its end, and ends it when its time is up.</summary>
internal static class BoundedProcess
{
    /// <summary>For what is still in the pipes when a program has ended. Somebody whom it left behind may hold them open for as long as he lives
    /// (<c>something &amp;</c> in a script), and has nothing to say to us.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private const int Looks = 2;

    /// <param name="process">All three streams redirected; disposed here.</param>
    /// <param name="keptBytes">Of each stream; what is more is read and dropped, or the program would block.</param>
    /// <param name="kill">Ends it, and what it started.</param>
    /// <exception cref="OperationCanceledException">It did not end before <paramref name="stop"/>, and was killed.</exception>
    /// <exception cref="IOException">Its output can't be read.</exception>
    public static async Task<ProcessEnd> RunAsync(Process process, ReadOnlyMemory<byte> input, int keptBytes, Action<Process> kill, TimeProvider clock, CancellationToken stop)
    {
        using (process)
        {
            // Process.Dispose leaves streams alone that were asked for once: two pipes per run would stay open until the next collection.
            await using var fed = process.StandardInput.BaseStream;
            await using var output = process.StandardOutput.BaseStream;
            await using var errors = process.StandardError.BaseStream;
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
            using var heard = new Kept(keptBytes);
            using var complained = new Kept(keptBytes);
            var feeding = FeedAsync(fed, input, enough.Token);
            var reading = Task.WhenAll(heard.ReadAsync(output, enough.Token), complained.ReadAsync(errors, enough.Token));
            try
            {
                await process.WaitForExitAsync(stop);
                var isWhole = await IsDoneAsync(reading, clock, stop);
                return new ProcessEnd(process.ExitCode, heard.Bytes, complained.Bytes, isWhole);
            }
            finally
            {
                if (!process.HasExited)
                {
                    kill(process);
                }

                await enough.CancelAsync();
                await Task.WhenAll(feeding, reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static async Task<bool> IsDoneAsync(Task reading, TimeProvider clock, CancellationToken stop)
    {
        for (var look = 0; look < Looks; look++)
        {
            try
            {
                await reading.WaitAsync(Rest, clock, stop);
                return true;
            }
            catch (TimeoutException)
            {
                // A machine that stood still for the whole rest wakes to a timer that is due and to bytes that nobody has read yet.
            }
        }

        return false;
    }

    private static async Task FeedAsync(Stream stream, ReadOnlyMemory<byte> input, CancellationToken stop)
    {
        try
        {
            await stream.WriteAsync(input, stop);
            await stream.FlushAsync(stop);
            stream.Close();
        }
        catch (IOException)
        {
            // It ended, or closed its input, before it had read all: its exit code says what it thinks of that.
        }
    }

    // Read while somebody else looks at what came so far.
    private sealed class Kept(int most) : IDisposable
    {
        private readonly MemoryStream _kept = new();

        public byte[] Bytes
        {
            get
            {
                lock (_kept)
                {
                    return _kept.ToArray();
                }
            }
        }

        public void Dispose() => _kept.Dispose();

        public async Task ReadAsync(Stream stream, CancellationToken stop)
        {
            var buffer = new byte[16 * 1024];
            int count;
            while ((count = await stream.ReadAsync(buffer, stop)) > 0)
            {
                lock (_kept)
                {
                    _kept.Write(buffer, 0, (int)Math.Min(count, most - _kept.Length));
                }
            }
        }
    }
}

/// <param name="Output">What it wrote to stdout, any bytes, at most as many as were to be kept.</param>
/// <param name="Errors">The same of stderr.</param>
/// <param name="IsWhole">Both were read to their end; false: somebody whom it left behind holds them open.</param>
internal sealed record ProcessEnd(int ExitCode, byte[] Output, byte[] Errors, bool IsWhole);

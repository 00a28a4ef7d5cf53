using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.SystemTests.Sources;

/// <summary>As root, who becomes somebody else for the tail's thread only: permissions do not stop root.</summary>
public sealed partial class PermissionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_log_that_may_not_be_read_is_said_once_and_read_as_soon_as_it_may()
    {
        Requires.Root();
        var directory = Directory.CreateTempSubdirectory("rf-sources-permission-").FullName;
        File.SetUnixFileMode(directory, (UnixFileMode)0x1ed);
        var log = Path.Combine(directory, "security_log");
        await File.WriteAllTextAsync(log, "old\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(log, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        using var stop = new CancellationTokenSource();
        var batches = SourceBatch.NewChannel();
        var paths = new[] { log };
        var said = new List<string>();
        var tail = new FileTail(paths, [], batches.Writer, new UnprivilegedTime(), new CountingLogger(said));
        var running = tail.RunAsync(stop.Token);
        try
        {
            await WaitForAsync(tail, TailState.NoPermission);
            Assert.Contains("no permission", tail.Status[0].Problem, StringComparison.Ordinal);
            var since = tail.Status[0].Since;
            await File.AppendAllTextAsync(log, "written while closed\n", TestContext.Current.CancellationToken);
            File.SetUnixFileMode(log, (UnixFileMode)0x1a4);
            Assert.Equal("written while closed\n", await ReadAsync(batches.Reader, "written while closed\n".Length));
            Assert.Equal(TailState.Reading, tail.Status[0].State);
            Assert.True(tail.Status[0].Since > since);
            Assert.True(tail.Status[0].Refusals > 0);
            Assert.Single(said, message => message.Contains("no permission", StringComparison.Ordinal));

            // Rotated, and the new file is closed to us.
            await File.WriteAllTextAsync(log + ".new", "new\n", TestContext.Current.CancellationToken);
            File.SetUnixFileMode(log + ".new", UnixFileMode.UserRead);
            File.Move(log, log + ".1");
            File.Move(log + ".new", log);
            await WaitForAsync(tail, TailState.NoPermission);
            await File.AppendAllTextAsync(log + ".1", "still the old\n", TestContext.Current.CancellationToken);
            Assert.Equal("still the old\n", await ReadAsync(batches.Reader, "still the old\n".Length));
            File.SetUnixFileMode(log, (UnixFileMode)0x1a4);
            Assert.Equal("new\n", await ReadAsync(batches.Reader, "new\n".Length));

            // The directory is closed to us: what is open is read.
            File.SetUnixFileMode(directory, UnixFileMode.UserRead);
            await WaitForAsync(tail, TailState.NoPermission);
            await File.AppendAllTextAsync(log, "in the dark\n", TestContext.Current.CancellationToken);
            Assert.Equal("in the dark\n", await ReadAsync(batches.Reader, "in the dark\n".Length));
            File.SetUnixFileMode(directory, (UnixFileMode)0x1ed);
            await WaitForAsync(tail, TailState.Reading);
        }
        finally
        {
            await stop.CancelAsync();
            await running.WaitAsync(Patience, CancellationToken.None);

            // Away from the tail's thread, on which the awaiting went on without its rights.
            await Task.Yield();
            Directory.Delete(directory, recursive: true);
        }
    }

    private sealed class CountingLogger(List<string> said) : ILogger<FileTail>
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            said.Add(formatter(state, exception));
    }

    private static async Task<string> ReadAsync(System.Threading.Channels.ChannelReader<SourceBatch> reader, int length)
    {
        using var patience = new CancellationTokenSource(Patience);
        var text = string.Empty;
        while (text.Length < length)
        {
            using var batch = (RawBatch)await reader.ReadAsync(patience.Token);
            text += System.Text.Encoding.ASCII.GetString(batch.Bytes);
        }

        return text;
    }

    private static async Task WaitForAsync(FileTail tail, TailState state)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (tail.Status[0].State != state)
        {
            await tick.WaitForNextTickAsync(patience.Token);
        }
    }

    /// <summary>Gives up root's rights to files in the tail's thread, the only one that asks it for a timestamp.</summary>
    /// <remarks>setfsuid(2) holds for one thread, and takes CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH with it (capabilities(7)).</remarks>
    private sealed partial class UnprivilegedTime : TimeProvider
    {
        private const uint Nobody = 65534;

        public override long GetTimestamp()
        {
            _ = SetFileSystemUser(Nobody);
            return base.GetTimestamp();
        }

        [LibraryImport("libc", EntryPoint = "setfsuid")]
        private static partial int SetFileSystemUser(uint user);
    }
}

using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class TailedLogTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-sources-rest-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("there")]
    [InlineData("not there")]
    public void Where_the_kernel_tells_of_every_change_a_look_a_second_is_enough(string name)
    {
        Assert.SkipUnless(Libc.IsOnLocalFileSystem(_directory), "the directory for temporary files is on a file system that is not known to be local");
        File.WriteAllText(Path.Combine(_directory, "there"), "old\n");

        Assert.Equal(TimeSpan.FromSeconds(1), RestOf(Path.Combine(_directory, name)));
    }

    [Fact]
    public void Where_it_does_not_the_log_is_looked_at_every_200_ms()
    {
        File.CreateSymbolicLink(Path.Combine(_directory, "link"), "missing/log");

        // A directory that is not there; a file system of which nobody knows who writes to it; a link that leads into a directory that is not there; no file.
        foreach (var path in new[] { Path.Combine(_directory, "missing", "log"), "/proc/uptime", Path.Combine(_directory, "link"), _directory })
        {
            Assert.Equal((path, TimeSpan.FromMilliseconds(200)), (path, RestOf(path)));
        }
    }

    private static TimeSpan RestOf(string path)
    {
        using var inotify = new Inotify();
        using var log = new TailedLog(path, null, SourceBatch.NewChannel().Writer, inotify, new StandingTime(), NullLogger.Instance, CancellationToken.None);
        log.Look();
        return log.Rest;
    }

    private sealed class StandingTime : TimeProvider
    {
        public override long GetTimestamp() => 1;
    }
}

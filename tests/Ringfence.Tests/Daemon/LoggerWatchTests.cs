using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Daemon;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Daemon;

public sealed class LoggerWatchTests : IDisposable
{
    private static readonly DateTime Before = DateTime.UtcNow.AddHours(-1);

    private readonly string _directory = Directory.CreateTempSubdirectory("rf-logger-").FullName;
    private readonly FileTail _tail;
    private readonly LoggerWatch _watch;

    public LoggerWatchTests()
    {
        File.WriteAllText(At("asterisk.conf"), $"[directories]\nastlogdir => {_directory}\n");
        Logger("messages => notice,error", Before);
        Log("messages", Before);
        File.SetLastWriteTimeUtc(At("asterisk.conf"), Before);
        _tail = new FileTail([At("messages")], [], SourceBatch.NewChannel().Writer, TimeProvider.System, NullLogger<FileTail>.Instance);
        _watch = new LoggerWatch(_directory, [], _tail, TimeProvider.System, NullLogger.Instance);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_log_that_logger_conf_names_later_is_watched_and_the_former_one_until_asterisk_has_reloaded()
    {
        _watch.Look();
        Assert.Equal([At("messages")], _tail.Paths);

        Logger("messages => notice,error\nsecurity_json => [json]security", Before.AddMinutes(1));
        _watch.Look();
        Assert.Equal([At("security_json"), At("messages")], _tail.Paths);

        Log("security_json", Before.AddMinutes(2));
        _watch.Look();
        Assert.Equal([At("security_json")], _tail.Paths);
    }

    [Fact]
    public void A_log_that_is_there_but_was_not_written_since_the_change_takes_no_others_place()
    {
        Log("security_json", Before.AddMinutes(-1));
        Logger("security_json => [json]security", Before.AddMinutes(1));

        _watch.Look();

        Assert.Equal([At("security_json"), At("messages")], _tail.Paths);
    }

    [Theory]
    [InlineData("")]
    [InlineData("console => notice")]
    public void A_file_that_names_no_log_blinds_nobody(string logs)
    {
        Logger(logs, Before.AddMinutes(1));

        _watch.Look();

        Assert.Equal([At("messages")], _tail.Paths);
    }

    private string At(string name) => Path.Combine(_directory, name);

    private void Logger(string logs, DateTime time)
    {
        File.WriteAllText(At("logger.conf"), $"[general]\n[logfiles]\n{logs}\n");
        File.SetLastWriteTimeUtc(At("logger.conf"), time);
    }

    private void Log(string name, DateTime time)
    {
        File.WriteAllText(At(name), "x\n");
        File.SetLastWriteTimeUtc(At(name), time);
    }
}

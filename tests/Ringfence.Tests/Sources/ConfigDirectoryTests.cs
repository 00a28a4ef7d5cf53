using Ringfence.Core.Pbx;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class ConfigDirectoryTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-config-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Includes_are_found_on_the_disk_in_the_order_of_their_names()
    {
        Write("pjsip.conf", "#include pjsip.d/*.conf\n");
        Write("pjsip.d/20-b.conf", "[b]\n");
        Write("pjsip.d/10-a.conf", "[a]\n");
        Write("pjsip.d/.hidden.conf", "[hidden]\n");
        Write("pjsip.d/notes.txt", "[notes]\n");

        var config = AsteriskConfig.Read("pjsip.conf", _directory, new ConfigDirectory());

        Assert.Empty(config.Problems);
        Assert.Equal(["a", "b"], config.Sections.Select(section => section.Name));
        Assert.Equal("pjsip.d/10-a.conf", config.Sections.First().Place.File);
    }

    [Fact]
    public async Task A_fifo_and_a_directory_are_no_files_and_block_nobody()
    {
        var made = await ShortCommand.RunAsync("mkfifo", [Path.Combine(_directory, "fifo.conf")], TimeProvider.System, TestContext.Current.CancellationToken);
        var files = new ConfigDirectory();

        Assert.Null(made.Problem);
        Assert.Null(files.Read(Path.Combine(_directory, "fifo.conf")));
        Assert.Null(files.Read(_directory));
        Assert.Null(files.Read(Path.Combine(_directory, "nothing")));
    }

    [Fact]
    public async Task A_program_gets_its_arguments_as_they_are_and_a_missing_one_is_a_problem_and_no_exception()
    {
        var echo = await ShortCommand.RunAsync("echo", ["$(id)", "a b;c"], TimeProvider.System, TestContext.Current.CancellationToken);
        var missing = await ShortCommand.RunAsync("rf-no-such-program", [], TimeProvider.System, TestContext.Current.CancellationToken);
        var failed = await ShortCommand.RunAsync("false", [], TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.Equal("$(id) a b;c\n", System.Text.Encoding.UTF8.GetString(echo.Output));
        Assert.Equal("rf-no-such-program is not installed (not in PATH)", missing.Problem);
        Assert.Equal("false ended with code 1", failed.Problem);
    }

    [Theory]
    [InlineData("Asterisk 22.10.1+dfsg built by nobody @ host on a unknown\n", "22.10.1+dfsg")]
    [InlineData("Unable to connect to remote asterisk (does /var/run/asterisk/asterisk.ctl exist?)", null)]
    [InlineData("Asterisk ", null)]
    public void The_version_is_read_from_the_answer(string answer, string? version) => Assert.Equal(version, MachineLook.AsteriskVersionOf(answer));

    [Fact]
    public void Jails_for_Asterisk_are_picked_from_the_list() =>
        Assert.Equal(["asterisk", "freepbx"], MachineLook.AsteriskJails("Status\n|- Number of jail:\t3\n`- Jail list:\tasterisk, freepbx, sshd\n"));

    private void Write(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var writer = new StreamWriter(path);
        writer.Write(text);
    }
}

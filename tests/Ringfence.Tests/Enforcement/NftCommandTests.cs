using Ringfence.Enforcement;
using Xunit;

namespace Ringfence.Tests.Enforcement;

public sealed class NftCommandTests
{
    // More than a pipe holds (64 KiB): one that ends without reading breaks the pipe each time, not only when it wins a race.
    private static readonly string Script = new('#', 1024 * 1024);

    [Theory]
    [InlineData("exit 0", null)]
    [InlineData("exit 3", "exit code 3")]
    [InlineData("echo 'no such table' >&2; echo ^ >&2; exit 1", "no such table")]
    public async Task One_that_ends_without_reading_its_script_is_judged_by_its_exit_code_and_words(string what, string? said)
    {
        uint id = 0;

        var complaint = await new NftCommand(["sh", "-c", what]).RunAsync(Script, started => id = started, TestContext.Current.CancellationToken);

        Assert.Equal(said, complaint);
        Assert.NotEqual(0u, id);
    }
}

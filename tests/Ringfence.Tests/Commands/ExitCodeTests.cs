using Xunit;

namespace Ringfence.Tests.Commands;

public sealed class ExitCodeTests
{
    [Fact]
    public void The_numbers_are_those_that_scripts_know() =>
        Assert.Equal([0, 1, 2, 3], [ExitCode.Fine, ExitCode.Found, ExitCode.Mistake, ExitCode.WorldFailed]);
}

using Ringfence.Output;
using Xunit;

namespace Ringfence.Tests.Output;

public sealed class ProgressTests
{
    [Fact]
    public void Work_of_less_than_a_second_shows_nothing() => Assert.Equal("", Draw(isTerminal: true, TimeSpan.FromSeconds(0.9)));

    [Fact]
    public void Nothing_is_drawn_where_there_is_no_terminal() => Assert.Equal("", Draw(isTerminal: false, TimeSpan.FromSeconds(5)));

    [Fact]
    public void A_bar_is_drawn_after_a_second_and_taken_away_at_the_end() => Assert.Equal(
        "\rReading [#######.......................] 25 % 6 s left\e[K\r\e[K",
        Draw(isTerminal: true, TimeSpan.FromSeconds(2)));

    private static string Draw(bool isTerminal, TimeSpan elapsed)
    {
        using var error = new StringWriter();
        var surroundings = new Commands.Console { IsTerminal = isTerminal }.Surroundings(TextWriter.Null, error);
        using (var progress = new Progress(surroundings, "Reading", 100))
        {
            progress.Report(1);
            ((ManualTime)surroundings.Clock).Advance(elapsed);
            progress.Report(25);
            // Not again within a tenth of a second.
            progress.Report(26);
        }

        return error.ToString();
    }
}

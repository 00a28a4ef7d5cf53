using Ringfence.Core.Fraud;
using Xunit;

namespace Ringfence.Tests.Fraud;

public sealed class NumberListTests
{
    [Fact]
    public void Numbers_and_their_beginnings_are_found_however_they_are_written()
    {
        var (list, mistakes) = NumberList.Read(("test-numbers", "# comment\n+23279000001, a test\n005378301234 ; own\n+881*\n"));

        Assert.Empty(mistakes);
        Assert.Equal(3, list.Count);
        Assert.All(["23279000001", "5378301234", "881", "881612345678"], number => Assert.True(list.Contains(number)));
        Assert.All(["2327900000", "232790000011", "8", "", "1234567890123456789"], number => Assert.False(list.Contains(number)));
    }

    [Fact]
    public void A_line_that_is_no_number_is_told_with_its_place_and_the_rest_counts()
    {
        var (list, mistakes) = NumberList.Read(("test-numbers", "23279*\nnonsense\n12\n+1234567890123456\n*\n"));

        Assert.Equal(1, list.Count);
        Assert.Equal(["test-numbers:2", "test-numbers:3", "test-numbers:4", "test-numbers:5"], mistakes.Select(static mistake => string.Join(':', mistake.Split(':')[..2])));
    }
}

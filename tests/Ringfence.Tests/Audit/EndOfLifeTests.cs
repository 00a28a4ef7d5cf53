using Ringfence.Core.Audit;
using Ringfence.Core.Pbx;
using Ringfence.Tests.Pbx;
using Xunit;

namespace Ringfence.Tests.Audit;

public sealed class EndOfLifeTests
{
    private static readonly AuditRule Rule = AuditRules.All.Single(rule => rule.Id == "RF1612");

    [Theory]
    [InlineData(13, null, true)]
    [InlineData(16, null, true)]
    [InlineData(18, null, true)]
    [InlineData(21, null, true)]
    [InlineData(20, null, false)]
    [InlineData(20, "2027-10-20T00:00:00Z", true)]
    [InlineData(22, "2028-01-01T00:00:00Z", false)]
    [InlineData(24, "2031-01-01T00:00:00Z", false)]
    public void A_branch_is_over_from_the_day_on_that_the_project_says(int major, string? now, bool isOver)
    {
        var facts = now is null ? new Dictionary<string, string>() : new Dictionary<string, string> { [HostFact.Now.Name] = now };

        Assert.Equal(isOver, Rule.Check(new PbxSnapshot("/etc/asterisk", new MemoryFiles(), new AsteriskVersion(major), facts)).Any());
    }

    [Fact]
    public void Where_nobody_says_the_version_nothing_is_said_of_its_end() =>
        Assert.Empty(Rule.Check(new PbxSnapshot("/etc/asterisk", new MemoryFiles(), version: null, new Dictionary<string, string>())));
}

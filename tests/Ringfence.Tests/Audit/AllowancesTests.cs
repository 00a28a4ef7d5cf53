using Ringfence.Core.Audit;
using Xunit;

namespace Ringfence.Tests.Audit;

public sealed class AllowancesTests
{
    private static readonly AuditRule Anonymous = AuditRules.All.Single(rule => rule.Id == "RF1001");
    private static readonly AuditRule MissingAcl = AuditRules.All.Single(rule => rule.Id == "RF1002");

    [Theory]
    [InlineData("[anonymous] ; ringfence: allow RF1001 (lobby phone)\ntype=endpoint\n")]
    [InlineData("[anonymous] ; ringfence: allow anonymous-calls (lobby phone)\ntype=endpoint\n")]
    [InlineData("; ringfence: allow RF1001 (lobby phone)\n[anonymous]\ntype=endpoint\n")]
    [InlineData("; a telephone in the hall\n; ringfence: allow rf1001, RF1002 (lobby phone)\n; that is all\n[anonymous]\ntype=endpoint\n")]
    [InlineData("[anonymous] ; who is that? ; Ringfence: allow RF1001 (lobby phone)\ntype=endpoint\n")]
    public void A_comment_on_the_line_or_alone_above_it_allows_a_finding(string text)
    {
        var result = Run(text);

        Assert.Empty(result.Findings);
        var allowed = Assert.Single(result.Allowed);
        Assert.Equal("lobby phone", allowed.Reason);
        Assert.StartsWith("pjsip.conf:", allowed.By, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[anonymous] ; ringfence: allow RF1002 (another rule)\ntype=endpoint\n")]
    [InlineData("[anonymous] ; ringfence allow RF1001\ntype=endpoint\n")]
    [InlineData("[anonymous]\ntype=endpoint\n; ringfence: allow RF1001 (below)\n")]
    [InlineData("[1001] ; ringfence: allow RF1001 (another section)\ntype=endpoint\n[anonymous]\ntype=endpoint\n")]
    [InlineData("[anonymous]\ntype=endpoint ; ringfence: allow RF1001 (another line)\n")]
    [InlineData("; ringfence: allow RF1001 (of something that is gone)\n\n[anonymous]\ntype=endpoint\n")]
    [InlineData(";-- old\n; ringfence: allow RF1001 (out of force)\n--;\n[anonymous]\ntype=endpoint\n")]
    [InlineData(";-- ;-- --;\n; ringfence: allow RF1001 (out of force)\n--;\n[anonymous]\ntype=endpoint\n")]
    [InlineData("[general] ;-- old\n; ringfence: allow RF1001 (out of force)\n--;\n[anonymous]\ntype=endpoint\n")]
    [InlineData("[1]\ntype=endpoint\ncallerid=Joe \\; ringfence: allow RF1001 (a name)\n[anonymous]\ntype=endpoint\n")]
    public void A_comment_about_something_else_allows_nothing(string text) => Assert.Single(Run(text).Findings);

    [Fact]
    public void On_the_line_of_a_section_it_holds_for_the_whole_section()
    {
        const string Text = "[1001] ; ringfence: allow missing-named-acl (the file comes later)\ntype=endpoint\nacl=a\n[1002]\ntype=endpoint\nacl=b\n";

        var result = Run(Text);

        Assert.Equal("endpoint 1002", Assert.Single(result.Findings).Fault.Subject);
        Assert.Equal("endpoint 1001", Assert.Single(result.Allowed).Finding.Fault.Subject);
    }

    [Fact]
    public void What_ringfence_conf_allows_is_no_finding()
    {
        var result = Run("[anonymous]\ntype=endpoint\n", "RF1001");

        Assert.Empty(result.Findings);
        Assert.Equal(Auditor.ByConfiguration, Assert.Single(result.Allowed).By);
    }

    [Theory]
    [InlineData("[1001] ; ringfence: allow anonymous-cals (lobby)\ntype=endpoint\n", "pjsip.conf:1: there is no rule anonymous-cals that could be allowed; did you mean anonymous-calls?")]
    [InlineData("[1001] ; ringfence: allow RF1999\ntype=endpoint\n", "pjsip.conf:1: there is no rule RF1999 that could be allowed")]
    [InlineData("[1001] ; ringfence: allow RF1001 (it was one)\ntype=endpoint\n", "pjsip.conf:1: RF1001 is allowed here and not found: the comment can go")]
    public void A_comment_that_allows_nothing_is_told_and_is_no_finding(string text, string note)
    {
        var result = Run(text);

        Assert.Equal([note], result.Notes);
        Assert.Empty(result.Findings);
    }

    [Fact]
    public void A_comment_that_allows_something_is_not_told() => Assert.Empty(Run("[anonymous] ; ringfence: allow RF1001 (lobby)\ntype=endpoint\n").Notes);

    [Fact]
    public void A_version_whose_options_are_not_known_is_told()
    {
        var result = Auditor.Run(ExampleFiles.Of("[1001]\ntype=endpoint\n", "pjsip.conf", new(23)).Pbx, AuditRules.All, new HashSet<string>(), TestContext.Current.CancellationToken);

        Assert.Contains(result.NotAsked, static rule => rule.Name == "unknown-option");
        Assert.DoesNotContain(result.NotAsked, static rule => rule.Id == Anonymous.Id);
    }

    private static AuditResult Run(string text, params string[] allowed) =>
        Auditor.Run(ExampleFiles.Of(text, "pjsip.conf").Pbx, [Anonymous, MissingAcl], allowed.ToHashSet());
}

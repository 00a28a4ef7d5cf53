using System.Text.Json;
using System.Xml.Linq;
using Ringfence.Core.Audit;
using Ringfence.Core.Audit.Reports;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;
using Xunit;

namespace Ringfence.Tests.Audit;

public sealed class ReportTests
{
    private const string Hostile = "<script>alert(1)</script>&\"'`|*_[x](javascript:y)";
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Html_holds_no_markup_of_the_configuration_and_loads_nothing()
    {
        var html = HtmlReport.Write(Input(Hostile));

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("src=", html, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", html, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", html, StringComparison.Ordinal);
        Assert.Contains("RF1001", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Html_folds_the_places_of_a_rule_away_that_are_more_than_a_dozen()
    {
        string Of(int endpoints) => HtmlReport.Write(new ReportInput(
            Auditor.Run(ExampleFiles.Of(string.Concat(Enumerable.Range(0, endpoints).Select(static i => $"[anonymous@{i}]\ntype=endpoint\n")), "pjsip.conf").Pbx, [.. AuditRules.All.Where(static rule => rule.Id == "RF1001")], new HashSet<string>(), TestContext.Current.CancellationToken),
            "pbx", Noon, "1.0", []));

        Assert.DoesNotContain("<details", Of(12), StringComparison.Ordinal);
        Assert.Contains("<summary>28 more</summary>", Of(40), StringComparison.Ordinal);
        Assert.Contains("anonymous@39", Of(40), StringComparison.Ordinal);
    }

    [Fact]
    public void Html_shows_a_trend_only_where_there_is_one()
    {
        AuditRun[] runs = [new(Noon.AddDays(-1), 40, new Dictionary<Severity, int>()), new(Noon, 88, new Dictionary<Severity, int>())];

        Assert.DoesNotContain("polyline points", HtmlReport.Write(Input("1001")), StringComparison.Ordinal);
        Assert.Contains("polyline points", HtmlReport.Write(Input("1001") with { Runs = runs }), StringComparison.Ordinal);
    }

    [Fact]
    public void Sarif_names_the_rule_the_file_and_the_line()
    {
        var text = SarifReport.Write(Input(Hostile), AuditRules.All, "/etc/asterisk");

        using var sarif = JsonDocument.Parse(text);
        var run = sarif.RootElement.GetProperty("runs")[0];
        var result = run.GetProperty("results")[0];
        var location = result.GetProperty("locations")[0].GetProperty("physicalLocation");
        Assert.Equal("2.1.0", sarif.RootElement.GetProperty("version").GetString());
        Assert.Equal("RF1001", run.GetProperty("tool").GetProperty("driver").GetProperty("rules")[result.GetProperty("ruleIndex").GetInt32()].GetProperty("id").GetString());
        Assert.Equal("error", result.GetProperty("level").GetString());
        Assert.Equal("pjsip.conf", location.GetProperty("artifactLocation").GetProperty("uri").GetString());
        Assert.Equal(3, location.GetProperty("region").GetProperty("startLine").GetInt32());
        Assert.Equal("file:///etc/asterisk/", run.GetProperty("originalUriBaseIds").GetProperty("ASTERISK").GetProperty("uri").GetString());
    }

    [Fact]
    public void Sarif_says_of_an_allowed_finding_who_allows_it()
    {
        var result = Auditor.Run(ExampleFiles.Of("[anonymous] ; ringfence: allow RF1001 (lobby)\ntype=endpoint\n", "pjsip.conf").Pbx, AuditRules.All, new HashSet<string>(), TestContext.Current.CancellationToken);

        using var sarif = JsonDocument.Parse(SarifReport.Write(new ReportInput(result, "pbx", Noon, "1.0", []), AuditRules.All, "/etc/asterisk"));

        var suppression = sarif.RootElement.GetProperty("runs")[0].GetProperty("results").EnumerateArray().Single(one => one.GetProperty("ruleId").GetString() == "RF1001").GetProperty("suppressions")[0];
        Assert.Equal("inSource", suppression.GetProperty("kind").GetString());
        Assert.Equal("lobby", suppression.GetProperty("justification").GetString());
    }

    [Fact]
    public void Junit_has_a_case_for_each_rule_and_a_failure_for_each_broken_one()
    {
        var xml = XDocument.Parse(JUnitReport.Write(Input("a\u001b\u0000\uD800b"), AuditRules.All, Severity.Low));

        Assert.Equal(AuditRules.All.Count, xml.Descendants("testcase").Count());
        Assert.Equal($"{AuditRules.All.Count}", xml.Root!.Attribute("tests")!.Value);
        Assert.Equal("RF1001 anonymous-calls", Assert.Single(xml.Descendants("failure")).Parent!.Attribute("name")!.Value);
    }

    [Theory]
    [InlineData(nameof(Severity.Critical))]
    [InlineData(null)]
    public void Junit_fails_for_nothing_less_severe_than_what_fails_the_verb(string? failsFrom)
    {
        var xml = XDocument.Parse(JUnitReport.Write(Input("1001"), AuditRules.All, failsFrom is null ? null : Enum.Parse<Severity>(failsFrom)));

        Assert.Empty(xml.Descendants("failure"));
        Assert.All(xml.Descendants().Attributes("failures"), failures => Assert.Equal("0", failures.Value));
        Assert.Equal("RF1001 anonymous-calls", Assert.Single(xml.Descendants("system-out")).Parent!.Attribute("name")!.Value);
    }

    [Fact]
    public void Sarif_tells_a_mend_as_a_sentence_of_its_own()
    {
        var result = Auditor.Run(ExampleFiles.Of("[anonymous]\ntype=endpoint\n", "pjsip.conf").Pbx, AuditRules.All, new HashSet<string>(), TestContext.Current.CancellationToken);

        using var sarif = JsonDocument.Parse(SarifReport.Write(new ReportInput(result, "pbx", Noon, "1.0", []), AuditRules.All, "/etc/asterisk"));

        var message = sarif.RootElement.GetProperty("runs")[0].GetProperty("results").EnumerateArray().Single(one => one.GetProperty("ruleId").GetString() == "RF1001").GetProperty("message").GetProperty("text").GetString();
        Assert.Matches(@"\. Mend: [A-Z][^\n]*[^.]\.$", message);
    }

    [Fact]
    public void Markdown_makes_nothing_of_what_stands_in_the_configuration()
    {
        var markdown = MarkdownReport.Write(Input(Hostile));

        Assert.Contains("\\<script\\>", markdown, StringComparison.Ordinal);
        Assert.Contains("\\[x\\](javascript", markdown, StringComparison.Ordinal);
        Assert.Contains("## RF1001 anonymous-calls: high", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_patch_of_nothing_is_empty() =>
        Assert.Equal("", PatchReport.Write(Input("1001").Result with { Findings = [] }, ExampleFiles.Of("", "pjsip.conf").Pbx));

    [Fact]
    public void A_patch_does_nothing_that_a_person_must_decide()
    {
        var pbx = ExampleFiles.Of("[anonymous]\ntype=endpoint\n", "pjsip.conf").Pbx;
        var result = Auditor.Run(pbx, [AuditRules.All.Single(rule => rule.Id == "RF1001")], new HashSet<string>(), TestContext.Current.CancellationToken);

        Assert.NotEmpty(Assert.Single(result.Findings).Fault.Mend!.Edits);
        Assert.Equal("", PatchReport.Write(result, pbx));
    }

    [Fact]
    public void A_patch_has_the_changed_lines_alone()
    {
        var pbx = ExampleFiles.Of("[a]\ntype=auth\npassword=Test-Credential-1\nusername=a\nauth_type=md5", "pjsip.conf").Pbx;
        var mend = new Mend("", new ReplaceLine("pjsip.conf", 5, "auth_type=userpass"), new InsertLines("pjsip.conf", 1, ["; mended"]), new RemoveLine("pjsip.conf", 4));
        var finding = new Finding(AuditRules.All[0], new Fault(new Place("pjsip.conf", 5), "auth a", "text") { Mend = mend }, null);

        var patch = PatchReport.Write(new AuditResult(AsteriskVersion.Assumed, true, [finding, finding], [], []), pbx);

        Assert.Equal("""
            --- a/pjsip.conf
            +++ b/pjsip.conf
            @@ -1,0 +2,1 @@
            +; mended
            @@ -4,1 +4,0 @@
            -username=a
            @@ -5,1 +5,1 @@
            -auth_type=md5
            +auth_type=userpass

            """, patch);
    }

    [Theory]
    [InlineData("enable=no ; Test-Credential-1", "enable=yes")]
    [InlineData("secret=Test-Credential-1", "")]
    [InlineData("exten => 1,1,Dial(IAX2/joe:Test-Credential-1@192.0.2.1,,T)", "exten => 1,1,Dial(IAX2/joe:Test-Credential-1@192.0.2.1)")]
    public void A_patch_takes_away_no_line_that_holds_a_secret_and_leaves_the_whole_mend_out(string line, string mended)
    {
        var pbx = ExampleFiles.Of($"[a]\n{line}\nb=c\nd=e\n", "pjsip.conf").Pbx;
        var edit = mended.Length == 0 ? (FileEdit)new RemoveLine("pjsip.conf", 2) : new ReplaceLine("pjsip.conf", 2, mended);
        var findings = new[] { new Mend("", edit, new RemoveLine("pjsip.conf", 3)), new Mend("", new RemoveLine("pjsip.conf", 4)) }
            .Select(static mend => new Finding(AuditRules.All[0], new Fault(new Place("pjsip.conf", 2), "a", "text") { Mend = mend }, null)).ToList();

        var patch = PatchReport.Write(new AuditResult(AsteriskVersion.Assumed, true, findings, [], []), pbx);

        Assert.DoesNotContain("Test-Credential", patch, StringComparison.Ordinal);
        Assert.Contains("pjsip.conf:2 is to be mended by hand", patch, StringComparison.Ordinal);
        Assert.DoesNotContain("-b=c", patch, StringComparison.Ordinal);
        Assert.Contains("-d=e", patch, StringComparison.Ordinal);
    }

    [Fact]
    public void A_patch_takes_a_line_away_whose_comment_is_a_sentence_and_nothing_else()
    {
        var pbx = ExampleFiles.Of("[a]\nenable=no ; nobody looks at them\nb=c\n", "cdr.conf").Pbx;
        var finding = new Finding(AuditRules.All[0], new Fault(new Place("cdr.conf", 2), "a", "text") { Mend = new Mend("", new ReplaceLine("cdr.conf", 2, "enable=yes")) }, null);

        var patch = PatchReport.Write(new AuditResult(AsteriskVersion.Assumed, true, [finding], [], []), pbx);

        Assert.Contains("-enable=no ; nobody looks at them\n+enable=yes\n", patch, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_patch_leaves_to_people_is_a_comment_in_it()
    {
        var pbx = ExampleFiles.Of("[a]\nsecret=Test-Credential-1\n", "manager.conf").Pbx;
        var finding = new Finding(AuditRules.All[0], new Fault(new Place("manager.conf", 2), "a", "text") { Mend = new Mend("", new RemoveLine("manager.conf", 2)) }, null);

        Assert.All(PatchReport.Write(new AuditResult(AsteriskVersion.Assumed, true, [finding], [], []), pbx).TrimEnd().Split('\n'), static line => Assert.StartsWith("# ", line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_was_read_under_two_names_is_mended_by_hand()
    {
        var pbx = ExampleFiles.Of("[a]\ntype=auth\n;;; ./pjsip.conf\n[a]\ntype=auth", "pjsip.conf").Pbx;
        var mend = new Mend("", new RemoveLine("pjsip.conf", 2), new RemoveLine("./pjsip.conf", 2));
        var finding = new Finding(AuditRules.All[0], new Fault(new Place("pjsip.conf", 2), "a", "text") { Mend = mend }, null);

        var patch = PatchReport.Write(new AuditResult(AsteriskVersion.Assumed, true, [finding], [], []), pbx);

        Assert.DoesNotContain("@@", patch, StringComparison.Ordinal);
        Assert.Equal(2, patch.Split("by hand").Length - 1);
    }

    [Fact]
    public void The_score_falls_once_for_a_rule_however_often_it_is_broken()
    {
        var once = Input("a").Result.Findings;

        Assert.Equal(90, AuditScore.Of(once));
        Assert.Equal(AuditScore.Of(once), AuditScore.Of([.. once, .. once]));
        Assert.Equal(100, AuditScore.Of([]));
        Assert.Equal(0, AuditScore.Of(Broken(20, Severity.Critical)));
    }

    [Fact]
    public void What_is_mended_shows_in_the_score_of_a_pbx_with_many_faults()
    {
        var many = Broken(3, Severity.Critical).Concat(Broken(6, Severity.High)).Concat(Broken(10, Severity.Medium)).ToList();

        Assert.All(Enumerable.Range(0, 9), at => Assert.True(AuditScore.Of([.. many[..at], .. many[(at + 1)..]]) > AuditScore.Of(many)));
        Assert.True(AuditScore.Of(many[..14]) > AuditScore.Of(many));
        Assert.Equal(99, AuditScore.Of(Broken(1, Severity.Low)));
    }

    private static IReadOnlyList<Finding> Broken(int rules, Severity severity)
    {
        var one = Assert.Single(Input("1001").Result.Findings, finding => finding.Rule.Id == "RF1001");
        return [.. Enumerable.Range(0, rules).Select(at => one with { Rule = one.Rule with { Id = $"RF{severity}{at}", Severity = severity }, Fault = one.Fault with { Severity = severity } })];
    }

    [Fact]
    public void What_moved_to_another_line_is_not_new_and_what_is_gone_is_said()
    {
        var before = Auditor.Run(ExampleFiles.Of("[anonymous]\ntype=endpoint\n[1]\ntype=endpoint\nacl=x\n", "pjsip.conf").Pbx, AuditRules.All, new HashSet<string>(), TestContext.Current.CancellationToken);
        var after = Auditor.Run(ExampleFiles.Of("\n\n[anonymous]\ntype=endpoint\n[2]\ntype=endpoint\nacl=x\n", "pjsip.conf").Pbx, AuditRules.All, new HashSet<string>(), TestContext.Current.CancellationToken);

        var comparison = AuditComparison.Of(after, Noon, [AuditRun.Of(before, Noon.AddDays(-1))], [.. before.Findings.Select(FindingKey.Of)]);

        Assert.DoesNotContain(comparison.New, finding => finding.Rule.Id == "RF1001");
        Assert.Contains(comparison.New, finding => finding.Rule.Id == "RF1002" && finding.Fault.Subject == "endpoint 2");
        Assert.Contains(comparison.Gone, key => key is { Rule: "RF1002", Subject: "endpoint 1" });
    }

    private static ReportInput Input(string name)
    {
        var rule = AuditRules.All.Single(rule => rule.Id == "RF1001");
        var fault = new Fault(new Place("pjsip.conf", 3), $"endpoint {name}", $"text about {name}") { Way = [new Step(new Place("pjsip.conf", 3), name)], Mend = new Mend(name) };
        return new ReportInput(new AuditResult(AsteriskVersion.Assumed, true, [new Finding(rule, fault, name)], [], ["pjsip.conf"]), name, Noon, "1.0", []);
    }
}

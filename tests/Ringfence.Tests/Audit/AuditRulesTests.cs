using System.Reflection;
using Ringfence.Core.Audit;
using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Audit;

/// <summary>What holds for every audit rule.</summary>
public sealed class AuditRulesTests
{
    public static TheoryData<string> Ids() => [.. AuditRules.All.Select(rule => rule.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_rule_finds_the_marked_lines_of_its_bad_example_and_no_others(string id)
    {
        var rule = AuditRules.All.Single(rule => rule.Id == id);
        var example = ExampleFiles.Of(rule.Bad, rule.ExampleFile, rule.ExampleVersion);

        var faults = rule.Check(example.Pbx).ToList();

        Assert.NotEmpty(example.Marked);
        Assert.Equal(example.Marked.Order(Comparer<Core.Pbx.Place>.Create(Compare)), faults.Select(fault => fault.Place).Distinct().Order(Comparer<Core.Pbx.Place>.Create(Compare)));
        Assert.All(faults, fault => Assert.False(string.IsNullOrWhiteSpace(fault.Text) || fault.Text.EndsWith('.') || fault.Text.Contains('\n', StringComparison.Ordinal), fault.Text));
        Assert.All(faults, fault => Assert.False(string.IsNullOrWhiteSpace(fault.Subject)));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_rule_finds_nothing_in_its_good_example(string id)
    {
        var rule = AuditRules.All.Single(rule => rule.Id == id);

        Assert.Equal([], rule.Check(ExampleFiles.Of(rule.Good, rule.ExampleFile, rule.ExampleVersion).Pbx).Select(fault => $"{fault.Place}: {fault.Text}"));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Where_there_is_nothing_a_rule_finds_nothing(string id) =>
        Assert.Empty(AuditRules.All.Single(rule => rule.Id == id).Check(ExampleFiles.Of("", "pjsip.conf").Pbx));

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_mend_that_a_program_can_do_ends_what_the_rule_found(string id)
    {
        var rule = AuditRules.All.Single(rule => rule.Id == id);
        var example = ExampleFiles.Of(rule.Bad, rule.ExampleFile, rule.ExampleVersion);
        var mended = rule.Check(example.Pbx).Where(fault => fault.Mend is { Edits.Count: > 0 }).ToList();

        var after = rule.Check(Mended.Of(example.Pbx, mended.SelectMany(fault => fault.Mend!.Edits))).Select(fault => fault.Subject + fault.Text);

        Assert.Empty(mended.Select(fault => fault.Subject + fault.Text).Intersect(after));
    }

    // 23: no catalogue of options.
    [Theory]
    [MemberData(nameof(Ids))]
    public void Of_a_version_whose_options_nobody_knows_a_rule_finds_the_same_or_says_that_it_can_not_be_asked(string id)
    {
        var rule = AuditRules.All.Single(rule => rule.Id == id);
        var known = rule.Check(ExampleFiles.Of(rule.Bad, rule.ExampleFile, new AsteriskVersion(22)).Pbx).Select(static fault => fault.Place).ToList();

        var unknown = rule.Check(ExampleFiles.Of(rule.Bad, rule.ExampleFile, new AsteriskVersion(23)).Pbx).Select(static fault => fault.Place);

        // Asterisk 23 reads no users.conf for IAX2.
        Assert.Equal(rule.NeedsOptions || id == "RF1121" ? [] : known, unknown);
    }

    [Fact]
    public void Every_rule_is_in_the_list_once_and_no_id_or_name_is_taken_twice()
    {
        var written = typeof(AuditRule).Assembly.GetTypes()
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(field => field.FieldType == typeof(AuditRule) && field.Name == "Rule")
            .Select(field => ((AuditRule)field.GetValue(null)!).Id)
            .Order(StringComparer.Ordinal);

        Assert.Equal(written, AuditRules.All.Select(rule => rule.Id).Order(StringComparer.Ordinal));
        Assert.Equal(AuditRules.All.Count, AuditRules.All.Select(rule => rule.Name).Distinct().Count());
        Assert.Equal(AuditRules.All.Count, AuditRules.All.Select(rule => rule.Id).Distinct().Count());
    }

    [Fact]
    public void An_id_is_of_the_range_of_its_topic() => Assert.All(AuditRules.All, rule =>
    {
        var (first, last) = rule.Topic switch
        {
            AuditTopic.Pjsip => (1000, 1099),
            AuditTopic.Options => (1100, 1199),
            AuditTopic.Passwords => (1200, 1249),
            AuditTopic.OldChannels => (1250, 1299),
            AuditTopic.Dialplan => (1300, 1399),
            AuditTopic.Manager => (1400, 1449),
            AuditTopic.Http => (1450, 1499),
            AuditTopic.Logging => (1500, 1549),
            AuditTopic.Asterisk => (1550, 1599),
            AuditTopic.Host => (1600, 1699),
            AuditTopic.Firewall => (1700, 1799),
            _ => throw new InvalidOperationException(rule.Topic.ToString()),
        };
        Assert.StartsWith("RF", rule.Id, StringComparison.Ordinal);
        Assert.InRange(int.Parse(rule.Id.AsSpan(2), System.Globalization.CultureInfo.InvariantCulture), first, last);
        Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", rule.Name);
    });

    private static int Compare(Core.Pbx.Place left, Core.Pbx.Place right) =>
        string.CompareOrdinal(left.File, right.File) is not 0 and var file ? file : left.Line.CompareTo(right.Line);
}

using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.Tests.Detection;

/// <summary>What holds for every rule.</summary>
public sealed class DetectionRulesTests
{
    public static TheoryData<string> Ids() => [.. DetectionRules.All.Select(rule => rule.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_rule_fires_on_its_bad_example_at_the_marked_line_and_not_before(string id)
    {
        var rule = DetectionRules.All.Single(rule => rule.Id == id);
        var lines = rule.Bad.Split('\n');
        var trial = new Trial(rule.ExampleSettings, door: rule.ExampleDoor);
        var here = Array.IndexOf(lines, "# here");
        Assert.True(here > 0 && here == Array.FindLastIndex(lines, line => line.StartsWith('#')), "one line \"# here\" behind the line that completes it");

        for (var i = 0; i < here; i++)
        {
            Assert.DoesNotContain(trial.Decisions, decision => decision.Rule == id);
            trial.Read(lines[i] + "\n");
        }

        var ban = Assert.Single(trial.Bans, ban => ban.Rule == id);
        Assert.Equal("198.51.100.7", ban.Subject.ToString());
        Assert.NotEmpty(ban.Evidence);
        Assert.Contains(lines[here - 1][..20], ban.Evidence[^1].Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_rule_stays_silent_on_its_good_example(string id)
    {
        var rule = DetectionRules.All.Single(rule => rule.Id == id);

        var trial = new Trial(rule.ExampleSettings, door: rule.ExampleDoor).Read(rule.Good + "\n");

        Assert.DoesNotContain(trial.Decisions, decision => decision.Rule == id);
        Assert.True(id == "RF2005" || trial.Decisions.Count == 0, "another rule fired");
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_rule_that_is_off_stays_silent(string id)
    {
        var rule = DetectionRules.All.Single(rule => rule.Id == id);

        var trial = new Trial(rule.ExampleSettings with { DisabledRules = [id.ToLowerInvariant()] }, door: rule.ExampleDoor).Read(rule.Bad + "\n");

        Assert.DoesNotContain(trial.Decisions, decision => decision.Rule == id);
    }

    [Fact]
    public void Ids_and_names_are_those_that_were_published() => Assert.Equal(
        [
            ("RF2001", "password-guessing"),
            ("RF2002", "unknown-accounts"),
            ("RF2003", "account-scan"),
            ("RF2004", "acl-refusals"),
            ("RF2005", "repeat-offender"),
            ("RF2006", "decoy-account"),
            ("RF2007", "unauthenticated-calls"),
            ("RF2030", "door-failures"),
        ],
        DetectionRules.All.Select(rule => (rule.Id, rule.Name)).OrderBy(rule => rule.Id, StringComparer.Ordinal));

    [Fact]
    public void Every_rule_is_in_the_list_once()
    {
        var written = typeof(DetectionRule).Assembly.GetTypes()
            .Where(type => type.Namespace == "Ringfence.Core.Detection.Rules")
            .SelectMany(type => type.GetFields(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic))
            .Where(field => field.FieldType == typeof(DetectionRule))
            .Select(field => ((DetectionRule)field.GetValue(null)!).Id)
            .Order(StringComparer.Ordinal);

        Assert.Equal(written, DetectionRules.All.Select(rule => rule.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_rule_looks_at_what_is_not_an_attack()
    {
        EventKind[] harmless =
        [
            EventKind.None, EventKind.ChallengeSent, EventKind.LoginSucceeded, EventKind.AddressAccepted, EventKind.ContactLimit, EventKind.RequestRefused,
            EventKind.PacketMalformed, EventKind.LimitReached, EventKind.UnknownAccountFailed,
        ];

        Assert.All(DetectionRules.All, rule => Assert.Empty(rule.Kinds.Intersect(harmless)));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_rule_says_why_and_what_to_do_in_whole_sentences(string id)
    {
        var rule = DetectionRules.All.Single(rule => rule.Id == id);

        Assert.EndsWith(".", rule.Why, StringComparison.Ordinal);
        Assert.EndsWith(".", rule.Fix, StringComparison.Ordinal);
        Assert.Equal(rule.Name, rule.Name.ToLowerInvariant());
        Assert.Equal("https", rule.Reference.Scheme);
    }
}

using Ringfence.Core.Decisions;
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

        var ban = Assert.Single(trial.Tend().Decisions, decision => decision.Rule == id);
        Assert.True(ban is Ban || id is "RF2014" or "RF2015" or "RF2016" or "RF2017" or "RF2019" or "RF2022" or "RF2023" or "RF2024", "a ban, or an alert where a ban would be a guess");
        Assert.Equal(id == "RF2011" ? "198.51.100.0/24" : "198.51.100.7", ban.Subject.ToString());
        Assert.NotEmpty(ban.Evidence);
        Assert.Contains(lines[Math.Max(0, here - 2)..here].Select(Mark), mark => ban.Evidence[^1].Text.Contains(mark, StringComparison.Ordinal));

        static string Mark(string line) => line.StartsWith("limits ", StringComparison.Ordinal) ? "8185 packets" : line.StartsWith("ami ", StringComparison.Ordinal) ? "without a login" : line.StartsWith("web ", StringComparison.Ordinal) ? "401 Unauthorized" : line.StartsWith("sip ", StringComparison.Ordinal) ? $"sip:{line.Split(' ')[6]}@" : line[..20];
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_rule_stays_silent_on_its_good_example(string id)
    {
        var rule = DetectionRules.All.Single(rule => rule.Id == id);

        var trial = new Trial(rule.ExampleSettings, door: rule.ExampleDoor);
        foreach (var line in rule.Good.Split('\n'))
        {
            trial.Read(line + "\n");
        }

        trial.Tend();

        Assert.DoesNotContain(trial.Decisions, decision => decision.Rule == id);
        Assert.True(id is "RF2005" or "RF2009" or "RF2011" || trial.Decisions.Count == 0, "another rule fired");
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_rule_that_is_off_stays_silent(string id)
    {
        var rule = DetectionRules.All.Single(rule => rule.Id == id);

        var trial = new Trial(rule.ExampleSettings with { DisabledRules = [id.ToLowerInvariant()] }, door: rule.ExampleDoor);
        foreach (var line in rule.Bad.Split('\n'))
        {
            trial.Read(line + "\n");
        }

        trial.Tend();

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
            ("RF2008", "slow-scan"),
            ("RF2009", "distributed-guessing"),
            ("RF2010", "password-spraying"),
            ("RF2011", "neighbours"),
            ("RF2012", "scanner-tool"),
            ("RF2013", "malformed-packets"),
            ("RF2014", "stolen-credentials"),
            ("RF2015", "forged-line"),
            ("RF2016", "hidden-refusals"),
            ("RF2017", "flood"),
            ("RF2018", "other-numbers"),
            ("RF2019", "guessing-between-logins"),
            ("RF2020", "injected-text"),
            ("RF2021", "futile-connections"),
            ("RF2022", "guessed-account"),
            ("RF2023", "battered-account"),
            ("RF2024", "cross-site-logins"),
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
            EventKind.None, EventKind.ChallengeAnswered, EventKind.NonceStale, EventKind.LoginSucceeded, EventKind.ContactLimit, EventKind.RequestRefused, EventKind.LimitReached, EventKind.UnknownAccountFailed,
        ];

        Assert.All(DetectionRules.All, rule => Assert.Empty(rule.Kinds.Intersect(harmless)));

        // Twenty packets that are no SIP are no accident; a call that was let in is told, and bans nobody.
        Assert.Equal(["RF2013"], DetectionRules.All.Where(rule => rule.Kinds.Contains(EventKind.PacketMalformed)).Select(rule => rule.Id));
        Assert.Equal(["RF2007"], DetectionRules.All.Where(rule => rule.Kinds.Contains(EventKind.AddressAccepted)).Select(rule => rule.Id));
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

using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Gate;
using Ringfence.Core.Numbers;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>What may be called while nobody watches is what the gate itself takes for home and cheap.</summary>
public sealed class HomeNumbersTests
{
    private const int Tries = 300;

    private static readonly NumberPlans Plans = NumberPlans.BuiltIn;

    public static TheoryData<string, string[], string> Sites => new()
    {
        { "DE", [], "" }, { "DE", ["0"], "30" }, { "US", ["9"], "415" }, { "US", [], "" }, { "CA", ["8"], "" }, { "GB", ["9"], "20" }, { "ES", [], "" }, { "IT", ["0"], "" }, { "FR", [], "" }, { "BR", ["0"], "" }, { "IN", [], "" }, { "AU", [], "" }, { "RU", ["9"], "" }, { "SG", ["9"], "" },
    };

    [Theory]
    [MemberData(nameof(Sites))]
    public void No_number_that_is_called_alone_is_a_foreign_or_a_dear_one_to_the_gate(string country, string[] lines, string area)
    {
        var rules = new DiallingRules(Plans.Of(country)!, lines, area);
        var tariff = new Tariff(null, country);
        var patterns = HomeNumbers.Patterns(rules, Plans);
        var random = new Random(7);
        var wrong = new List<string>();
        for (var time = 0; time < Tries; time++)
        {
            var pattern = patterns[random.Next(patterns.Count)];
            var number = Number(pattern, random, rules);
            if (IsWholeAreaNumber(pattern))
            {
                // As long as a number of Leeds: no carrier there takes its 011 for a way abroad.
                continue;
            }

            var read = rules.Read(number, Plans);
            if (read.Kind == DialledKind.Outside && (read.Number is { IsValid: true } valid && (valid.CallingCode != rules.Home.CallingCode || tariff.For(valid).Risk.Name is not (RiskDeck.Home or "low" or "toll-free" or "shared-cost"))))
            {
                wrong.Add($"{number} of {pattern}: {read.Number} {read.Number.Region} {tariff.For(read.Number).Risk.Name}");
            }
        }

        Assert.Equal([], wrong.Take(20));
        Assert.InRange(patterns.Count, 1, 2000);
    }

    [Theory]
    [InlineData("DE", "", "030123456 0891234567 01701234567 +4930123456 08001234567", "0900512345678 0137712345678 070012345678 0044201234567 +18765551234 00 112233")]
    [InlineData("US", "9", "4155550101 14155550101 94155550101 914155550101 +14155550101 8005550101", "9005551234 19005551234 99005551234 919005551234 8765551234 18765551234 +18765551234 01144201234567 901144201234567 0044201234567")]
    [InlineData("GB", "", "02071838750 07400123456 +442071838750 08001111111 01138112345 01178123456", "09098790000 07012345678 0033123456789 01124123456 011381123456789 01138123456789")]
    [InlineData("GB", "9", "01138112345", "90033123456789 909098790000 901124123456")]
    [InlineData("IT", "", "0115612345", "00393123456789")]
    [InlineData("AU", "0", "0298765432", "0011442071838750 00442071838750 00011442071838750")]
    public void Home_is_called_alone_and_what_costs_much_is_not(string country, string line, string yes, string no)
    {
        var rules = new DiallingRules(Plans.Of(country)!, line.Length > 0 ? [line] : []);
        var patterns = HomeNumbers.Patterns(rules, Plans);

        Assert.Equal([], yes.Split(' ').Where(number => !patterns.Any(pattern => Matches(pattern, number))));
        Assert.Equal([], no.Split(' ').SelectMany(number => patterns.Where(pattern => Matches(pattern, number)).Select(pattern => $"{number} {pattern}")));
    }

    [Fact]
    public void A_pattern_begins_with_what_it_takes() => Prop.ForAll(
        Gen.Elements(Plans.All.SelectMany(static plan => plan.Ranges).Select(static range => range.Pattern).ToArray()).ToArbitrary(),
        Gen.Choose(0, 9).ListOf(15).ToArbitrary(),
        (pattern, digits) =>
        {
            var text = string.Concat(digits);
            for (var length = 1; length <= text.Length; length++)
            {
                if (pattern.Fits(text[..length]))
                {
                    Assert.All(Enumerable.Range(0, length + 1), known => Assert.True(pattern.Begins(text[..known])));
                }
            }
        }).QuickCheckThrowOnFailure();

    private static bool IsWholeAreaNumber(string pattern) => !pattern.EndsWith('.') && pattern.Contains("011", StringComparison.Ordinal);

    // As Asterisk matches: X any digit, a class, a point for one or more of anything.
    private static bool Matches(string pattern, string number)
    {
        var at = 0;
        for (var i = 1; i < pattern.Length; i++)
        {
            if (pattern[i] == '.')
            {
                return at < number.Length;
            }

            var set = pattern[i] == '[' ? pattern[(i + 1)..pattern.IndexOf(']', i)] : pattern[i] == 'X' ? "0123456789" : pattern[i].ToString();
            i = pattern[i] == '[' ? pattern.IndexOf(']', i) : i;
            if (at >= number.Length || !set.Contains(number[at++], StringComparison.Ordinal))
            {
                return false;
            }
        }

        return at == number.Length;
    }

    private static string Number(string pattern, Random random, DiallingRules rules)
    {
        var text = new System.Text.StringBuilder();
        for (var i = 1; i < pattern.Length - 1; i++)
        {
            var set = pattern[i] == '[' ? pattern[(i + 1)..pattern.IndexOf(']', i)] : pattern[i] == 'X' ? "0123456789" : pattern[i].ToString();
            i = pattern[i] == '[' ? pattern.IndexOf(']', i) : i;
            text.Append(set[random.Next(set.Length)]);
        }

        var lengths = rules.Home.Lengths;
        var wanted = lengths[random.Next(lengths.Count)] + random.Next(0, 6);
        do
        {
            text.Append((char)('0' + random.Next(10)));
        }
        while (text.Length < wanted);

        return text.ToString();
    }
}

using Ringfence.Core.Dialplan;
using Xunit;

namespace Ringfence.Tests.Dialplan;

public sealed class LanguagesTests
{
    private static readonly string[] Words = [.. Enumerable.Range(0, 5).SelectMany(static length => Of(length, "019*-"))];

    [Fact]
    public void A_pattern_holds_exactly_what_it_matches()
    {
        var plans = new Random(3);
        for (var i = 0; i < 400; i++)
        {
            var pattern = ExtensionName.Normalize(Pattern(plans));

            var language = Languages.Fitting(pattern);

            Assert.All(Words, word => Assert.Equal(ExtensionName.Matches(pattern, word), language.Contains(word)));
        }
    }

    [Fact]
    public void Sets_are_combined_as_sets()
    {
        var random = new Random(4);
        for (var i = 0; i < 150; i++)
        {
            var (left, right) = (Languages.Fitting(ExtensionName.Normalize(Pattern(random))), Languages.Fitting(ExtensionName.Normalize(Pattern(random))));

            var (both, one, either, joined) = (Languages.Intersect(left, right), Languages.Except(left, right), Languages.Union(left, right), Languages.Concatenate(left, right));

            Assert.All(Words, word =>
            {
                Assert.Equal(left.Contains(word) && right.Contains(word), both.Contains(word));
                Assert.Equal(left.Contains(word) && !right.Contains(word), one.Contains(word));
                Assert.Equal(left.Contains(word) || right.Contains(word), either.Contains(word));
                Assert.Equal(Enumerable.Range(0, word.Length + 1).Any(at => left.Contains(word[..at]) && right.Contains(word[at..])), joined.Contains(word));
            });
            Assert.Equal(either, Languages.UnionOf([both, one, Languages.Except(right, left)]));
            Assert.Equal(either.GetHashCode(), Languages.Union(right, left).GetHashCode());
        }
    }

    [Fact]
    public void A_slice_asks_for_exactly_the_texts_that_have_it()
    {
        var random = new Random(5);
        for (var i = 0; i < 300; i++)
        {
            var wanted = Languages.Fitting(ExtensionName.Normalize(Pattern(random)));
            var (offset, length) = (random.Next(-4, 5), random.Next(4) == 0 ? int.MaxValue : random.Next(-3, 4));

            var language = Languages.SliceFrom(wanted, offset, length)!;

            Assert.All(Words, word => Assert.True(wanted.Contains(GlobalText.Substring(word, offset, length)) == language.Contains(word), $"{word}:{offset}:{length}"));
        }
    }

    [Fact]
    public void The_shortest_text_is_in_the_set_and_none_is_shorter()
    {
        var random = new Random(6);
        for (var i = 0; i < 200; i++)
        {
            var language = Languages.Except(Languages.Fitting(ExtensionName.Normalize(Pattern(random))), Languages.Fitting(ExtensionName.Normalize(Pattern(random))));

            var shortest = language.Shortest();

            Assert.Equal(language.IsNone, shortest is null);
            if (shortest is not null)
            {
                Assert.True(language.Contains(shortest));
                Assert.DoesNotContain(Words, word => word.Length < shortest.Length && language.Contains(word));
            }
        }
    }

    [Theory]
    [InlineData("^0[1-9]+", "01 0123 0190*", "10 00 0")]
    [InlineData("^(00|011)", "00 0111", "01 100")]
    [InlineData("9$", "9 19 *9", "91 1")]
    [InlineData("^1{2,3}$", "11 111", "1 1111 011")]
    [InlineData("^[^0]*$", "1 19 *", "0 10")]
    [InlineData("0|^1", "0 90 1", "91 9")]
    [InlineData("^\\*1?", "* *1 *9", "1 9*")]
    [InlineData("^(0(1|9)+)?$", "01 09 0191", "0 1 010")]
    [InlineData("^(1|0{2}){2,}$", "11 100 0000 1111", "1 00 10")]
    [InlineData("^1{0,2}9", "9 19 119", "1119 01")]
    [InlineData("(01)*9$", "9 019 119", "1 01")]
    public void A_regular_expression_finds_what_it_finds(string expression, string found, string not)
    {
        var language = RegularExpression.Found(expression)!;

        Assert.All(found.Split(' '), word => Assert.True(language.Contains(word), word));
        Assert.All(not.Split(' '), word => Assert.False(language.Contains(word), word));
    }

    [Theory]
    [InlineData("[[:digit:]]")]
    [InlineData("(1")]
    [InlineData("\\d+")]
    [InlineData("a^b")]
    public void What_of_a_regular_expression_is_not_read_is_said(string expression) => Assert.Null(RegularExpression.Found(expression));

    // What a machine that is in one state at a time needs grows with two to the power of the dots; and the rest only looks small.
    [Theory]
    [InlineData(".*1", ".", 20)]
    [InlineData(".*1", ".", 400)]
    [InlineData("", "1?", 1500)]
    [InlineData("", "1+", 2000)]
    [InlineData("", "[0-9]", 2000)]
    [InlineData("", "12.*3|", 400)]
    [InlineData("1", "{64}", 4)]
    [InlineData("()", "{64}", 20)]
    public void An_expression_that_asks_for_too_much_is_not_known(string start, string again, int times) =>
        Assert.Null(RegularExpression.Found(start + string.Concat(Enumerable.Repeat(again, times))));

    [Fact]
    public void What_costs_more_than_is_allowed_is_not_known_and_what_comes_behind_it_is()
    {
        var many = Languages.OfLength(0, 300);

        var known = LanguageWork.Within(1_000, () => LanguageWork.Within(10, () => Languages.Concatenate(many, many), NumberLanguage.None), NumberLanguage.All);

        Assert.Equal(NumberLanguage.None, known);
        Assert.Equal(601, Languages.Concatenate(many, many).States);
    }

    [Fact]
    public void Numbers_below_a_bound_are_those_below_it()
    {
        foreach (var bound in (long[])[1, 7, 10, 99, 100, 1234])
        {
            var below = Languages.Below(bound);

            Assert.All(Enumerable.Range(0, 1500), number => Assert.Equal(number < bound, below.Contains(number.ToString(System.Globalization.CultureInfo.InvariantCulture))));
            Assert.Equal(3 < bound, below.Contains("0003"));
            Assert.False(below.Contains(""));
        }
    }

    private static string Pattern(Random random) =>
        random.Next(4) == 0
            ? string.Concat(Enumerable.Range(0, random.Next(0, 4)).Select(_ => "019*-"[random.Next(5)]))
            : $"_{string.Concat(Enumerable.Range(0, random.Next(0, 4)).Select(_ => ((string[])["X", "Z", "N", "[01]", "[*-1]", "9", "-", "[]", "0"])[random.Next(9)]))}{((string[])["", ".", "!"])[random.Next(3)]}";

    private static IEnumerable<string> Of(int length, string characters) =>
        length == 0 ? [""] : Of(length - 1, characters).SelectMany(word => characters.Select(c => word + c));
}

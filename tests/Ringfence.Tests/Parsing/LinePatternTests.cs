using System.Text;
using System.Text.RegularExpressions;
using Ringfence.Core.Parsing;
using Xunit;

namespace Ringfence.Tests.Parsing;

public sealed class LinePatternTests
{
    [Theory]
    [InlineData("^login failed from <HOST>$", "login failed from 198.51.100.7", "198.51.100.7")]
    [InlineData("^login failed from <HOST>$", "login failed from 2001:db8::7", "2001:db8::7")]
    [InlineData("^login failed from <HOST>$", "login failed from [2001:db8::7]", "2001:db8::7")]
    [InlineData("^login failed from <HOST>$", "login failed from ::ffff:198.51.100.7", "198.51.100.7")]
    [InlineData("^login failed from <HOST>$", "login failed from 198.51.100.7:5060", null)]
    [InlineData("^IP:<HOST>:\\d+ ", "IP:198.51.100.7:5060 x", "198.51.100.7")]
    [InlineData("^login failed from <HOST>", "login failed from 198.51.100.7.", "198.51.100.7")]
    [InlineData("^login failed from <HOST>", "login failed from 198.51.100.777", null)]
    [InlineData("^login failed from <HOST>", "login failed from 198.51.100.7.example.com", null)]
    [InlineData("from <HOST>$", "login failed for x from 198.51.100.7", "198.51.100.7")]
    [InlineData("(?i)FROM <HOST>$", "Login From 198.51.100.7", "198.51.100.7")]
    [InlineData("^(?:bad|wrong) (login|password) x{2,3} \\[\\d+\\]: <ADDR>(?: port \\d{1,5})?$", "wrong login xxx [12]: 198.51.100.7 port 22", "198.51.100.7")]
    [InlineData("^(?:bad|wrong) (login|password) x{2,3} \\[\\d+\\]: <ADDR>(?: port \\d{1,5})?$", "wrong login x [12]: 198.51.100.7 port 22", null)]
    [InlineData("^a[^]b]c<HOST>$", "adc198.51.100.7", null)] // in the middle of a word
    [InlineData("^a[^]b]c <HOST>$", "adc 198.51.100.7", "198.51.100.7")]
    [InlineData("^a[^]b]c <HOST>$", "abc 198.51.100.7", null)]
    public void A_pattern_finds_the_address(string pattern, string text, string? address) =>
        Assert.Equal(address, Of(pattern).Match(Encoding.Latin1.GetBytes(text)).Source?.ToString());

    [Theory]
    [InlineData(".*<HOST>.*")]
    [InlineData("<HOST>")]
    [InlineData("user <USER> from <HOST>")]
    [InlineData("^user <USER> from <HOST> with <SKIP>$")]
    [InlineData("^user .* from <HOST>")]
    [InlineData("^user [^\"]* from <HOST>")]
    [InlineData("^user (?:\\w+ )* from <HOST>")]
    [InlineData("^user (?:a|.*)x from <HOST>")]
    [InlineData("^user [\\w ]{0,20} from <HOST>")]
    public void A_pattern_whose_address_may_stand_in_free_text_is_refused(string pattern) =>
        Assert.Contains("the address may stand in somebody's own text", LinePattern.Read(pattern).Wrong, StringComparison.Ordinal);

    [Theory]
    [InlineData("user <USER> from <HOST> port \\d+$")]
    [InlineData("^\\S+ <HOST> .*")]
    [InlineData("^client <HOST> user <USER>$")]
    [InlineData("^user\\s+from\\s+<HOST>")]
    public void A_pattern_with_one_side_of_the_program_s_own_is_taken(string pattern) => Assert.Null(LinePattern.Read(pattern).Wrong);

    [Theory]
    [InlineData("from x$", "expected <HOST> once")]
    [InlineData("^<HOST> <HOST>$", "expected <HOST> once")]
    [InlineData("^(?:a|<HOST>)$", "expected <HOST> once")]
    [InlineData("^a(?=b) <HOST>$", "at character 5: groups that look ahead")]
    [InlineData("^a(?<!b) <HOST>$", "look ahead or back")]
    [InlineData("^(a <HOST>$", "( without its )")]
    [InlineData("^a) <HOST>$", ") without its (")]
    [InlineData("^[a <HOST>$", "[ without its ]")]
    [InlineData("^*a <HOST>$", "stand once, not repeated")]
    [InlineData("*a <HOST>$", "nothing to repeat")]
    [InlineData("^a{3,2} <HOST>$", "expected {n}")]
    [InlineData("^a\\1 <HOST>$", "\\1 is not known")]
    [InlineData("^a++ <HOST>$", "possessive")]
    [InlineData("a^b <HOST>$", "expected ^ at the beginning")]
    [InlineData("^(?:a{500}){500} <HOST>$", "it is too large")]
    [InlineData("^a\\", "a \\ with nothing behind it")]
    [InlineData("^(?P<x", "( without its )")]
    public void What_is_wrong_with_a_pattern_is_said(string pattern, string wrong) =>
        Assert.Contains(wrong, LinePattern.Read(pattern).Wrong, StringComparison.Ordinal);

    [Fact]
    public void A_line_that_may_name_two_addresses_names_none()
    {
        var pattern = Of("^refused (?:\\S+ )?<HOST>");

        Assert.False(pattern.Match("refused x 198.51.100.7"u8).IsAmbiguous);
        Assert.False(pattern.Match("refused 198.51.100.7 198.51.100.7"u8).IsAmbiguous);
        Assert.True(pattern.Match("refused 198.51.100.7 8.8.8.8"u8).IsAmbiguous);
    }

    [Fact]
    public void A_name_that_looks_like_the_end_of_a_line_names_nobody_else()
    {
        var match = Of("login of <USER> from <HOST> port \\d+$").Match("login of x from 8.8.8.8 port 1 from 198.51.100.7 port 22"u8);

        Assert.Equal("198.51.100.7", match.Source?.ToString());
        Assert.False(match.IsAmbiguous);
        Assert.Equal((9, 21), (match.UserStart, match.UserLength));
    }

    [Fact]
    public void A_hard_pattern_takes_time_in_proportion_to_the_line()
    {
        // Exponential to a machine that goes back.
        var pattern = Of("^(?:a?){30}(?:a+)+b <HOST>$");
        var line = Encoding.Latin1.GetBytes(new string('a', 30_000) + " 198.51.100.7");

        var time = ProcessorTime.Of(() => Assert.Null(pattern.Match(line).Source));

        Assert.InRange(time, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void It_matches_what_dotnet_s_regular_expressions_match()
    {
        var random = new Random(7);
        var compared = 0;
        for (var round = 0; round < 3_000; round++)
        {
            var text = Expression(random, 3);
            if (LinePattern.Read($"^{text}$", needsHost: false).Pattern is not { } pattern)
            {
                continue;
            }

            var regex = new Regex($"^(?:{text})\\z", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5));
            for (var i = 0; i < 10; i++)
            {
                var line = new string([.. Enumerable.Range(0, random.Next(8)).Select(_ => "abc1 ."[random.Next(6)])]);
                Assert.True(regex.IsMatch(line) == pattern.IsMatch(Encoding.Latin1.GetBytes(line)), $"^{text}$ on \"{line}\"");
                compared++;
            }
        }

        Assert.True(compared > 10_000);
    }

    [Fact]
    public void No_pattern_throws()
    {
        var random = new Random(8);
        string[] samples = ["^(?:a|[^b-z]+?){2,5}\\d<HOST>\\S*$", "<USER> [\\w\\]] (?P<x>y)*<SKIP><ADDR>", "(?i)a{,3}|b$"];
        for (var round = 0; round < 100_000; round++)
        {
            var text = samples[random.Next(samples.Length)].ToList();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var at = random.Next(text.Count);
                if (random.Next(2) == 0)
                {
                    text[at] = "()[]{}|*+?^$\\<>-,:iP!=.a1 \u00e9\u0001"[random.Next(28)];
                }
                else
                {
                    text.RemoveAt(at);
                }
            }

            var (pattern, wrong) = LinePattern.Read(new string([.. text]), needsHost: random.Next(2) == 0);
            Assert.True(pattern is null != wrong is null);
            _ = pattern?.Match("aa1 198.51.100.7 x"u8);
            _ = pattern?.IsMatch("aa1 x"u8);
        }
    }

    private static LinePattern Of(string text)
    {
        var (pattern, wrong) = LinePattern.Read(text);
        Assert.True(pattern is not null, wrong);
        return pattern;
    }

    private static string Expression(Random random, int depth) => random.Next(depth > 0 ? 8 : 4) switch
    {
        0 => "a",
        1 => "[ab]",
        2 => random.Next(2) == 0 ? "[^a]" : "\\w",
        3 => "\\d",
        4 => Expression(random, depth - 1) + Expression(random, depth - 1),
        5 => $"(?:{Expression(random, depth - 1)}|{Expression(random, depth - 1)})",
        6 => $"(?:{Expression(random, depth - 1)}){"*+?"[random.Next(3)]}",
        _ => $"(?:{Expression(random, depth - 1)}){{{random.Next(3)},{random.Next(3, 5)}}}",
    };
}

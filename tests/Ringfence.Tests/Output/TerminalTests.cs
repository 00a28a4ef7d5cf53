using System.Globalization;
using System.Text;
using Ringfence.Output;
using Xunit;

namespace Ringfence.Tests.Output;

public sealed class TerminalTests
{
    [Theory]
    [InlineData("plain ASCII, with \"quotes\" and a \\ backslash")]
    [InlineData("Zürich, Łódź, 東京, Москва")]
    [InlineData("")]
    public void What_can_be_shown_stays_as_it_is(string text) => Assert.Equal(text, Terminal.Safe(text));

    [Theory]
    [InlineData("\e[2J\e[31mroot", @"\x1b[2J\x1b[31mroot")]
    [InlineData("\u009b31m", @"\x9b31m")]
    [InlineData("a\nb\r\tc\0\u007f", @"a\nb\r\tc\x00\x7f")]
    [InlineData("abc\u202edef\u2066", @"abc\u{202e}def\u{2066}")]
    [InlineData("zero\u200bwidth\ufeff\u00ad", @"zero\u{200b}width\u{feff}\u{ad}")]
    [InlineData("Z\u0301\u0301\u0301", @"Z\u{301}\u{301}\u{301}")]
    [InlineData("line\u2028end\u2029", @"line\u{2028}end\u{2029}")]
    [InlineData("\U000e0041tag \ue000", @"\u{e0041}tag \u{e000}")]
    [InlineData("wide\u00a0space\u3000", @"wide\xa0space\u{3000}")]
    public void What_moves_hides_or_reorders_is_written_out(string text, string expected) => Assert.Equal(expected.Replace(@"\xa0", @"\u{a0}", StringComparison.Ordinal), Terminal.Safe(text));

    [Fact]
    public void A_lone_surrogate_is_written_out() => Assert.Equal(@"a\u{d83d}b\u{de00}", Terminal.Safe("a\ud83db\ude00"));

    [Fact]
    public void Our_own_messages_keep_their_lines() => Assert.Equal("one\n\\x1btwo", Terminal.SafeLines("one\n\etwo"));

    [Fact]
    public void No_text_whatever_gets_through_unsafe_and_twice_is_as_good_as_once()
    {
        var random = new Random(20261120);
        for (var i = 0; i < 20_000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(12)).Select(_ => (char)random.Next(random.Next(2) == 0 ? 0x300 : 0x10000))]);

            var safe = Terminal.Safe(text);

            Assert.Equal(safe, Terminal.Safe(safe));
            Assert.DoesNotContain(safe.EnumerateRunes(), rune => rune.Value < ' ' || rune == Rune.ReplacementChar && !text.Contains('\ufffd', StringComparison.Ordinal)
                || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate);
        }
    }
}

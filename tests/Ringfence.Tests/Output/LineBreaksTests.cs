using Ringfence.Output;
using Xunit;

namespace Ringfence.Tests.Output;

public sealed class LineBreaksTests
{
    [Theory]
    [InlineData("Source    /var/log/x  alive", 10)]
    [InlineData("  ! advice of many words", 6)]
    [InlineData("    deep", 8)]
    [InlineData("2026-11-20 07:59:10 +00:00  ban", 4)]
    [InlineData("          a problem", 14)]
    [InlineData("", 4)]
    public void What_follows_stands_under_the_text_behind_a_label(string text, int indent) => Assert.Equal(indent, LineBreaks.IndentOf(text));

    [Fact]
    public void A_line_is_broken_between_words_and_a_word_only_where_it_is_wider_than_the_terminal()
    {
        Assert.Equal(["Label     one two", "three", "four"], Pieces("Label     one two three four", 18));
        Assert.Equal(["Label     aaaaa", "aaaaa"], Pieces("Label     aaaaaaaaaa", 15));
        Assert.Equal(["short"], Pieces("short", 80));
        Assert.Empty(Pieces("", 80));
    }

    [Fact]
    public void Whatever_the_text_every_piece_fits_and_nothing_but_spaces_is_lost()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(200)).Select(_ => random.Next(4) == 0 ? ' ' : 'x')]);
            var (width, indent) = (random.Next(21, 100), LineBreaks.IndentOf(text));

            var pieces = LineBreaks.Of(text, width, indent).ToList();

            Assert.All(pieces, piece => Assert.InRange(piece.End - piece.Start, 1, piece.Start == 0 ? width : Math.Max(1, width - indent)));
            Assert.Equal(text.Replace(" ", "", StringComparison.Ordinal), string.Concat(pieces.Select(piece => text[piece.Start..piece.End])).Replace(" ", "", StringComparison.Ordinal));
        }
    }

    private static IEnumerable<string> Pieces(string text, int width) => LineBreaks.Of(text, width, LineBreaks.IndentOf(text)).Select(piece => text[piece.Start..piece.End]);
}

using System.Text;
using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Pbx;

public sealed class EditedFileTests
{
    private const int Seed = 20261122;

    [Fact]
    public void Without_an_edit_every_byte_stays_whatever_is_in_the_file()
    {
        var seeded = new Random(Seed);
        for (var i = 0; i < 2_000; i++)
        {
            var content = Content(seeded);

            Assert.Equal(content, EditedFile.Apply(content, []));
        }
    }

    [Fact]
    public void An_edit_changes_its_own_line_and_no_other_byte()
    {
        var seeded = new Random(Seed);
        for (var i = 0; i < 2_000; i++)
        {
            var content = Content(seeded);
            var before = Lines(content);
            if (before.Count == 0)
            {
                continue;
            }

            var at = seeded.Next(before.Count);

            Assert.Equal([.. before[..at], .. before[(at + 1)..]], Lines(EditedFile.Apply(content, [new RemoveLine("f", at + 1)])));
            var replaced = Lines(EditedFile.Apply(content, [new ReplaceLine("f", at + 1, "new = line")]));
            Assert.Equal([.. before[..at], "new = line" + EndOf(before[at]), .. before[(at + 1)..]], replaced);
        }
    }

    [Fact]
    public void What_is_inserted_stands_behind_its_line_and_nothing_else_moves()
    {
        var seeded = new Random(Seed);
        for (var i = 0; i < 2_000; i++)
        {
            var content = Content(seeded);
            var before = Lines(content);
            var at = seeded.Next(before.Count + 1);

            var after = Lines(EditedFile.Apply(content, [new InsertLines("f", at, ["a = 1", "b = 2"])]));

            Assert.Equal(before.Count + 2, after.Count);
            Assert.Equal(["a = 1", "b = 2"], after[at..(at + 2)].Select(line => line.TrimEnd('\r', '\n')));
            Assert.Equal(before.Select(line => line.TrimEnd('\r', '\n')), after.Where((_, index) => index < at || index >= at + 2).Select(line => line.TrimEnd('\r', '\n')));
        }
    }

    [Fact]
    public void Line_numbers_are_those_of_the_file_as_it_was_read()
    {
        var content = "a = 1\nb = 2\nc = 3\n"u8.ToArray();

        var edited = EditedFile.Apply(content, [new RemoveLine("f", 1), new ReplaceLine("f", 3, "c = 4"), new InsertLines("f", 2, ["x = 0"]), new AppendLines("f", ["[end]"]), new InsertLines("f", 0, ["; top"])]);

        Assert.Equal("; top\nb = 2\nx = 0\nc = 4\n[end]\n", Encoding.UTF8.GetString(edited));
    }

    [Theory]
    [InlineData("a = 1", "a = 1\n[end]\n")]
    [InlineData("a = 1\r\n", "a = 1\r\n[end]\r\n")]
    [InlineData("", "[end]\n")]
    public void What_is_appended_begins_a_line_of_its_own_with_the_files_line_end(string before, string after)
    {
        Assert.Equal(after, Encoding.UTF8.GetString(EditedFile.Apply(Encoding.UTF8.GetBytes(before), [new AppendLines("f", ["[end]"])])));
    }

    [Fact]
    public void A_line_that_is_not_there_is_edited_nowhere()
    {
        var content = "a = 1\n"u8.ToArray();

        Assert.Equal(content, EditedFile.Apply(content, [new RemoveLine("f", 2), new ReplaceLine("f", 99, "x = 1")]));
    }

    private static byte[] Content(Random seeded)
    {
        string[] parts = ["[s]", "(!)", "a = b", " => ", ";", ";--", "--;", "\n", "\r\n", "\n\n", "#include x", "\\;", "\0", "é", " ", "\t", "+=", "x", "\r"];
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, seeded.Next(40)).Select(_ => parts[seeded.Next(parts.Length)])));
        for (var i = seeded.Next(3); i > 0 && text.Length > 0; i--)
        {
            text[seeded.Next(text.Length)] = (byte)seeded.Next(256);
        }

        return text;
    }

    // Latin-1, so that each byte is a character.
    private static List<string> Lines(byte[] content)
    {
        List<string> lines = [];
        var text = Encoding.Latin1.GetString(content);
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end + 1;
            lines.Add(text[start..end]);
            start = end;
        }

        return lines;
    }

    private static string EndOf(string line) => line.EndsWith("\r\n", StringComparison.Ordinal) ? "\r\n" : line.EndsWith('\n') ? "\n" : "";
}

using System.Text;
using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Pbx;

public sealed class AsteriskFileTests
{
    [Theory]
    [InlineData("a = b", "a", "b")]
    [InlineData("a=b", "a", "b")]
    [InlineData("a => b", "a", "b")]
    [InlineData(" \ta\t=\tb c \r\n", "a", "b c")]
    [InlineData("a = b ; comment", "a", "b")]
    [InlineData("a = b\\;c ; comment", "a", "b;c")]
    [InlineData("a = b\\\\;c", "a", "b\\;c")]
    [InlineData("a = b\\;\\;c", "a", "b;;c")]
    [InlineData("a = b;-- c --; d", "a", "b d")]
    [InlineData("a = b;-- ;-- c --; --; d", "a", "b d")]
    [InlineData("a = b ;--- c", "a", "b")]
    [InlineData("a = b=c", "a", "b=c")]
    [InlineData("a =", "a", "")]
    [InlineData("a ==> b", "a", "=> b")]
    [InlineData("\\#a = b", "#a", "b")]
    [InlineData("\\=a = b", "=a", "b")]
    [InlineData("exten => 1,1,Dial(PJSIP/1)", "exten", "1,1,Dial(PJSIP/1)")]
    [InlineData("a = b\0c", "a", "b")]
    [InlineData("--; a = b", "--; a", "b")]
    [InlineData("\uFEFFa = b", "a", "b")]
    [InlineData("a += b", "a", " b")]
    public void A_setting_is_read_as_Asterisk_reads_it(string line, string name, string value)
    {
        var setting = Assert.IsType<SettingLine>(Assert.Single(Parse(line).Lines));

        Assert.Equal((name, value), (setting.Name, setting.Value));
    }

    [Theory]
    [InlineData("[a]", "a", false, "", false, "")]
    [InlineData("[a](!)", "a", true, "", false, "")]
    [InlineData("[a](!,b)", "a", true, "b", false, "")]
    [InlineData("[a](b,c)", "a", false, "b c", false, "")]
    [InlineData("[a](+)", "a", false, "", true, "")]
    [InlineData("[a](+type=aor)", "a", false, "", true, "type=aor")]
    [InlineData("[a] (b)", "a", false, "", false, "")]
    [InlineData("[a b];(x)", "a b", false, "", false, "")]
    public void A_section_header_is_read_as_Asterisk_reads_it(string line, string name, bool isTemplate, string bases, bool isAddition, string filter)
    {
        var section = Assert.IsType<SectionLine>(Assert.Single(Parse(line).Lines));

        Assert.Equal((name, isTemplate, bases, isAddition, filter),
            (section.Name, section.IsTemplate, string.Join(' ', section.Bases), section.IsAddition, section.AdditionFilter));
    }

    [Theory]
    [InlineData("#include x.conf", "Include", "x.conf")]
    [InlineData("#include \"x y.conf\"", "Include", "x y.conf")]
    [InlineData("#include <x.conf>", "Include", "x.conf")]
    [InlineData("#TryInclude x*.conf ; c", "TryInclude", "x*.conf")]
    [InlineData("#exec \"/bin/gen\"", "Exec", "/bin/gen")]
    [InlineData("#include \"", "Include", "")]
    public void A_directive_is_read_with_and_without_quotes(string line, string directive, string argument)
    {
        var read = Assert.IsType<DirectiveLine>(Assert.Single(Parse(line).Lines));

        Assert.Equal((directive, argument), (read.Directive.ToString(), read.Argument));
    }

    [Theory]
    [InlineData("[a", "no closing ]")]
    [InlineData("[a](b", "no closing )")]
    [InlineData("nothing", "no = ")]
    [InlineData("= b", "no name")]
    [InlineData("#define x", "no directive")]
    [InlineData("#include", "needs a file name")]
    [InlineData("[a](b, c)", "blank beside \"c\"")]
    [InlineData("a = b --; c", "never began")]
    [InlineData(";-- a", "never ends")]
    public void What_Asterisk_stumbles_over_is_told_with_its_place(string line, string text)
    {
        var problem = Assert.Single(Parse("\n" + line).Problems);

        Assert.Equal(new Place("t.conf", 2), problem.Place);
        Assert.Contains(text, problem.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_comment_over_several_lines_hides_them_and_no_more()
    {
        var file = Parse("a=1\n;--\nb=2\n[c]\n--;d=3\ne=4\n");

        Assert.Equal(["a", "d", "e"], file.Lines.OfType<SettingLine>().Select(line => line.Name));
        Assert.Equal([1, 5, 6], file.Lines.OfType<SettingLine>().Select(line => line.Number));
        Assert.Empty(file.Problems);
    }

    [Fact]
    public void A_line_that_fills_the_buffer_of_Asterisk_is_skipped_and_said()
    {
        // Measured on 22.10.1: 8,190 bytes and the line end are read.
        var fits = "a=" + new string('x', 8188) + "\n";
        var tooLong = "a=" + new string('x', 8189) + "\n";

        Assert.IsType<SettingLine>(Parse(fits).Lines[0]);
        Assert.IsType<BrokenLine>(Parse(tooLong).Lines[0]);
        Assert.Single(Parse(tooLong).Problems);
    }

    [Fact]
    public void All_lines_together_are_the_file_byte_for_byte_whatever_is_in_it()
    {
        var random = new Random(20261121);
        for (var round = 0; round < 3_000; round++)
        {
            var content = Hostile(random, random.Next(0, 400));

            var file = AsteriskFile.Parse("t.conf", content);

            Assert.Equal(content, AllLines(file));
            Assert.All(file.Lines, line => Assert.Same(line, file.LineAt(line.Number)));
            Assert.All(file.Lines, line => Assert.Equal(content[line.Start..(line.Start + file.Raw(line.Number).Length)], file.Raw(line.Number).ToArray()));
        }
    }

    [Fact]
    public void A_million_hostile_bytes_are_read_without_an_exception()
    {
        var content = Hostile(new Random(7), 1_000_000);

        var file = AsteriskFile.Parse("t.conf", content);

        Assert.All(file.Lines, line => Assert.True(line.Start == 0 || content[line.Start - 1] == '\n'));
    }

    [Theory]
    [InlineData(";--")]
    [InlineData("\\;")]
    [InlineData("--;")]
    [InlineData("[")]
    [InlineData("a=b;\n")]
    public void The_time_grows_with_the_size_and_not_faster(string unit)
    {
        var small = Time(unit, 200_000);
        var large = Time(unit, 1_600_000);

        // Eight times the bytes; quadratic work would take 64 times as long.
        Assert.True(large < (small * 32) + TimeSpan.FromMilliseconds(200), $"{small.TotalMilliseconds} ms, then {large.TotalMilliseconds} ms");
    }

    private static TimeSpan Time(string unit, int bytes)
    {
        var content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(unit, bytes / unit.Length)));
        return ProcessorTime.Of(() => AsteriskFile.Parse("t.conf", content));
    }

    /// <summary>The file again, out of its lines.</summary>
    internal static byte[] AllLines(AsteriskFile file)
    {
        List<byte> all = [];
        for (var number = 1; file.Raw(number) is { IsEmpty: false } line; number++)
        {
            all.AddRange(line);
        }

        return [.. all];
    }

    [Fact]
    public void A_line_that_says_nothing_costs_nothing()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var content = new byte[4 << 20];
        content.AsSpan().Fill((byte)'\n');

        var file = AsteriskFile.Parse("t.conf", content);

        Assert.Empty(file.Lines);
        Assert.Equal("\n"u8.ToArray(), file.Raw(4 << 20).ToArray());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, content.Length, content.Length + 100_000);
    }

    internal static byte[] Hostile(Random random, int length)
    {
        var words = new[] { ";", "--", ";--", "--;", "\\", "\\;", "[", "]", "(", ")", "!", "+", ",", "=", "=>", "+=", "#include ", "#exec ", "\"", "a", "b", " ", "\t", "\r\n", "\n", "\n", "\n", "\0" }
            .Select(Encoding.ASCII.GetBytes).ToArray();
        var content = new List<byte>(length + 16);
        while (content.Count < length)
        {
            if (random.Next(8) == 0)
            {
                content.Add((byte)random.Next(256));
            }
            else
            {
                content.AddRange(words[random.Next(words.Length)]);
            }
        }

        return [.. content];
    }

    private static AsteriskFile Parse(string text) => AsteriskFile.Parse("t.conf", Encoding.UTF8.GetBytes(text));
}

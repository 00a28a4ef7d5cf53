using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Pbx;

public sealed class AsteriskConfigTests
{
    [Fact]
    public void A_section_inherits_in_order_and_its_own_value_counts()
    {
        var config = Read("""
            [base](!)
            context=internal
            allow=ulaw
            [other](!)
            context=other
            [1001](base,other)
            allow=alaw
            """);

        var section = Assert.Single(config.Sections);
        Assert.Equal("other", section["context"]);
        Assert.Equal("alaw", section["ALLOW"]);
        Assert.Equal(["ulaw", "alaw"], section.All("allow").Select(setting => setting.Value));
        Assert.Equal("t.conf:3", section.All("allow").First().Place.ToString());
        Assert.True(section.All("allow").First().IsInherited);
        Assert.Empty(config.Problems);
    }

    [Fact]
    public void A_section_inherits_what_its_base_held_at_that_line()
    {
        var config = Read("""
            [base](!)
            a=1
            [x](base)
            [base](+TEMPLATES=include)
            b=2
            [y](base)
            """);

        Assert.Null(config.Named("x").Single()["b"]);
        Assert.Equal("2", config.Named("y").Single()["b"]);
    }

    [Fact]
    public void An_addition_goes_to_the_section_that_its_filter_names()
    {
        var config = Read("""
            [trunk]
            type=endpoint
            [trunk]
            type=aor
            [trunk](+type=aor)
            contact=sip:192.0.2.1
            """);

        Assert.Null(config.Named("trunk").First()["contact"]);
        Assert.Equal("sip:192.0.2.1", config.Named("trunk").Last()["contact"]);
    }

    [Fact]
    public void An_append_goes_to_the_last_value_of_that_name()
    {
        var config = Read("""
            [a]
            x=1
            x=2
            x += ,3
            y += 4
            """);

        Assert.Equal(["1", "2 ,3"], config.Named("a").Single().All("x").Select(setting => setting.Value));
        Assert.Equal("4", config.Named("a").Single()["y"]);
    }

    // Each as a real Asterisk 22.10.1 read it; ReaderAgainstAsteriskTests makes hundreds more.
    [Theory]
    [InlineData("[t](!)|a=1|[t](+)|b=2", null)]
    [InlineData("[t](!)|a=1|[t](+TEMPLATES=include)|b=2|[x](t)", "[x] a=1 b=2")]
    [InlineData("[t]|a=1|[t](!,+)|b=2|[x](t)", "[x] a=1 b=2")]
    [InlineData("[t]|a=1|[t](+,!)|b=2|[x](t)", "[x] a=1 b=2")]
    [InlineData("[t]|type=endpoint|[t]|type=aor|[t](+type=^a)|b=2|[t](+type=end.*)|c=2", "[t] type=endpoint c=2 [t] type=aor b=2")]
    [InlineData("[t]|type=endpoint|[t]|type=aor|[t](+type=o)|b=2", "[t] type=endpoint b=2 [t] type=aor")]
    [InlineData("[t]|type=endpoint|[t](+TYPE=endpoint)|b=2", null)]
    [InlineData("[t]|type=endpoint|[t](+type)|b=2", null)]
    [InlineData("[t]|type=endpoint|[t](+type=)|b=2", "[t] type=endpoint b=2")]
    [InlineData("[T](!)|a=1|[x](t)|c=3|[X](+)|d=4", "[x] a=1 c=3 d=4")]
    [InlineData("[first]|f=1|[t](!)|a=1|[x](t,)|[y]()", "[first] f=1 [x] a=1 f=1 [y] f=1")]
    [InlineData("[t](!)|a=1|[x](t, u)", null)]
    [InlineData("[t]|x=1|x=2|x=1|x+=9|w=|w=a|w=|w+=b|X+=5", "[t] x=19 x=2 x=1 w=b w=a w= X=5")]
    [InlineData("junk|[t]|x=1", null)]
    [InlineData("[]|a=1|[](+)|b=1", "[] a=1 b=1")]
    public void A_file_is_read_as_Asterisk_reads_it(string lines, string? expected)
    {
        var config = Read(lines.Replace('|', '\n') + "\n");

        var read = string.Join(' ', config.Sections.Select(section => string.Join(' ', section.Settings.Select(setting => $"{setting.Name}={setting.Value}").Prepend($"[{section.Name}]"))));
        Assert.Equal(expected, config.Problems.Any(problem => problem.StopsReading) ? null : read);
    }

    [Fact]
    public void What_stands_behind_the_plus_may_be_alternatives_with_blanks() =>
        Assert.Equal("1", Read("[t]\ntype=a1\n[t](+ type = b|a )\nx=1\n").Named("t").Single()["x"]);

    [Fact]
    public void A_mistake_in_an_included_file_ends_that_file_alone_and_one_in_the_first_file_all()
    {
        var files = new MemoryFiles()
            .With("/c/a.conf", "[t]\nx=1\n#include b.conf\ny=1\n")
            .With("/c/b.conf", "b=1\n[open\nc=1\n");

        var problem = Assert.Single(AsteriskConfig.Read("a.conf", "/c", files).Problems);

        Assert.Equal("b.conf:2", problem.Place.ToString());
        Assert.True(problem.StopsReading);
    }

    [Fact]
    public void A_block_comment_that_never_ends_hides_the_next_file_of_the_same_include()
    {
        var files = new MemoryFiles()
            .With("/c/a.conf", "[t]\n#include d/*\ny=1\n")
            .With("/c/d/1.conf", "b=1\n;-- c=1\n")
            .With("/c/d/2.conf", "d=1\n--; e=1\n[u]\nf=1\n")
            .With("/c/d/3.conf", "g=1\n");

        var config = AsteriskConfig.Read("a.conf", "/c", files);

        Assert.Equal(["b", "e", "y"], config.Named("t").Single().Settings.Select(static setting => setting.Name));
        Assert.Equal(["f", "g"], config.Named("u").Single().Settings.Select(static setting => setting.Name));
    }

    [Fact]
    public void Ten_includes_are_followed_one_in_the_other_and_the_eleventh_is_told()
    {
        var files = new MemoryFiles();
        for (var i = 0; i < 15; i++)
        {
            files.With($"/c/{i}.conf", $"{(i == 0 ? "[t]\n" : "")}l{i}=1\n#tryinclude {i + 1}.conf\n");
        }

        var config = AsteriskConfig.Read("0.conf", "/c", files);

        Assert.Equal("l10", Assert.Single(config.Sections).Settings[^1].Name);
        Assert.False(Assert.Single(config.Problems).StopsReading);
    }

    [Fact]
    public void Two_files_whose_names_look_alike_are_two_files()
    {
        var files = new MemoryFiles().With("/c/t.conf", "[t]\n#include a*\n").With("/c/a\tb.conf", "x=1\n").With("/c/a\\u0009b.conf", "y=1\n");

        var config = AsteriskConfig.Read("t.conf", "/c", files);

        Assert.Equal(3, config.Files.Select(static file => file.Name).Distinct().Count());
    }

    [Fact]
    public void A_file_that_is_there_and_not_read_is_not_called_missing()
    {
        var files = new UnreadableFiles(new MemoryFiles().With("/c/t.conf", "[t]\n#include big.conf\n").With("/c/big.conf", "x=1\n"), "/c/big.conf");

        var problem = Assert.Single(AsteriskConfig.Read("t.conf", "/c", files).Problems);

        Assert.True(problem is { IsUnread: true, StopsReading: false });
    }

    // Each of them is some kilobytes in an archive.
    [Theory]
    [InlineData("", "a=b\n", 4_000_000)]
    [InlineData("", "[a]\n", 3_000_000)]
    [InlineData("[t](!)\na=1\nb=2\nc=3\nd=4\n", "[a](t,t,t,t,t,t,t,t)\n", 100_000)]
    [InlineData("[a]\n#include u.conf\n", "#include u.conf\n", 1_000_000)]
    [InlineData("", "[a](b,c,d,e,f,g,h,i,j,k)\n", 200_000)]
    public void More_than_any_PBX_has_is_read_up_to_a_bound_and_told(string head, string unit, int times)
    {
        var files = new MemoryFiles().With("/c/t.conf", $"{head}[s]\n{string.Concat(Enumerable.Repeat(unit, times))}").With("/c/u.conf", string.Concat(Enumerable.Repeat("a=b\n", 1_000)));

        var config = AsteriskConfig.Read("t.conf", "/c", files);

        Assert.Single(config.Problems, static problem => problem.IsUnread && problem.Text.EndsWith("left out", StringComparison.Ordinal));
        Assert.InRange(config.Sections.Sum(static section => 1 + section.Settings.Count) + config.Problems.Count, 1, ReadingBounds.MaxSettings + 2);
    }

    [Fact]
    public void The_bound_is_one_for_all_files_of_a_PBX()
    {
        var files = new MemoryFiles();
        foreach (var name in (string[])["pjsip.conf", "sip.conf", "iax.conf", "manager.conf"])
        {
            files.With($"/etc/asterisk/{name}", "[a]\n" + string.Concat(Enumerable.Repeat("a=b\n", 400_000)));
        }

        var pbx = new PbxSnapshot("/etc/asterisk", files, null, new Dictionary<string, string>());

        Assert.InRange(((string[])["pjsip.conf", "sip.conf", "iax.conf", "manager.conf"]).Sum(name => pbx.Config(name).Sections.Sum(static section => section.Settings.Count)), 800_000, ReadingBounds.MaxSettings);
        Assert.Equal(["iax.conf", "manager.conf"], pbx.LeftOut.Select(static told => told.Split(':')[0]));
    }

    [Fact]
    public void Sections_that_inherit_share_what_they_inherit()
    {
        var config = Read("[t](!)\na=1\n[x](t)\n[y](t)\n[t](!,+TEMPLATES=include)\na+=2\n[z](t)\n");

        Assert.Same(config.Named("x").Single().Find("a"), config.Named("y").Single().Find("a"));
        Assert.Equal("12", config.Named("z").Single()["a"]);
    }

    [Theory]
    [InlineData("x=1\nx+=1\n", 60_000)]
    [InlineData("[t](+type=a)\n", 60_000)]
    [InlineData("[t]\n[t](+b)\n", 30_000)]
    public void Additions_to_much_that_stands_above_are_bounded_and_told(string unit, int times)
    {
        var text = "[t]\ntype=a\n" + string.Concat(Enumerable.Repeat(unit, times));

        var time = ProcessorTime.Of(() => Read(text));

        Assert.True(time < TimeSpan.FromSeconds(5), $"{time.TotalSeconds} s");
    }

    [Fact]
    public void Includes_are_relative_to_the_directory_and_go_on_in_the_open_section()
    {
        var files = new MemoryFiles()
            .With("/etc/asterisk/pjsip.conf", "[a]\n#include \"sub/one.conf\"\nz=3\n#tryinclude missing.conf\n#include d/*.conf\n")
            .With("/etc/asterisk/sub/one.conf", "x=1\n[b]\ny=2\n#include two.conf\n")
            .With("/etc/asterisk/two.conf", "w=4\n")
            .With("/etc/asterisk/d/1.conf", "[c]\n")
            .With("/etc/asterisk/d/2.conf", "[d]\n");

        var config = AsteriskConfig.Read("pjsip.conf", "/etc/asterisk/", files);

        Assert.Empty(config.Problems);
        Assert.Equal(["a", "b", "c", "d"], config.Sections.Select(section => section.Name));
        Assert.Equal("1", config.Named("a").Single()["x"]);
        Assert.Equal("sub/one.conf:1", config.Named("a").Single().Find("x")!.Place.ToString());
        Assert.Equal("3", config.Named("a").Single()["z"]);
        Assert.Equal("4", config.Named("b").Single()["w"]);
        Assert.Equal("two.conf:1", config.Named("b").Single().Find("w")!.Place.ToString());
    }

    [Fact]
    public void A_missing_include_an_unknown_base_and_a_stray_setting_are_told()
    {
        var config = Read("x=1\n#include nope.conf\n[a](ghost)\n[b](+)\n#exec /bin/true\n");

        Assert.Equal(["t.conf:1", "t.conf:2", "t.conf:3", "t.conf:4", "t.conf:5"], config.Problems.Select(problem => problem.Place.ToString()));
        Assert.Equal([true, true, true, true, false], config.Problems.Select(problem => problem.StopsReading));
    }

    [Fact]
    public void A_cycle_of_includes_ends_and_is_told()
    {
        var files = new MemoryFiles().With("/c/a.conf", "[a]\n#include b.conf\n").With("/c/b.conf", "#include a.conf\n");

        var config = AsteriskConfig.Read("a.conf", "/c", files);

        Assert.Equal("b.conf:1: #include a.conf includes itself: Asterisk reads it again, until 11 files are open", Assert.Single(config.Problems).ToString());
        Assert.Equal(2, config.Files.Count);
    }

    [Fact]
    public void Files_that_include_the_next_many_times_do_not_explode()
    {
        var files = new MemoryFiles();
        for (var i = 0; i < 9; i++)
        {
            files.With($"/c/{i}.conf", string.Concat(Enumerable.Repeat($"#include {i + 1}.conf\n", 50)));
        }

        AsteriskConfig.Read("0.conf", "/c", files.With("/c/9.conf", "[x]\n"));

        Assert.InRange(files.Reads, 1, ReadingBounds.MaxFiles + 2);
    }

    [Fact]
    public void Templates_that_double_each_time_do_not_explode()
    {
        var text = "[t0](!)\na=1\n" + string.Concat(Enumerable.Range(1, 60).Select(i => $"[t{i}](!,t{i - 1},t{i - 1})\n"));

        var config = Read(text);

        Assert.Contains(config.Problems, static problem => problem.Text.EndsWith("settings together; the rest is left out", StringComparison.Ordinal));
    }

    [Fact]
    public void Hostile_text_is_read_without_an_exception()
    {
        var random = new Random(3);
        for (var round = 0; round < 500; round++)
        {
            var text = System.Text.Encoding.Latin1.GetString(AsteriskFileTests.Hostile(random, 500));
            var files = new MemoryFiles().With("/c/t.conf", text).With("/c/a", text).With("/c/ab", "[a]\n" + text);

            var config = AsteriskConfig.Read("t.conf", "/c", files);

            Assert.All(config.Problems, problem => Assert.DoesNotContain(problem.ToString(), char.IsControl));
        }
    }

    private static AsteriskConfig Read(string text) => AsteriskConfig.Read("t.conf", "/c", new MemoryFiles().With("/c/t.conf", text));

    private sealed class UnreadableFiles(IConfigFiles files, string path) : IConfigFiles
    {
        public IReadOnlyList<string> Match(string pattern) => files.Match(pattern);

        public byte[]? Read(string asked) => asked == path ? null : files.Read(asked);
    }
}

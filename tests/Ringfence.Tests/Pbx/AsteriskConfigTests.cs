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
            [base](+)
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

        Assert.Equal(["1", "2,3"], config.Named("a").Single().All("x").Select(setting => setting.Value));
        Assert.Equal("4", config.Named("a").Single()["y"]);
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

        Assert.Equal("b.conf:1: #include a.conf includes itself", Assert.Single(config.Problems).ToString());
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

        Assert.True(files.Reads < 2_000);
    }

    [Fact]
    public void Templates_that_double_each_time_do_not_explode()
    {
        var text = "[t0](!)\na=1\n" + string.Concat(Enumerable.Range(1, 60).Select(i => $"[t{i}](!,t{i - 1},t{i - 1})\n"));

        var config = Read(text);

        Assert.Contains(config.Problems, problem => problem.Text.Contains("inherited", StringComparison.Ordinal));
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
}

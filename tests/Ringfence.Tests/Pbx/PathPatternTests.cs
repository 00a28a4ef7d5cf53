using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Pbx;

/// <summary>As a real Asterisk 22.10.1 took each of them in #include.</summary>
public sealed class PathPatternTests
{
    [Theory]
    [InlineData("/c/[ab].conf", "a b", "a b c")]
    [InlineData("/c/{d,c}.conf", "d c", "c d")]
    [InlineData("/c/{b*,a*}.conf", "b a1 a2", "a1 a2 b")]
    [InlineData("/c/{b,zz}.conf", "b", "b")]
    [InlineData("/c/\\g.conf", "g", "g")]
    [InlineData("/c/\\*.conf", "*", "* b")]
    [InlineData("/c/\\[a].conf", "[a]", "[a] a")]
    [InlineData("/c/\\{a,b}.conf", "{a,b}", "{a,b} a b")]
    [InlineData("/c/{a\\,b,c}.conf", "a,b c", "a b c a,b")]
    [InlineData("/c/{}.conf", "{}", "{}")]
    [InlineData("/c/{a}.conf", "a", "a {a}")]
    [InlineData("/c/x{,y}.conf", "x xy", "x xy")]
    [InlineData("/c/{x,{p,q}z}.conf", "x pz qz", "pz qz x")]
    [InlineData("/c/[[:digit:]].conf", "1", "1 a ] x")]
    [InlineData("/c/[!0-9].conf", "] a x", "1 a ] x")]
    [InlineData("/c/[^a].conf", "1", "1 a")]
    [InlineData("/c/[]x].conf", "] x", "1 a ] x")]
    [InlineData("/c/a[.conf", "a[", "a[ a")]
    [InlineData("/c/{a.conf", "{a", "{a a")]
    [InlineData("/c/*.conf", "J i", "i J .h")]
    [InlineData("/c/?h.conf", "", ".h")]
    [InlineData("/c/[.]h.conf", "", ".h")]
    [InlineData("/c/.h*.conf", ".h", ".h")]
    [InlineData("/c/s*/../b.conf", "s1/../b s2/../b", "b s1/x s2/x")]
    [InlineData("/c/*/x.conf", "s1/x", ".s/x s1/x x")]
    [InlineData("/c/a*b*c.conf", "abbc abc", "abc abbc ab acb")]
    public void A_pattern_finds_the_files_that_Asterisk_finds(string pattern, string expected, string files)
    {
        var there = files.Split(' ').Select(name => $"/c/{name}.conf").ToList();

        var found = PathPattern.Match(pattern, directory => Names(there, directory), path => there.Contains(path.Replace("s1/../", "", StringComparison.Ordinal).Replace("s2/../", "", StringComparison.Ordinal)), static _ => true);

        Assert.Equal(expected, string.Join(' ', found.Select(path => path["/c/".Length..^".conf".Length])));
    }

    [Fact]
    public void An_escaped_path_finds_itself_and_nothing_else() =>
        Assert.Equal(["/c/[a]{b,c}*?\\.conf"], PathPattern.Match(PathPattern.Escape("/c/[a]{b,c}*?\\.conf"), static _ => ["a", "b", "[a]{b,c}*?\\.conf"], static _ => true, static _ => true));

    [Fact]
    public void Braces_that_double_without_end_and_links_to_their_own_directory_are_bounded()
    {
        var asked = 0;

        PathPattern.Match("/" + string.Concat(Enumerable.Repeat("{a,b}", 60)), static _ => [], path => asked++ < 0, static _ => true);
        PathPattern.Match(string.Concat(Enumerable.Repeat("/*", 40)), _ => Enumerable.Range(0, 20).Select(static i => $"link{i}"), static _ => true, path => asked++ >= 0);
        PathPattern.Match("/" + string.Concat(Enumerable.Repeat("*a", 2_000)), static _ => [new string('a', 255)], path => asked++ < 0, static _ => true);

        Assert.InRange(asked, 1, 2_000_000);
    }

    private static IEnumerable<string> Names(List<string> files, string directory) =>
        files.Where(path => path.StartsWith(directory + "/", StringComparison.Ordinal)).Select(path => path[(directory.Length + 1)..].Split('/')[0]).Distinct();
}

using System.Text;
using Ringfence.Core.Configuration;
using Xunit;

namespace Ringfence.Tests.Configuration;

public sealed class ConfigEditTests
{
    private static readonly (string, string)[] Hep = [("listen", "127.0.0.1:9060"), ("password", "a;b")];

    [Theory]
    [InlineData("", "[hep]\nlisten = 127.0.0.1:9060\npassword = a\\;b\n")]
    [InlineData("[bans]\nx = 1", "[bans]\nx = 1\n\n[hep]\nlisten = 127.0.0.1:9060\npassword = a\\;b\n")]
    [InlineData("[hep]\n; mine\npassword = old\n\n[bans]\n", "[hep]\n; mine\npassword = a\\;b\nlisten = 127.0.0.1:9060\n\n[bans]\n")]
    [InlineData("[hep]\n;listen = 1\n;password = 2\nother = 3\n", "[hep]\nlisten = 127.0.0.1:9060\npassword = a\\;b\nother = 3\n")]
    [InlineData("[wire]\nlisten = 1\n[hep]", "[wire]\nlisten = 1\n[hep]\nlisten = 127.0.0.1:9060\npassword = a\\;b")]
    public void The_keys_stand_in_their_section_and_all_else_stays(string before, string after) => Assert.Equal(after, ConfigEdit.Set(before, "hep", Hep));

    [Fact]
    public void Whatever_the_text_the_edit_ends_is_found_again_and_a_second_one_changes_nothing()
    {
        var random = new Random(11);
        string[] pieces = ["[hep]", "[ami]", "\n", "\n", "\n", "listen", " = ", ";", "password = x", "[", "]", " ", "\u00fc", "#include x"];
        for (var i = 0; i < 20_000; i++)
        {
            var before = string.Concat(Enumerable.Range(0, random.Next(25)).Select(_ => pieces[random.Next(pieces.Length)]));

            var once = ConfigEdit.Set(before, "hep", Hep);

            Assert.Contains("listen = 127.0.0.1:9060", once, StringComparison.Ordinal);
            Assert.Equal(once, ConfigEdit.Set(once, "hep", Hep));
            Assert.InRange(Encoding.UTF8.GetByteCount(once), 1, Encoding.UTF8.GetByteCount(before) + 100);
        }
    }
}

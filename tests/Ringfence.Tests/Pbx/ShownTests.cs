using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Pbx;

public sealed class ShownTests
{
    [Theory]
    [InlineData("from-trunk-type=friend secret=Test9Secret host=192.0.2.1", "from-trunk-type=friend secret=(not shown) host=192.0.2.1")]
    [InlineData("PASSWORD = Test9Secret", "PASSWORD = (not shown)")]
    [InlineData("secret=", "secret=")]
    [InlineData("no secret here", "no secret here")]
    public void A_password_in_a_name_is_not_told(string text, string shown) => Assert.Equal(shown, Shown.Text(text));

    [Fact]
    public void Two_files_are_two_whatever_their_names_hold()
    {
        var files = new MemoryFiles()
            .With("/etc/asterisk/pjsip.conf", "#include secret=Test9One.conf\n#include secret=Test9Two.conf\n")
            .With("/etc/asterisk/secret=Test9One.conf", "[1]\ntype=aor\n")
            .With("/etc/asterisk/secret=Test9Two.conf", "[2]\ntype=aor\n");

        Assert.Equal(3, AsteriskConfig.Read("pjsip.conf", "/etc/asterisk", files).Files.Select(static file => file.Name).Distinct().Count());
    }
}

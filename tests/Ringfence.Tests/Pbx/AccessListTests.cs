using System.Net.Sockets;
using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Pbx;

/// <summary>Asterisk's lists of addresses. The claims about 22.10.1 were measured by logging in to the manager interface of one.</summary>
public sealed class AccessListTests
{
    [Theory]
    [InlineData("", true, true)]
    [InlineData("permit=203.0.113.9", true, true)]
    [InlineData("deny=0.0.0.0/0.0.0.0", false, true)]
    [InlineData("deny=0.0.0.0/0\ndeny=::/0\npermit=203.0.113.9", false, false)]
    [InlineData("permit=203.0.113.9\ndeny=0.0.0.0/0", false, true)]
    [InlineData("deny=0.0.0.0/0.0.0.0\npermit=0.0.0.0/0.0.0.0", true, true)]
    [InlineData("deny=0.0.0.0/0,::/0", false, false)]
    [InlineData("permit=!0.0.0.0/0", false, true)]
    [InlineData("acl=office", false, true)]
    [InlineData("acl=none", false, false)]
    [InlineData("permit=0.0.0.0/0\nacl=office", false, true)]
    public void Whether_strangers_come_in(string lines, bool over4, bool over6)
    {
        var list = Read(lines)!;

        Assert.Equal(over4, list.AllowsStrangers(AddressFamily.InterNetwork));
        Assert.Equal(over6, list.AllowsStrangers(AddressFamily.InterNetworkV6));
    }

    [Theory]
    [InlineData("permit=pbx.example.com")]
    [InlineData("deny=0.0.0.0/1\ndeny=128.0.0.0/1")]
    [InlineData("deny=0.0.0.0/255.0.255.0")]
    [InlineData("permit=192.0.2.1/99")]
    public void What_is_not_a_network_is_not_guessed(string lines) => Assert.Null(Read(lines));

    [Fact]
    public void A_list_that_nobody_wrote_refuses_nobody_where_there_is_no_file_of_lists()
    {
        var list = Read("acl=none", hasLists: false)!;

        Assert.True(list.AllowsStrangers(AddressFamily.InterNetwork));
    }

    [Theory]
    [InlineData("deny=0.0.0.0/0.0.0.0\npermit=127.0.0.1/255.255.255.0", true)]
    [InlineData("deny=0.0.0.0/0.0.0.0\npermit=127.0.0.1\npermit=192.0.2.1", false)]
    [InlineData("permit=127.0.0.1", false)]
    [InlineData("deny=0.0.0.0/0\npermit=127.0.0.0/7", false)]
    public void Whether_only_this_machine_comes_in(string lines, bool expected) => Assert.Equal(expected, Read(lines)?.IsLoopbackOnly ?? false);

    private static AccessList? Read(string lines, bool hasLists = true)
    {
        var files = new MemoryFiles().With("/etc/asterisk/manager.conf", $"[user]\n{lines}\n");
        if (hasLists)
        {
            files.With("/etc/asterisk/acl.conf", "[office]\ndeny=0.0.0.0/0\npermit=192.0.2.0/24\n");
        }

        var pbx = new PbxSnapshot("/etc/asterisk", files, null, new Dictionary<string, string>());
        return AccessList.Read(pbx.Config("manager.conf").Named("user").Single(), pbx);
    }
}

using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Pbx;

public sealed class ControlSocketTests
{
    [Theory]
    [InlineData("", "/var/run/asterisk/asterisk.ctl", false)]
    [InlineData("[files]\nastctlpermissions = 0660\nastctlgroup = asterisk\n", "/var/run/asterisk/asterisk.ctl", true)]
    [InlineData("[files]\nastctlpermissions = 775\n", "/var/run/asterisk/asterisk.ctl", true)]
    [InlineData("[files]\nastctlpermissions = 0755\n", "/var/run/asterisk/asterisk.ctl", false)]
    [InlineData("[files](!)\nastctlpermissions = 0660\n", "/var/run/asterisk/asterisk.ctl", false)]
    [InlineData("[directories]\nastrundir => /srv/run/\n[files]\nastctl = pbx.ctl\nastctlpermissions = rw\n", "/srv/run/pbx.ctl", false)]
    public void The_socket_is_where_asterisk_conf_says_and_open_to_the_group_only_when_it_says_so(string text, string path, bool isOpen)
    {
        var socket = ControlSocket.Read("/c", new MemoryFiles().With("/c/asterisk.conf", text));

        Assert.Equal((path, isOpen), (socket.Path, socket.IsOpenToGroup));
    }
}

using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Pbx;

public sealed class HepConfTests
{
    private const string Module = "/usr/lib/x86_64-linux-gnu/asterisk/modules/res_hep_pjsip.so";

    // As Debian ships it.
    private const string Sample = "[general]\nenabled = no\ncapture_address = 192.168.1.1:9061\ncapture_password = foo\n";

    [Theory]
    [InlineData("", "Off")]
    [InlineData(Sample, "Off")]
    [InlineData("[general]\nenabled = yes\n", "Off")]
    [InlineData("[general]\ncapture_address = 192.0.2.5:9060\n", "Other")]
    [InlineData("[general]\nenabled = yes\ncapture_address = 127.0.0.1:9060\n", "Other")]
    public void A_hep_conf_is_ours_only_if_init_wrote_it(string text, string state) =>
        Assert.Equal(state, Read(new MemoryFiles().With("/a/hep.conf", text)).State.ToString());

    [Fact]
    public void What_is_written_is_read_again_as_our_own()
    {
        var hep = Read(new MemoryFiles().With("/a/hep.conf", HepConf.Text("secret")));

        Assert.Equal((HepState.Own, HepConf.Address, "secret"), (hep.State, hep.CaptureAddress, hep.Password));
    }

    [Fact]
    public void Without_the_module_there_is_no_hep()
    {
        Assert.Equal(HepState.Absent, HepConf.Read("/a", new MemoryFiles().With("/a/hep.conf", HepConf.Text("secret"))).State);
        Assert.Equal(HepState.Absent, Read(new MemoryFiles().With("/a/asterisk.conf", "[directories]\nastmoddir => /opt/modules\n")).State);
        Assert.Equal(HepState.Off, Read(new MemoryFiles().With("/a/asterisk.conf", "[directories]\nastmoddir => /opt/modules/\n").With("/opt/modules/res_hep_pjsip.so", "")).State);
    }

    [Fact]
    public void That_the_module_is_missing_is_known_only_where_other_modules_are_seen()
    {
        Assert.False(HepConf.Read("/a", new MemoryFiles()).IsModuleDirectorySeen);
        Assert.True(HepConf.Read("/a", new MemoryFiles().With("/usr/lib/asterisk/modules/res_pjsip.so", "")).IsModuleDirectorySeen);
    }

    [Fact]
    public void Modules_are_loaded_by_name_only_where_nothing_loads_them_by_itself()
    {
        Assert.Empty(Read(new MemoryFiles().With("/a/modules.conf", "[modules]\nautoload = yes\n")).Unloaded);
        const string Text = "; mine\n[modules]\nautoload = no\nload = res_hep.so\n";

        var hep = Read(new MemoryFiles().With("/a/modules.conf", Text));

        Assert.Equal(["res_hep_pjsip.so"], hep.Unloaded);
        Assert.Equal("; mine\n[modules]\nload = res_hep_pjsip.so\nautoload = no\nload = res_hep.so\n", hep.ModulesText(Text));
        Assert.Null(hep.ModulesText("autoload = no\n"));
        Assert.Equal("modules.conf:3", Read(new MemoryFiles().With("/a/modules.conf", "[modules]\nautoload=yes\nnoload = res_hep.so\n")).Forbidden.ToString());
    }

    private static HepConf Read(MemoryFiles files) => HepConf.Read("/a", files.With(Module.Replace("x86_64-linux-gnu/", "", StringComparison.Ordinal), ""));
}

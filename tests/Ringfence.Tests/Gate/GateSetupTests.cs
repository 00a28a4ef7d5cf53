using System.Net;
using Ringfence.Core.Configuration;
using Ringfence.Core.Gate;
using Ringfence.Core.Numbers;
using Ringfence.Core.Pbx;
using Ringfence.Tests.Pbx;
using Xunit;

namespace Ringfence.Tests.Gate;

public sealed class GateSetupTests
{
    private static readonly DiallingRules Rules = new(NumberPlans.BuiltIn.Of("DE")!, ["0"]);

    private static readonly GateSettings Settings = new() { Listen = new IPEndPoint(IPAddress.Loopback, GateSettings.DefaultPort) };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_printed_is_as_it_would_be_printed_whatever_its_comments_and_blanks(bool freePbx)
    {
        var printed = Print(Settings, Rules, freePbx);
        var edited = string.Join('\n', printed.Split('\n').Where(static line => !line.StartsWith(';')).Select(static line => line.Replace(" same => n", "  same=>n", StringComparison.Ordinal) + " ; ours"));

        Assert.Empty(GateSetup.Problems(Pbx(printed), printed, ""));
        Assert.Empty(GateSetup.Problems(Pbx(edited), printed, ""));
    }

    [Fact]
    public void What_the_configuration_says_otherwise_now_is_told_with_the_line()
    {
        var old = Print(Settings with { Announce = "tt-weasels" }, Rules);

        Assert.Contains("[ringfence-denied] is not what would be printed now: Playback(tt-weasels,noanswer) stands where Hangup(", Only(old, Print(Settings, Rules)), StringComparison.Ordinal);
        Assert.Contains("TIMEOUT(absolute)=2) stands where", Only(Print(Settings, Rules), Print(Settings with { Timeout = TimeSpan.FromSeconds(5) }, Rules)), StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:4573/gate/", Only(Print(Settings, Rules), Print(Settings with { Listen = new IPEndPoint(IPAddress.Loopback, 4574) }, Rules)), StringComparison.Ordinal);
        Assert.Contains("[ringfence-emergency] lacks 05555, 5555, which would be printed now", Only(Print(Settings, Rules), Print(Settings with { Emergency = ["5555"] }, Rules)), StringComparison.Ordinal);
        Assert.Contains("[ringfence-emergency] has 05555, 5555, which would not be printed now", Only(Print(Settings with { Emergency = ["5555"] }, Rules), Print(Settings, Rules)), StringComparison.Ordinal);
        Assert.Contains("[ringfence-alone] has ", Only(Print(Settings, Rules), Print(Settings with { Fail = GateFail.Closed }, Rules)), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_guard_is_another_machine_its_address_is_nobodys_mistake()
    {
        var elsewhere = Settings with { Listen = new IPEndPoint(IPAddress.Any, GateSettings.DefaultPort) };

        Assert.Empty(GateSetup.Problems(Pbx(Print(elsewhere, Rules).Replace("0.0.0.0:4573", "192.0.2.9:4573", StringComparison.Ordinal)), Print(elsewhere, Rules), ""));
    }

    [Fact]
    public void A_file_that_nothing_includes_and_none_at_all_are_told_apart()
    {
        var printed = Print(Settings, Rules);
        var files = new MemoryFiles().With("/etc/asterisk/extensions.conf", "[phones]\n");

        Assert.Contains("there is no context [ringfence-gate]: no call", Only(files, printed), StringComparison.Ordinal);
        Assert.Contains("no #include brings ringfence-gate.conf", Only(files.With("/etc/asterisk/ringfence-gate.conf", printed), printed), StringComparison.Ordinal);
        Assert.Contains("Asterisk refuses extensions.conf as a whole: ", Only(new MemoryFiles().With("/etc/asterisk/extensions.conf", "#include ringfence-gate.conf\n"), printed), StringComparison.Ordinal);
        Assert.Empty(GateSetup.Problems(Snapshot(files.With("/etc/asterisk/extensions.conf", "#include ringfence-gate.conf\n")), printed, ""));
    }

    [Theory]
    [InlineData("autoload = yes\nnoload = res_agi.so", "", "res_agi is not loaded: Asterisk ends calls at AGI()")]
    [InlineData("load = pbx_config.so\nload = func_rand.so\nload = func_timeout.so\nload = func_strings.so\nload = func_dialplan.so\nload = func_callerid.so\nload = func_channel.so\nload = app_stack.so", "", "res_agi is not loaded: Asterisk ends calls at AGI()")]
    [InlineData("autoload = yes\nnoload = func_callerid.so\nnoload = func_channel.so\nnoload = app_playback.so", "", "func_callerid, func_channel are not loaded: the gate's lines need that")]
    [InlineData("autoload = yes\nnoload = app_playback.so", "tt-weasels", "app_playback is not loaded: the gate's lines need that")]
    [InlineData("autoload = yes", "tt-weasels", null)]
    public void A_module_that_modules_conf_leaves_out_is_told_once(string modules, string announce, string? told)
    {
        var printed = Print(Settings with { Announce = announce }, Rules);
        var problems = GateSetup.Problems(Snapshot(Files(printed).With("/etc/asterisk/modules.conf", $"[modules]\n{modules}\n")), printed, "");

        Assert.Equal(told is null ? [] : [told], problems.Select(static problem => problem.Text));
    }

    [Fact]
    public void Trunks_between_own_sites_are_let_out_by_the_dialplan_alone_and_their_names_write_nothing_into_it()
    {
        var printed = Print(Settings, Rules with { InsideTrunks = ["branch", "a\"]?leave)"] });

        Assert.Contains("\n same => n,GotoIf($[\"${ARG1}\" = \"branch\"]?leave)\n", printed, StringComparison.Ordinal);
        Assert.DoesNotContain("a\"", printed, StringComparison.Ordinal);
        Assert.Contains("GotoIf(", Only(Print(Settings, Rules), printed), StringComparison.Ordinal);
    }

    private static string Only(string there, string now) => Assert.Single(GateSetup.Problems(Pbx(there), now, "")).Text;

    private static string Only(MemoryFiles files, string now) => Assert.Single(GateSetup.Problems(Snapshot(files), now, "")).Text;

    [Fact]
    public void The_lines_that_stand_before_Dial_cut_off_an_outside_line_where_people_dial_one_and_nothing_else()
    {
        var home = NumberPlans.BuiltIn.Of("DE")!;
        Assert.Contains("Set(RINGFENCE_NUMBER=${EXTEN})\n", Print(new GateSettings { Listen = new(IPAddress.Loopback, 4573) }, new DiallingRules(home, [])), StringComparison.Ordinal);
        Assert.Contains("Set(RINGFENCE_NUMBER=${EXTEN:1})\n", Print(new GateSettings { Listen = new(IPAddress.Loopback, 4573) }, new DiallingRules(home, ["0"])), StringComparison.Ordinal);
    }

    private static string Print(GateSettings settings, DiallingRules rules, bool freePbx = false) => GateDialplan.Text(settings, settings.Listen!.ToString(), rules, NumberPlans.BuiltIn, freePbx);

    private static PbxSnapshot Pbx(string lines) => Snapshot(Files(lines));

    private static MemoryFiles Files(string lines) => new MemoryFiles().With("/etc/asterisk/extensions.conf", lines);

    private static PbxSnapshot Snapshot(MemoryFiles files) => new("/etc/asterisk", files, null, new Dictionary<string, string>());
}

using Ringfence.Api;
using Xunit;

namespace Ringfence.Tests.Api;

/// <summary>Which processes are this machine's guard, and what is known of them, from files as those of /proc.</summary>
public sealed class RunningGuardTests : IDisposable
{
    private const string Shell = "0::/user.slice/user-0.slice/session-1.scope\n";
    private readonly string _proc = Directory.CreateTempSubdirectory("rf-proc-").FullName;

    public RunningGuardTests() => Add("self", "net:[1]", "mnt:[1]", "", "ringfence\0status\0");

    public void Dispose() => Directory.Delete(_proc, recursive: true);

    [Fact]
    public void A_guard_of_another_network_is_not_this_one_s_and_the_service_is_though_systemd_gives_it_mounts_of_its_own()
    {
        Add("4711", "net:[2]", "mnt:[2]", Shell, "ringfence\0guard\0");
        var other = RunningGuard.Find(_proc);
        Add("4712", "net:[1]", "mnt:[3]", "0::/system.slice/ringfence.service\n", "/usr/bin/ringfence\0guard\0");

        Assert.Null(other);
        Assert.Equal(new GuardProcess(4712, IsService: true, Config: null), RunningGuard.Find(_proc));
    }

    [Fact]
    public void Another_user_s_guard_is_found_though_its_network_is_not_for_us_to_see()
    {
        Add("4711", null, null, Shell, "ringfence\0guard\0--config\0/etc/x.conf\0");

        Assert.Equal(new GuardProcess(4711, IsService: false, "/etc/x.conf"), RunningGuard.Find(_proc));
    }

    [Theory]
    [InlineData("--observe\0--config\0x.conf\0", "/srv/x.conf")]
    [InlineData("--config=../x.conf\0", "/x.conf")]
    [InlineData("--observe\0", null)]
    public void The_configuration_of_a_guard_is_the_file_that_it_read(string arguments, string? expected)
    {
        Add("4711", "net:[1]", "mnt:[1]", Shell, $"ringfence\0guard\0{arguments}");
        File.CreateSymbolicLink($"{_proc}/4711/cwd", "/srv");

        Assert.Equal(expected, RunningGuard.Find(_proc)!.Config);
    }

    private void Add(string id, string? network, string? mounts, string cgroup, string commandLine)
    {
        Directory.CreateDirectory($"{_proc}/{id}/ns");
        File.WriteAllText($"{_proc}/{id}/cgroup", cgroup);
        File.WriteAllText($"{_proc}/{id}/cmdline", commandLine);
        if (network is not null)
        {
            File.CreateSymbolicLink($"{_proc}/{id}/ns/net", network);
            File.CreateSymbolicLink($"{_proc}/{id}/ns/mnt", mounts!);
        }
    }
}

using Ringfence.Core.Configuration;
using Xunit;

namespace Ringfence.Tests.Detection;

public sealed class DoorDetectionTests
{
    private static readonly DoorSettings Sshd = new() { Name = "sshd", Kind = DoorKind.Sshd };

    private static string Failed(int second, string address = "198.51.100.7") =>
        $"Nov 20 23:58:{second:D2} pbx sshd[1]: Failed password for root from {address} port 40022 ssh2\n";

    private static string Refused(int second) =>
        $"[2026-11-20 23:58:{second:D2}] NOTICE[1] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:1001@x>' failed for '198.51.100.7:5060' (callid: {second}) - Failed to authenticate\n";

    [Fact]
    public void Five_wrong_passwords_of_ssh_are_a_ban_that_says_so()
    {
        var trial = new Trial(door: Sshd).Read(string.Concat(Enumerable.Range(0, 5).Select(second => Failed(second))));

        var ban = Assert.Single(trial.Bans);
        Assert.Equal(("RF2001", "5 wrong passwords (sshd) in 4 s"), (ban.Rule, ban.Reason));
        Assert.Equal("root", ban.Evidence[0].Account);
    }

    [Fact]
    public void A_door_is_a_door_also_where_status_asked_for_its_log_before_its_first_line()
    {
        var trial = new Trial(door: Sshd);
        trial.Detector.AddLog("security");

        trial.Read(string.Concat(Enumerable.Range(0, 4).Select(second => Failed(second))));
        trial.Read(string.Concat(Enumerable.Range(10, 4).Select(Refused)), "pbx");
        Assert.Empty(trial.Bans);
        trial.Read(Failed(30));

        Assert.Contains("wrong passwords (sshd) in", Assert.Single(trial.Bans).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_passwords_of_ssh_and_of_a_phone_do_not_add_up()
    {
        var trial = new Trial(door: Sshd);

        trial.Read(string.Concat(Enumerable.Range(0, 4).Select(second => Failed(second))));
        trial.Read(string.Concat(Enumerable.Range(10, 4).Select(Refused)), "pbx");
        Assert.Empty(trial.Bans);

        trial.Read(Failed(30));
        Assert.Single(trial.Bans);
    }

    [Fact]
    public void A_login_clears_what_was_mistyped_before()
    {
        var trial = new Trial(door: Sshd).Read(string.Concat(Enumerable.Range(0, 4).Select(second => Failed(second))));

        trial.Read("Nov 20 23:58:10 pbx sshd[1]: Accepted password for root from 198.51.100.7 port 40022 ssh2\n");
        trial.Read(string.Concat(Enumerable.Range(20, 4).Select(second => Failed(second))));

        Assert.Empty(trial.Bans);
    }

    [Fact]
    public void A_door_has_limits_of_its_own()
    {
        var trial = new Trial(door: Sshd with { Refusals = 2, Window = TimeSpan.FromSeconds(5) });

        trial.Read(Failed(0) + Failed(10) + Failed(20));
        Assert.Empty(trial.Bans);

        trial.Read(Failed(22));
        Assert.Single(trial.Bans);
    }

    [Fact]
    public void One_connection_that_goes_away_is_counted_once()
    {
        var trial = new Trial(door: Sshd with { Refusals = 2 });

        trial.Read("""
            Nov 20 23:58:10 pbx sshd[1]: Invalid user bob from 198.51.100.7 port 40022
            Nov 20 23:58:11 pbx sshd[1]: Failed password for invalid user bob from 198.51.100.7 port 40022 ssh2
            Nov 20 23:58:12 pbx sshd[1]: Connection closed by invalid user bob 198.51.100.7 port 40022 [preauth]

            """);
        Assert.Empty(trial.Bans);

        trial.Read("Nov 20 23:58:12 pbx sshd[1]: Connection closed by invalid user bob 198.51.100.7 port 40023 [preauth]\n");
        Assert.Single(trial.Bans);
    }
}

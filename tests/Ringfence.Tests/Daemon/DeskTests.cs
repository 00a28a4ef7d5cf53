using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Daemon;
using Ringfence.Sources;
using Ringfence.Tests.Wire;
using Xunit;
using static Ringfence.Tests.Detection.Attempts;

namespace Ringfence.Tests.Daemon;

/// <summary>What the operator is told of a running guard.</summary>
public sealed class DeskTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-desk-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task HEP_whose_port_another_program_has_is_blind_and_not_alive()
    {
        using var rig = new PipelineRig(new RingfenceConfig { Hep = new HepSettings { Listen = new IPEndPoint(IPAddress.Loopback, 9060) } });

        var deaf = await DeskOf(rig, new PartReport("hep", "waiting", rig.Time.GetUtcNow(), 2, null, "Address already in use")).StatusAsync(Stop);
        var well = await DeskOf(rig).StatusAsync(Stop);

        var source = Assert.Single(deaf.Sources);
        Assert.Equal((false, "nothing is received: see the part hep"), (source.Alive, source.Problem));
        Assert.True(Assert.Single(well.Sources).Alive);
    }

    [Theory]
    [InlineData("pbx = 10.80.0.1", 0)]
    [InlineData("", 1)]
    public async Task What_a_provider_refuses_to_a_PBX_that_is_another_machine_is_not_its_attack_if_it_is_named(string pbx, int events)
    {
        var config = ConfigReader.Parse("ringfence.conf", $"[hep]\nlisten = 192.0.2.1:9060\npassword = test-password\n{pbx}\n").Config!;
        using var rig = new PipelineRig(config with { Hep = config.Hep with { Password = [] } });

        await rig.WriteHepAsync(WireRig.Guess("a"), isOfPbx: true);
        await rig.WriteHepAsync(WireRig.Answer("a"));
        await rig.ReadAsync("");

        Assert.Equal(events, rig.Pipeline.Events);
    }

    [Fact]
    public async Task What_is_not_enough_for_a_ban_is_told_with_how_much_would_be()
    {
        using var rig = new PipelineRig();
        await rig.ReadAsync(Many(3, i => WrongPassword(i, account: i == 2 ? "10\e02" : "1001")) + Many(2, i => Notice(i, "Failed to authenticate", $"{i}@x")) + WrongPassword(3, "198.51.100.8"));
        rig.Time.Advance(TimeSpan.FromSeconds(12));
        var desk = DeskOf(rig);

        var why = await desk.WhyAsync(Network.Parse(Stranger)!.Value, Stop);
        var all = await desk.WatchedAsync(Stop);
        rig.Time.Advance(TimeSpan.FromMinutes(11));

        var watched = Assert.Single(why.Watched);
        Assert.Equal(("password_refused", 3, 5, 600L, Time(2)), (watched.Event, watched.Count, watched.Enough!.Value, watched.WithinSeconds, watched.Last));
        Assert.Equal([@"10\x1b02", "1001"], watched.Accounts);
        Assert.Equal([Stranger, "198.51.100.8"], all.Watched.Select(one => one.Subject.ToString()));
        Assert.Empty((await desk.WatchedAsync(Stop)).Watched);
    }

    [Fact]
    public async Task Status_counts_what_the_list_of_bans_holds()
    {
        using var rig = new PipelineRig();
        var now = rig.Time.GetUtcNow();
        Ban Ban(string subject, bool throttles) => new(0, now, Network.Parse(subject)!.Value, "RF2001", "x", now.AddHours(1), 1) { Throttles = throttles };
        await rig.Pipeline.ActAsync([Ban("192.0.2.1", false), Ban("192.0.2.2", false), Ban("192.0.2.3", true)], Stop);
        var desk = DeskOf(rig);

        var status = await desk.StatusAsync(Stop);
        var bans = (await desk.BansAsync(Stop)).Bans;

        Assert.Equal((2, 1), (status.Bans, status.Throttles));
        Assert.Equal((status.Bans, status.Throttles), (bans.Count(ban => !ban.Throttles), bans.Count(ban => ban.Throttles)));
        Assert.Equal(bans.Count(ban => ban is { Throttles: false, State: "observed" }), status.Observed);
    }

    [Fact]
    public async Task Status_of_a_pipeline_that_stands_still_says_so_and_does_not_wait_for_it()
    {
        using var rig = new PipelineRig();
        var desk = DeskOf(rig, new PartReport("pipeline", "running", rig.Time.GetUtcNow(), 0, null, null));
        var well = await desk.StatusAsync(Stop);
        var stuck = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var turn = rig.Pipeline.InTurnAsync(() => stuck.Task, Stop);

        rig.Time.Advance(TimeSpan.FromSeconds(12));
        var status = await desk.StatusAsync(Stop);
        stuck.SetResult(true);
        await turn;

        Assert.Null(Assert.Single(well.Parts).Problem);
        Assert.StartsWith("it has stood still for 12 s: ", Assert.Single(status.Parts).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, " (in the kernel only)")]
    [InlineData(false, "")]
    public async Task Who_is_unbanned_inside_a_network_that_is_banned_too_is_not_called_free(bool isOfKernelAlone, string where)
    {
        using var rig = new TrustRig();
        var host = TrustRig.Host("203.0.113.5");
        await rig.Pipeline.ActAsync(isOfKernelAlone ? [rig.Ban("203.0.113.5")] : [rig.Ban("203.0.113.5"), rig.Ban("203.0.113.0/24"), rig.Ban("203.0.0.0/16")], Stop);
        rig.Firewall.Kernel.Add(TrustRig.Host("203.0.113.0/24"));
        var desk = new Desk(rig.Pipeline, rig.Journal, rig.Firewall, rig.ByHand, rig.Keeper, () => [], () => [], rig.Clock);

        var would = await desk.UnbanAsync(host, dryRun: true, Stop);
        var change = await desk.UnbanAsync(host, dryRun: false, Stop);

        const string Cure = "To free them all: ringfence unban 203.0.113.0/24; this one alone: ringfence trust 203.0.113.5";
        Assert.Equal($"203.0.113.5 is not banned by itself any more, but still with all of 203.0.113.0/24{where}. {Cure}", change.Message);
        Assert.Equal($"203.0.113.5 would not be banned by itself any more, but still with all of 203.0.113.0/24{where}. {Cure}", would.Message);
        Assert.DoesNotContain(host, rig.Firewall.Kernel);
    }

    [Fact]
    public async Task Who_is_banned_for_his_neighbours_alone_is_told_how_he_is_let_in_without_them()
    {
        using var rig = new TrustRig();
        await rig.Pipeline.ActAsync([rig.Ban("203.0.113.0/24", "RF2011")], Stop);
        var desk = new Desk(rig.Pipeline, rig.Journal, rig.Firewall, rig.ByHand, rig.Keeper, () => [], () => [], rig.Clock);

        var refused = await Assert.ThrowsAsync<RefusedException>(async () => await desk.UnbanAsync(TrustRig.Host("203.0.113.50"), dryRun: false, Stop));

        Assert.Equal("203.0.113.50 is banned with all of 203.0.113.0/24. To free them all: ringfence unban 203.0.113.0/24; this one alone: ringfence trust 203.0.113.50", refused.Message);
    }

    [Theory]
    [InlineData("RF2011", "203.0.113.0/24 is free with it: no rule bans a network in which somebody is trusted. Who is banned by himself there stays so.", "203.0.113.0/24 would be free with it", false)]
    [InlineData("operator", "203.0.113.0/24 stays banned without it.", "203.0.113.0/24 would stay banned without it.", true)]
    public async Task What_becomes_of_a_banned_network_in_which_somebody_is_trusted_is_said_as_it_is_done(string rule, string said, string would, bool staysBanned)
    {
        using var rig = new TrustRig();
        await rig.Pipeline.ActAsync([rig.Ban("203.0.113.0/24", rule), rig.Ban("203.0.113.4")], Stop);
        var desk = new Desk(rig.Pipeline, rig.Journal, rig.Firewall, rig.ByHand, rig.Keeper, () => [], () => [], rig.Clock);

        var dry = await desk.TrustAsync(new TrustRequest(TrustRig.Host("203.0.113.50"), null, "", true), Stop);
        var change = await desk.TrustAsync(new TrustRequest(TrustRig.Host("203.0.113.50"), null, "", false), Stop);

        Assert.StartsWith($"203.0.113.50 would be trusted for ever. {would}", dry.Message, StringComparison.Ordinal);
        Assert.Equal($"203.0.113.50 is trusted for ever. {said}", change.Message);
        Assert.Equal(staysBanned, rig.Firewall.Kernel.Any(banned => banned.Contains(TrustRig.Host("203.0.113.200"))));
        Assert.DoesNotContain(rig.Firewall.Kernel, banned => banned.Contains(TrustRig.Host("203.0.113.50")));
        Assert.Contains(TrustRig.Host("203.0.113.4"), rig.Firewall.Kernel);
    }

    private Desk DeskOf(PipelineRig rig, params PartReport[] parts)
    {
        var config = new RingfenceConfig { AsteriskDirectory = _directory, Trust = new TrustSettings { Contacts = false, SshPeers = false } };
        var byHand = new OperatorTrust(Path.Combine(_directory, "trust.json"), rig.Time, NullLogger<OperatorTrust>.Instance);
        var keeper = new TrustKeeper(
            config, rig.Pipeline, byHand, new DnsNames([], rig.Time, NullLogger<DnsNames>.Instance), new AsteriskCli("asterisk", _directory, rig.Time), rig.Time, NullLogger<TrustKeeper>.Instance);
        return new Desk(rig.Pipeline, rig.Recorded, rig.Recorded, byHand, keeper, () => [], () => parts, rig.Time)
        {
            Pulse = new Pulse(() => rig.Pipeline.Turns, rig.Time),
        };
    }
}

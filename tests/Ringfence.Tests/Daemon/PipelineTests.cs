using Ringfence.Core.Decisions;
using Ringfence.Tests.Detection;
using Xunit;

namespace Ringfence.Tests.Daemon;

public sealed class PipelineTests : IDisposable
{
    private static readonly string Attack = Attempts.Many(5, i => Attempts.WrongPassword(i));
    private readonly PipelineRig _rig = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private List<string> Acts => _rig.Recorded.Acts;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_ban_is_in_the_journal_with_how_far_the_log_was_read_before_it_is_in_the_kernel()
    {
        await _rig.ReadAsync(Attack);

        Assert.Equal(["journal ban 198.51.100.7", $"journal position {Attack.Length}", "kernel ban 198.51.100.7", "journal enforced"], Acts);
    }

    [Fact]
    public async Task A_ban_that_the_kernel_refuses_is_in_force_as_failed_so_that_it_is_shown_and_put_in_later()
    {
        _rig.Recorded.Answer = OutcomeKind.Failed;

        await _rig.ReadAsync(Attack);

        Assert.Equal("journal failed", Acts[^1]);
        Assert.Equal(OutcomeKind.Failed, _rig.Pipeline.Bans.Of(PipelineRig.Subject(Attempts.Stranger), Attempts.Time(10))?.Outcome);
    }

    [Fact]
    public async Task An_attack_by_a_trusted_address_is_told_and_bans_nobody()
    {
        await _rig.Pipeline.TrustAsync(Trusting("office"), Stop);

        await _rig.ReadAsync(Attack);

        Assert.Equal("office", Assert.IsType<Spare>(Assert.Single(_rig.Recorded.Decisions)).Trust);
        Assert.Equal(0, _rig.Pipeline.Bans.CountAt(Attempts.Time(10), throttles: false).All);
    }

    [Fact]
    public async Task Who_becomes_trusted_is_free_and_the_journal_says_by_what()
    {
        await _rig.ReadAsync(Attack);

        await _rig.Pipeline.TrustAsync(Trusting("registered contact of 1001"), Stop);

        var unban = Assert.IsType<Unban>(_rig.Recorded.Decisions[^1]);
        Assert.Equal(("trust", "trusted now: registered contact of 1001", true), (unban.Rule, unban.Reason, unban.Forgives));
        Assert.Equal(["journal unban 198.51.100.7", "kernel unban 198.51.100.7", "journal enforced"], Acts[^3..]);
        Assert.Equal(0, _rig.Pipeline.Bans.CountAt(Attempts.Time(10), throttles: false).All);
    }

    [Fact]
    public async Task Trust_that_comes_by_itself_does_not_lift_what_the_operator_banned()
    {
        var subject = PipelineRig.Subject(Attempts.Stranger);
        await _rig.Pipeline.ActAsync([_rig.Pipeline.Amendments.BanByHand(subject, Attempts.Time(0), null, "enough")], Stop);

        await _rig.Pipeline.TrustAsync(Trusting("registered contact of 1001"), Stop);

        Assert.NotNull(_rig.Pipeline.Bans.Of(subject, Attempts.Time(0)));
        Assert.DoesNotContain(Acts, act => act.Contains("unban", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_network_is_cut_around_a_part_without_forgiving_those_inside()
    {
        await _rig.ReadAsync(Attack);
        var network = PipelineRig.Subject("198.51.100.0/30");
        var wide = new Ban(0, Attempts.Time(0), network, Operator.Rule, "enough", Attempts.Time(3600), 1);

        var decisions = _rig.Pipeline.Amendments.CutOut(PipelineRig.Subject("198.51.100.1"), [wide], Attempts.Time(60), "trusted by hand");

        Assert.False(Assert.IsType<Unban>(decisions[0]).Forgives);
        Assert.Equal(
            [("198.51.100.2/31", Attempts.Time(60), Attempts.Time(3600)), ("198.51.100.0", Attempts.Time(60), Attempts.Time(3600))],
            decisions.OfType<Ban>().Select(ban => (ban.Subject.ToString(), ban.Time, ban.Until!.Value)));
        Assert.All(decisions.OfType<Ban>(), ban => Assert.Equal("enough (198.51.100.0/30 without 198.51.100.1)", ban.Reason));
    }

    [Fact]
    public async Task What_was_in_force_before_the_start_is_in_the_kernel_first_and_in_force_again()
    {
        var ban = new Ban(7, Attempts.Time(-60), PipelineRig.Subject("203.0.113.9"), "RF2001", "", Attempts.Time(60), 1);
        _rig.Recorded.Before.Add(ban);

        await _rig.Pipeline.RestoreAsync(TrustList.Empty, Stop);

        Assert.Equal(["kernel begins with 203.0.113.9"], Acts);
        Assert.Equal(1, _rig.Pipeline.Bans.CountAt(Attempts.Time(0), throttles: false).All);
        Assert.Equal(0, _rig.Pipeline.Bans.CountAt(Attempts.Time(60), throttles: false).All);
    }

    [Fact]
    public async Task A_journal_that_was_removed_gets_the_bans_in_force_again()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await _rig.Pipeline.ActAsync([_rig.Pipeline.Amendments.BanByHand(PipelineRig.Subject("203.0.113.9"), Attempts.Time(0), null, "enough")], Stop);
        Acts.Clear();
        _rig.Recorded.IsReopened = true;

        var running = _rig.Pipeline.RunAsync(stop.Token);
        await _rig.Time.NextTimerAsync();
        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(SpinWait.SpinUntil(() => Acts.Count == 2, TimeSpan.FromSeconds(30)));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.EndAsync());

        Assert.Equal(["journal ban 203.0.113.9", "journal enforced"], Acts);
    }

    [Fact]
    public async Task A_log_that_runs_ahead_of_the_clock_makes_no_ban_longer()
    {
        await _rig.ReadAsync(Attempts.Many(5, i => Attempts.WrongPassword(7200 + i)));

        var ban = Assert.IsType<Ban>(Assert.Single(_rig.Recorded.Decisions));
        Assert.InRange(ban.Until!.Value, Attempts.Time(3600), Attempts.Time(3600 * 1.1 + 1));
    }

    private static TrustList Trusting(string reason) => new([new TrustEntry(PipelineRig.Subject(Attempts.Stranger), reason, TrustSource.Contact)]);
}

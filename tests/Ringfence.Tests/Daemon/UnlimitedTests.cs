using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Tests.Detection;
using Xunit;

namespace Ringfence.Tests.Daemon;

/// <summary>Who meets no limit in the kernel, as the pipeline tells it.</summary>
public sealed class UnlimitedTests : IDisposable
{
    private static readonly TrustList Office = new([new TrustEntry(PipelineRig.Subject("192.0.2.0/24"), "office", TrustSource.Configured)]);
    private readonly PipelineRig _rig = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private List<IReadOnlyCollection<Network>> Told => _rig.Recorded.Unlimited;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task The_firewall_knows_who_is_trusted_before_it_begins_and_whenever_that_changes()
    {
        await _rig.Pipeline.RestoreAsync(Office, Stop);
        Assert.Contains(PipelineRig.Subject("192.0.2.0/24"), Told[^1]);

        await _rig.Pipeline.TrustAsync(TrustList.Empty, Stop);

        Assert.DoesNotContain(PipelineRig.Subject("192.0.2.0/24"), Told[^1]);
    }

    [Fact]
    public async Task Who_logged_in_meets_no_limit_for_an_hour()
    {
        var phone = PipelineRig.Subject(Attempts.Stranger);
        await _rig.Pipeline.TrustAsync(Office, Stop);
        Assert.DoesNotContain(phone, Told[^1]);

        await _rig.ReadAsync(Attempts.Login(0));
        await _rig.Pipeline.TendAsync(Stop);
        Assert.Contains(phone, Told[^1]);

        _rig.Time.Advance(TimeSpan.FromMinutes(61));
        await _rig.Pipeline.TendAsync(Stop);
        Assert.DoesNotContain(phone, Told[^1]);
        Assert.Contains(PipelineRig.Subject("192.0.2.0/24"), Told[^1]);
    }

    [Fact]
    public async Task Who_was_refused_meets_the_limits()
    {
        await _rig.Pipeline.TrustAsync(Office, Stop);

        await _rig.ReadAsync(Attempts.WrongPassword(0));
        await _rig.Pipeline.TendAsync(Stop);

        Assert.Single(Told);
    }

    [Fact]
    public async Task Nothing_is_told_while_nothing_changes()
    {
        await _rig.Pipeline.TrustAsync(Office, Stop);
        await _rig.Pipeline.TendAsync(Stop);
        await _rig.Pipeline.TrustAsync(Office, Stop);

        Assert.Single(Told);
    }

    [Fact]
    public async Task Before_the_list_is_whole_a_login_does_not_replace_what_an_earlier_guard_told()
    {
        await _rig.Pipeline.RestoreAsync(Office, Stop);

        await _rig.ReadAsync(Attempts.Login(0));
        await _rig.Pipeline.TendAsync(Stop);

        Assert.Single(Told);
    }

    [Fact]
    public async Task A_flood_is_in_the_journal_and_bans_nobody()
    {
        await _rig.Pipeline.TendAsync(Stop);
        _rig.Recorded.Dropped = (0, 100_000);
        _rig.Time.Advance(TimeSpan.FromSeconds(1));

        await _rig.Pipeline.TendAsync(Stop);

        Assert.Equal("RF2017", Assert.IsType<Alert>(Assert.Single(_rig.Recorded.Decisions)).Rule);
    }
}

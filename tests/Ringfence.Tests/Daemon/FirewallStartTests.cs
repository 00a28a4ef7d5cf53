using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Daemon;
using Ringfence.Enforcement;
using Xunit;

namespace Ringfence.Tests.Daemon;

public sealed class FirewallStartTests
{
    private static readonly FirewallException Slow = new("nftables: nft did not end within 8 s and was killed");

    private readonly ManualTime _time = new();
    private int _tries;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_nft_that_is_slow_once_at_boot_is_tried_again_and_the_guard_enforces()
    {
        var starting = New().TryAsync(() => ++_tries < 3 ? throw Slow : Task.CompletedTask, Stop);
        await PassAsync(2);

        await starting.EndAsync();
        Assert.Equal(3, _tries);
    }

    [Fact]
    public async Task After_half_a_minute_it_is_given_up()
    {
        var starting = New().TryAsync(() => throw Slow, Stop);
        await PassAsync(6);

        await Assert.ThrowsAsync<FirewallException>(() => starting.EndAsync());
    }

    [Fact]
    public async Task What_no_waiting_cures_is_tried_once()
    {
        await Assert.ThrowsAsync<FirewallException>(() => New().TryAsync(() => ++_tries > 0 ? throw new FirewallException("no permission") { IsLasting = true } : Task.CompletedTask, Stop));

        Assert.Equal(1, _tries);
    }

    [Fact]
    public async Task A_guard_that_observes_because_nft_was_slow_ends_as_soon_as_it_can_enforce_and_not_before()
    {
        var waiting = New().AwaitAsync(_ => ++_tries < 3 ? throw Slow : Task.CompletedTask, Stop);
        await PassAsync(2);
        Assert.False(waiting.IsCompleted);
        await PassAsync(1);

        await Assert.ThrowsAsync<WorldFailedException>(() => waiting.EndAsync());
    }

    private FirewallStart New() => new(_time, NullLogger.Instance);

    private async Task PassAsync(int pauses)
    {
        for (; pauses > 0; pauses--)
        {
            _time.Advance(await _time.NextTimerAsync());
        }
    }
}

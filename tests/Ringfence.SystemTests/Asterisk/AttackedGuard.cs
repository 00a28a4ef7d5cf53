using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>A guard that watches what an administrator would have it watch, new for each test, and attackers before it.</summary>
public abstract class AttackedGuard : IClassFixture<AsteriskLab>, IAsyncLifetime
{
    private GuardProcess? _guard;

    protected AttackedGuard(AsteriskLab lab)
    {
        ArgumentNullException.ThrowIfNull(lab);
        lab.Require();
        Requires.Tool("nft");
        Lab = lab;
    }

    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    private protected AsteriskLab Lab { get; }

    private protected GuardProcess Guard => _guard!;

    public async ValueTask InitializeAsync() => _guard = await GuardProcess.StartAsync(Lab, Stop);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_guard is not null)
        {
            await _guard.DisposeAsync();
        }
    }

    /// <summary>Guesses passwords until the kernel bans him.</summary>
    /// <returns>How many of his guesses came before the one that nobody answered.</returns>
    private protected async Task<int> AttackAsync(string source, SipTransport transport, SipRequest request)
    {
        var attempts = await Guesses.UntilBannedAsync(
            async number =>
            {
                using var attacker = Lab.Attack(source, transport);
                return await attacker.LogInAsync(request with { Tag = SipRequest.Fresh() }, $"guess{number}", Stop, limit: SipClient.Silence) is not null;
            },
            () => Guard.HasBannedAsync(source, Stop), TimeSpan.Zero, Stop);

        // The last guess may be in the log and not yet in the kernel.
        Assert.True(await Eventually.HoldsAsync(() => Guard.HasBannedAsync(source, Stop), TimeSpan.FromSeconds(30), Stop), Guard.Said);
        return attempts;
    }

    /// <summary>Runs a tool until the kernel bans its address.</summary>
    private protected async Task AttackWithAsync(string tool, string source)
        => Assert.True(await AttackTools.UntilBannedAsync(Lab, Guard, tool, source, Stop), Guard.Said);

    private protected async Task<bool> IsAnsweredAsync(string source, SipTransport transport)
    {
        using var sender = Lab.Attack(source, transport);
        return await sender.IsAnsweredAsync(Stop);
    }

    private protected async Task AssertOnlyBannedAsync(string source)
    {
        var expected = new HashSet<Network> { Address.Parse(source)!.Value.Subject };
        Assert.Equal(expected, await Guard.BansAsync(Stop));
        Assert.Equal(expected, await Guard.KernelBansAsync(Stop));
    }
}

using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>A guard that watches what an administrator would have it watch, new for each test, and attackers before it.</summary>
public abstract class AttackedGuard : IClassFixture<AsteriskLab>, IAsyncLifetime
{
    // The preset office calls 5 refusals an attack; some of these requests are refused twice, some tools send one per run.
    private protected const int MostAttempts = 20;

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

    private protected async Task<int> AttackAsync(string source, SipTransport transport, SipRequest request)
    {
        for (var attempt = 1; attempt <= MostAttempts; attempt++)
        {
            using var attacker = Lab.Attack(source, transport);
            if (await attacker.LogInAsync(request with { Tag = SipRequest.Fresh() }, $"guess{attempt}", Stop) is null)
            {
                return attempt;
            }
        }

        // The last guess may be in the log and not yet in the kernel.
        await Eventually.HoldsAsync(async () => !await IsAnsweredAsync(source, transport), TimeSpan.FromSeconds(2), Stop);
        return MostAttempts;
    }

    /// <summary>Runs a tool until nobody answers its address; a run is short, and on a busy machine may end before it began to attack.</summary>
    private protected async Task AttackWithAsync(string tool, string source)
    {
        for (var run = 0; run < MostAttempts && await IsAnsweredAsync(source, SipTransport.Udp); run++)
        {
            await AttackTools.RunAsync(Lab, tool, source, Stop);
        }
    }

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

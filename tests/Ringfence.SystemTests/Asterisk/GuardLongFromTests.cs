using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>A From that does not fit into the 512 bytes that Asterisk has for it in its notice hides nobody, even where that notice is all there is.</summary>
public sealed class GuardLongFromTests : IClassFixture<AsteriskLab>, IAsyncLifetime
{
    private readonly AsteriskLab _lab;
    private GuardProcess _guard = null!;

    public GuardLongFromTests(AsteriskLab lab)
    {
        lab.Require();
        Requires.Tool("nft");
        _lab = lab;
    }

    public enum Part
    {
        Parameter,
        Parameters,
        DisplayName,
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _guard = await GuardProcess.StartAsync(_lab, Stop, "messages");

    public ValueTask DisposeAsync() => _guard.DisposeAsync();

    [Theory]
    [InlineData(Part.Parameter)]
    [InlineData(Part.Parameters)]
    [InlineData(Part.DisplayName)]
    public async Task A_brute_force_over_TCP_with_a_long_From_is_banned_by_the_notice_alone(Part part)
    {
        var source = AsteriskLab.Attacker(40 + (int)part);
        var uri = $"sip:1001@{AsteriskLab.World}";
        var from = part switch
        {
            Part.Parameter => $"<{uri};x={new string('A', 600)}>",
            Part.Parameters => $"<{uri};p={new string('A', 420)};q={new string('A', 200)}>",
            _ => $"\"{new string('A', 600)}\" <{uri}>",
        };
        var attempts = await Guesses.UntilBannedAsync(
            async number =>
            {
                using var attacker = _lab.Attack(source, SipTransport.Tcp);
                var request = new SipRequest("REGISTER", "1001") { From = $"{from};tag={SipRequest.Fresh()}", CallId = "a)\u00ff" + SipRequest.Fresh() };
                return await attacker.LogInAsync(request, $"guess{number}", Stop, limit: SipClient.Silence) is not null;
            },
            () => _guard.HasBannedAsync(source, Stop), pause: null, Stop);

        Assert.True(attempts < Guesses.Most, _guard.Said);
        await Guesses.AssertBannedAsync(_guard, source, "unproven", _lab.Log("messages"), Stop);
    }
}

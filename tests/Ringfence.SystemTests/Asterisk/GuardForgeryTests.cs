using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>No text that an attacker wrote gets another address banned; the guard watches every log there is, the mixed ones too.</summary>
public sealed class GuardForgeryTests : IClassFixture<AsteriskLab>, IAsyncLifetime
{
    // Nobody: these addresses never send. The phone's is not registered, so that trust can't hide a mistake.
    private static readonly string[] Victims = ["192.0.2.7", "10.81.0.30"];

    private readonly AsteriskLab _lab;
    private GuardProcess _guard = null!;

    public GuardForgeryTests(AsteriskLab lab)
    {
        lab.Require();
        Requires.Tool("nft");
        _lab = lab;
    }

    public static TheoryData<string> Forgeries => [.. Forgery.All.Select(forgery => forgery.Name)];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
        => _guard = await GuardProcess.StartAsync(_lab, Stop, "security_json", "security", "security_plain", "notice", "messages", "full");

    public ValueTask DisposeAsync() => _guard.DisposeAsync();

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task An_address_that_only_an_attackers_text_names_is_never_banned(string name)
    {
        var forgery = Forgery.All.Single(forgery => forgery.Name == name);
        var senders = Enumerable.Range(34, 4).Select(AsteriskLab.Attacker).ToList();

        // Several senders, since each is banned after its first few packets.
        foreach (var sender in senders)
        {
            using var attacker = _lab.Attack(sender, SipTransport.Udp);
            for (var packet = 0; packet < 6; packet++)
            {
                await attacker.SendAsync(forgery.Packet(Victims[packet % Victims.Length], attacker.Local), Stop);
            }
        }

        // Asterisk logs in order: once this is there, so is all of the above.
        await LogLastAsync();
        Assert.True(await _guard.HasReadAllAsync(Stop), "the guard did not read its logs to the end");
        var allowed = senders.Select(sender => Address.Parse(sender)!.Value.Subject).ToHashSet();
        Assert.Subset(allowed, (await _guard.BansAsync(Stop)).ToHashSet());
        Assert.Subset(allowed, (await _guard.KernelBansAsync(Stop)).ToHashSet());
    }

    private async Task LogLastAsync()
    {
        using var phone = _lab.PhoneAt(AsteriskLab.Phone(21), SipTransport.Udp);
        var from = _lab.LengthOf("security_json");
        await phone.AskAsync(new SipRequest("OPTIONS", "1005") { CallId = "the-last-one" }, Stop);
        Assert.Contains("the-last-one", await _lab.AppendedAsync("security_json", from, "the-last-one", Stop), StringComparison.Ordinal);
    }
}

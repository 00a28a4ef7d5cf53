using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>Whom a phone makes trusted that writes another address into its Via and Contact; the laboratory's endpoints have no rewrite_contact.</summary>
public sealed class GuardContactTests : IClassFixture<AsteriskLab>
{
    private readonly AsteriskLab _lab;

    public GuardContactTests(AsteriskLab lab)
    {
        lab.Require();
        Requires.Tool("nft");
        _lab = lab;
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, "1001", 51, 52)]
    [InlineData(false, "1002", 53, 54)]
    public async Task A_lie_in_Via_and_Contact_is_believed_only_where_nobody_saw_the_login(bool isSeen, string account, int liar, int named)
    {
        if (!isSeen)
        {
            await RegisterAsync(account, liar, named);
        }

        await using var guard = await GuardProcess.StartAsync(_lab, Stop);
        if (isSeen)
        {
            await RegisterAsync(account, liar, named);
        }

        var (trusted, other) = isSeen ? (liar, named) : (named, liar);
        Assert.True(await Eventually.HoldsAsync(async () => (await ContactsAsync(guard)).Contains(Subject(trusted)), TimeSpan.FromSeconds(90), Stop), guard.Said);
        Assert.DoesNotContain(Subject(other), await ContactsAsync(guard));
    }

    private async Task RegisterAsync(string account, int liar, int named)
    {
        using var phone = _lab.Attack(AsteriskLab.Attacker(liar), SipTransport.Udp);
        var request = new SipRequest("REGISTER", account) { CallId = SipRequest.Fresh() };
        var lie = $"{AsteriskLab.Attacker(named)}:5060";
        var challenge = await phone.AskAsync(request.ToBytes(phone.Host, lie, SipTransport.Udp), Stop);
        var second = request with
        {
            Sequence = 2,
            Branch = "z9hG4bK" + SipRequest.Fresh(),
            Authorization = Digest.Answer(challenge!, "REGISTER", request.RequestUri(phone.Host), account, AsteriskLab.PasswordOf(account)),
        };
        Assert.Equal(200, (await phone.AskAsync(second.ToBytes(phone.Host, lie, SipTransport.Udp), Stop))?.Status);
    }

    private static async Task<IReadOnlyList<Network>> ContactsAsync(GuardProcess guard)
    {
        using var trust = await guard.AskJsonAsync(Stop, "trust");
        return [.. trust.RootElement.GetProperty("trust").EnumerateArray().Where(entry => entry.GetProperty("source").GetString() == "contact").Select(entry => Network.Parse(entry.GetProperty("subject").GetString()!)!.Value)];
    }

    private static Network Subject(int attacker) => Address.Parse(AsteriskLab.Attacker(attacker))!.Value.Subject;
}

using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>Who guesses passwords or accounts, byte for byte and over each transport, against a guarded Asterisk.</summary>
public sealed class GuardGuesserTests(AsteriskLab lab) : AttackedGuard(lab)
{
    [Theory]
    [InlineData("REGISTER", SipTransport.Udp, "198.51.100.16")]
    [InlineData("REGISTER", SipTransport.Tcp, "198.51.100.17")]
    [InlineData("REGISTER", SipTransport.Tls, "198.51.100.18")]
    [InlineData("INVITE", SipTransport.Udp, "198.51.100.19")]
    [InlineData("INVITE", SipTransport.Tcp, "198.51.100.20")]
    [InlineData("INVITE", SipTransport.Tls, "198.51.100.21")]
    [InlineData("OPTIONS", SipTransport.Udp, "198.51.100.22")]
    [InlineData("REGISTER", SipTransport.Ws, "198.51.100.34")]
    [InlineData("REGISTER", SipTransport.Udp, "2001:db8:bad:5::7")]
    [InlineData("REGISTER", SipTransport.Tcp, "2001:db8:bad:6::7")]
    [InlineData("INVITE", SipTransport.Udp, "2001:db8:bad:7::7")]
    public async Task A_password_guesser_is_banned_but_not_for_one_wrong_password(string method, SipTransport transport, string source)
    {
        var attempts = await AttackAsync(source, transport, new SipRequest(method, "1001") { Target = method == "INVITE" ? "00972599000000" : null });

        Assert.False(await IsAnsweredAsync(source, transport), Guard.Said);
        Assert.InRange(attempts, 2, Guesses.Most);
        await AssertOnlyBannedAsync(source);
    }

    [Theory]
    [InlineData("REGISTER", SipTransport.Udp, "198.51.100.23")]
    [InlineData("REGISTER", SipTransport.Tls, "198.51.100.24")]
    [InlineData("INVITE", SipTransport.Tcp, "198.51.100.25")]
    [InlineData("INVITE", SipTransport.Udp, "2001:db8:bad:8::7")]
    public async Task A_sender_to_accounts_that_nobody_has_is_banned(string method, SipTransport transport, string source)
    {
        await AttackAsync(source, transport, new SipRequest(method, "nobody") { Target = method == "INVITE" ? "00972599000000" : null });

        Assert.False(await IsAnsweredAsync(source, transport), Guard.Said);
        await AssertOnlyBannedAsync(source);
    }
}

using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Daemon;
using Xunit;

namespace Ringfence.Tests.Daemon;

/// <summary>Which registrations end a ban.</summary>
public sealed class TrustedBansTests
{
    private static readonly Network Host = Network.Parse("192.0.2.7/32")!.Value;
    private static readonly TrustEntry Contact = new(Host, "registered contact of 1001", TrustSource.Contact);

    private readonly ManualTime _time = new();
    private readonly BansInForce _bans;
    private readonly JustCutOff _cutOff = new();
    private readonly TrustedBans _trusted;

    public TrustedBansTests()
    {
        _bans = new BansInForce(new Ringfence.SteadyClock(_time));
        _trusted = new TrustedBans(_bans, new Amendments(new Detector(new DetectionSettings()), new BanLedger(new BanSettings(), 1)), _cutOff);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void A_ban_falls_by_a_contact_that_was_seen_to_log_in_and_by_no_phones_own_word(bool isHearsay, bool falls)
    {
        Ban(throttles: false);

        _trusted.Trust = new TrustList([Contact with { IsHearsay = isHearsay }]);

        Assert.Equal(falls, _trusted.Falling(_time.GetUtcNow()).Count == 1);
    }

    [Fact]
    public void A_throttle_falls_by_its_word_too_for_whoever_is_throttled_can_register()
    {
        Ban(throttles: true);

        _trusted.Trust = new TrustList([Contact with { IsHearsay = true }]);

        Assert.Single(_trusted.Falling(_time.GetUtcNow()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_had_the_right_password_among_his_guesses_is_freed_by_no_contact(bool isTrunk)
    {
        Ban(throttles: false);
        _cutOff.Add(Host, _time.GetUtcNow());
        Assert.True(_cutOff.Holds(new PbxEvent { Source = Host.First, TimeTicks = _time.GetUtcNow().UtcTicks + 1 }));

        _trusted.Trust = new TrustList([Contact with { Source = isTrunk ? TrustSource.Trunk : TrustSource.Contact }]);

        Assert.Equal(isTrunk, _trusted.Falling(_time.GetUtcNow()).Count == 1);
    }

    private void Ban(bool throttles) =>
        _bans.Set(new Ban(1, _time.GetUtcNow(), Host, "RF2001", "test", _time.GetUtcNow().AddHours(1), 1) { Throttles = throttles }, OutcomeKind.Enforced, _time.GetUtcNow());
}

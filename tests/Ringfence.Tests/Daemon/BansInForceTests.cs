using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Daemon;
using Ringfence.Tests.Detection;
using Xunit;

namespace Ringfence.Tests.Daemon;

public sealed class BansInForceTests
{
    private static readonly DateTimeOffset Now = Attempts.Time(0);
    private readonly ManualTime _time = new();
    private readonly BansInForce _bans;

    public BansInForceTests()
    {
        _time.SetClock(Now - _time.GetUtcNow());
        _bans = new BansInForce(new SteadyClock(_time));
    }

    [Fact]
    public void A_ban_is_in_force_until_its_end_and_not_at_it()
    {
        Ban("198.51.100.7", Now.AddSeconds(1));

        Assert.NotNull(_bans.Of(Net("198.51.100.7"), Now));
        Assert.Null(_bans.Of(Net("198.51.100.7"), Now.AddSeconds(1)));
        Assert.Empty(_bans.At(Now.AddSeconds(1)));
        Assert.Equal(0, _bans.CountAt(Now.AddSeconds(1), throttles: false).All);
    }

    [Fact]
    public void Of_the_bans_around_an_address_the_smallest_that_is_not_over_answers()
    {
        Ban("198.51.0.0/16", null);
        Ban("198.51.100.0/24", Now.AddSeconds(10));
        Ban("198.51.100.7", Now.AddSeconds(5));

        Assert.Equal(Net("198.51.100.7"), _bans.Over(Net("198.51.100.7"), Now)?.Ban.Subject);
        Assert.Equal(Net("198.51.100.0/24"), _bans.Over(Net("198.51.100.7"), Now.AddSeconds(5))?.Ban.Subject);
        Assert.Equal(Net("198.51.0.0/16"), _bans.Over(Net("198.51.100.7"), Now.AddSeconds(10))?.Ban.Subject);
        Assert.Null(_bans.Over(Net("198.52.0.1"), Now));
    }

    [Fact]
    public void Evidence_is_the_journals_to_keep()
    {
        var evidence = new Core.Detection.Evidence(Now, "/log", 1, EventKind.PasswordRefused, Proof.Unproven, "1001", "text");
        _bans.Set(new Ban(1, Now, Net("198.51.100.7"), "RF2001", "", null, 1) { Evidence = [evidence] }, OutcomeKind.Enforced, Now);

        Assert.Empty(_bans.Of(Net("198.51.100.7"), Now)!.Value.Ban.Evidence);
    }

    [Theory]
    [InlineData(-365)]
    [InlineData(365)]
    [InlineData(-2_900_000)]
    [InlineData(2_900_000)]
    public void Whoever_sets_the_machines_clock_makes_no_ban_longer_or_shorter(int days)
    {
        var by = days < -700_000 ? DateTimeOffset.MinValue - Now : days > 700_000 ? DateTimeOffset.MaxValue - Now : TimeSpan.FromDays(days);
        Ban("198.51.100.7", Now.AddMinutes(1));

        _time.SetClock(by);

        if (Math.Abs(days) < 700_000)
        {
            var shown = Assert.Single(_bans.At(_time.GetUtcNow())).Ban;
            Assert.Equal((Now + by, Now.AddMinutes(1) + by), (shown.Time, shown.Until!.Value));
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.InRange(_bans.CountAt(_time.GetUtcNow(), throttles: false).All, 0, Math.Abs(days) < 700_000 ? 0 : 1);
    }

    [Fact]
    public void A_host_in_the_kernel_is_nobodys_beside_the_ban_of_its_network_and_a_piece_of_a_range_in_it_is_of_that_ban()
    {
        Ban("2001:db8::/48", null);
        Ban("198.51.100.0/24", null);
        ActiveBan[] standing =
        [
            new(Net("198.51.100.7"), null), new(Net("198.51.100.8"), null) { IsPiece = true }, new(Net("203.0.113.9"), null) { IsPiece = true },
            new(Net("2001:db8:0:1::/64"), null) { IsPiece = true },
        ];

        Assert.Equal([Net("198.51.100.7"), Net("203.0.113.9")], _bans.Strangers(standing, Now).Select(ban => ban.Subject));
    }

    private static Network Net(string text) => Network.Parse(text)!.Value;

    private void Ban(string subject, DateTimeOffset? until) => _bans.Set(new Ban(1, Now, Net(subject), "RF2001", "", until, 1), OutcomeKind.Enforced, Now);
}

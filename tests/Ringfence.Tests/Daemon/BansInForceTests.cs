using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Daemon;
using Ringfence.Tests.Detection;
using Xunit;

namespace Ringfence.Tests.Daemon;

public sealed class BansInForceTests
{
    private static readonly DateTimeOffset Now = Attempts.Time(0);
    private readonly BansInForce _bans = new();

    [Fact]
    public void A_ban_is_in_force_until_its_end_and_not_at_it()
    {
        Ban("198.51.100.7", Now.AddSeconds(1));

        Assert.NotNull(_bans.Of(Net("198.51.100.7"), Now));
        Assert.Null(_bans.Of(Net("198.51.100.7"), Now.AddSeconds(1)));
        Assert.Empty(_bans.At(Now.AddSeconds(1)));
        Assert.Equal(0, _bans.CountAt(Now.AddSeconds(1)));
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

    private static Network Net(string text) => Network.Parse(text)!.Value;

    private void Ban(string subject, DateTimeOffset? until) => _bans.Set(new Ban(1, Now, Net(subject), "RF2001", "", until, 1), OutcomeKind.Enforced, Now);
}

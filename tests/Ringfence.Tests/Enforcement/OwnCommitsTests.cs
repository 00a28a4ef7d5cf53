using Ringfence.Enforcement;
using Xunit;

namespace Ringfence.Tests.Enforcement;

public sealed class OwnCommitsTests
{
    [Fact]
    public void A_socket_is_ours_for_good_and_a_run_of_nft_for_one_commit()
    {
        var own = new OwnCommits();
        own.Begin(1);
        own.Expect(2);
        Assert.True(own.IsOurs(1) && own.IsOurs(2));

        own.Close(1);
        own.Close(2);

        Assert.True(own.IsOurs(1));
        Assert.False(own.IsOurs(2));
    }

    [Fact]
    public void A_run_that_nobody_listened_to_is_forgotten()
    {
        var own = new OwnCommits();
        own.Begin(1);
        own.Expect(2);

        own.Forget();

        Assert.True(own.IsOurs(1));
        Assert.False(own.IsOurs(2));
    }
}
